# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for podflattr, which knows itself what can follow

_podflattr() {
    local word=${COMP_LINE:0:COMP_POINT} lines line
    # A word is what blanks are around: bash would cut addresses at their colons.
    word=${word##*[[:space:]]}
    local words=("${COMP_WORDS[@]:1:COMP_CWORD-1}")
    mapfile -t lines < <("${COMP_WORDS[0]}" complete -- "${words[@]}" "$word" 2>/dev/null)
    COMPREPLY=()
    local shown=${word%"${word##*:}"}
    for line in "${lines[@]}"; do
        line=${line%%$'\t'*}
        COMPREPLY+=("$(printf '%q' "${line#"$shown"}")")
    done
}
complete -o bashdefault -o default -F _podflattr podflattr
