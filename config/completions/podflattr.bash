# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for podflattr, which knows itself what can follow

_podflattr() {
    local before=${COMP_LINE:0:COMP_POINT} word line kept
    local -a words lines
    # A word is what blanks are around, unless a backslash is in front of them: bash would cut addresses at their colons.
    # shellcheck disable=SC2162 # the backslashes are to be read
    IFS=$' \t' read -a words <<<"$before"
    [[ $before != *[^\\][[:blank:]] ]] || words+=('')
    word=${words[-1]}
    mapfile -t lines < <("${COMP_WORDS[0]}" complete -- "${words[@]:1}" 2>/dev/null)
    COMPREPLY=()
    # Of the word, bash replaces what stands behind the last of these.
    kept=${word%"${word##*[:=]}"}
    for line in "${lines[@]}"; do
        # Only where they are listed, and not put into the line, it can be said what they are.
        if [[ $line == *$'\t'* && ${COMP_TYPE-} == @(63|33|64) ]] && ((${#lines[@]} > 1)); then
            line=${line#"$kept"}
            COMPREPLY+=("${line%%$'\t'*}  (${line#*$'\t'})")
        else
            line=${line%%$'\t'*}
            COMPREPLY+=("$(printf '%q' "${line#"$kept"}")")
        fi
    done
}
complete -o bashdefault -o default -o nosort -F _podflattr podflattr
