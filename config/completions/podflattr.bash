# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for podflattr, which knows itself what can follow

_podflattr() {
    local before=${COMP_LINE:0:COMP_POINT} word words lines line
    # A word is what blanks are around: bash would cut addresses at their colons.
    word=${before##*[[:space:]]}
    read -ra words <<<"${before%"$word"}"
    mapfile -t lines < <("${COMP_WORDS[0]}" complete -- "${words[@]:1}" "$word" 2>/dev/null)
    COMPREPLY=()
    local shown=${word%"${word##*:}"}
    for line in "${lines[@]}"; do
        line=${line%%$'\t'*}
        COMPREPLY+=("$(printf '%q' "${line#"$shown"}")")
    done
}
complete -o bashdefault -o default -F _podflattr podflattr
