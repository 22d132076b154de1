# SPDX-License-Identifier: GPL-2.0-or-later
# Makes libflattr(3) from the public headers, which document each function, and from libflattr.3.in, which has the rest:
# awk -f libflattr.3.awk flattr.h flattr-objects.h libflattr.3.in
# "@about" stands for what the first header says of the library, "@api" for its sections.

# Keeps a line of the page.
function put(line) { page[into, ++size[into]] = line }

# Keeps text, a sentence a line, as mdoc wants it.
function put_sentences(line) {
    while (match(line, /[.?!] [A-Z@]/)) {
        put(plain(substr(line, 1, RSTART)))
        line = substr(line, RSTART + 2)
    }
    put(plain(line))
}

# A line that mdoc takes as it stands, and none for a macro.
function plain(line) {
    gsub(/\\/, "\\e", line)
    return (line ~ /^[.']/ ? "\\&" : "") line
}

# What a comment says: paragraphs between empty lines; lines that begin with @ARGUMENT: are a list.
function put_text(text,    lines, n, i, is_list, is_gap) {
    n = split(text, lines, "\n")
    for (i = 1; i <= n; i++) {
        if (lines[i] == "") {
            is_gap = 1
            continue
        }
        if (lines[i] ~ /^@[a-z_]+: /) {
            if (!is_list) put(".Bl -tag -width Ds -compact")
            put(".It Fa " substr(lines[i], 2, index(lines[i], ":") - 2))
            sub(/^[^:]*: /, "", lines[i])
            is_list = 1
        } else if (is_gap) {
            if (is_list) put(".El")
            put(".Pp")
            is_list = 0
        }
        is_gap = 0
        put_sentences(lines[i])
    }
    if (is_list) put(".El")
}

function open_list() {
    if (!in_list) put(".Bl -tag -width Ds")
    in_list = 1
}

function close_list() {
    if (in_list) put(".El")
    in_list = 0
}

# Writes the declarations that stand together, and the comment before them.
function flush(    i, n, lines, j) {
    for (i = 1; i <= declared; i++) {
        open_list()
        n = split(declaration[i], lines, "\n")
        gsub(/"/, "\\(dq", lines[1])
        put(".It Li \"" lines[1] "\"")
        if (n > 1) {
            put(".Bd -literal")
            for (j = 2; j <= n; j++) put(plain(lines[j]))
            put(".Ed")
        }
        if (note[i] != "") put_sentences(note[i])
        if (i == (declaration[1] ~ /^typedef/ ? 1 : declared)) {
            if (n > 1 || note[i] != "") put(".Pp")
            put_text(about)
        }
    }
    if (declared) about = ""
    declared = 0
}

# A comment that is whole: of the file, of a section, of what follows it, or between.
function end_comment(    title) {
    sub(/\n*$/, "", comment)
    if (++comments == 2) {
        if (FILENAME ~ /flattr\.h$/) {
            into = "about" # without the line that says its name
            sub(/^[^\n]*(\n[^\n]+)*\n\n/, "", comment)
            put_text(comment)
            into = "api"
        }
    } else if (comment ~ /^--- /) {
        close_list()
        title = comment
        sub(/^--- /, "", title)
        sub(/ ---.*/, "", title)
        sub(/:.*/, "", title)
        put(".Ss " toupper(substr(title, 1, 1)) substr(title, 2))
        sub(/^[^\n]*\n*/, "", comment)
        put_text(comment)
    } else if (is_doc) {
        about = comment
    } else if (comments > 2) {
        close_list()
        put(".Pp")
        put_text(comment)
    }
}

FNR == 1 { close_list(); into = "api"; comments = declared = 0; about = ""; is_header = FILENAME ~ /\.h$/ }
!is_header {
    if ($0 == "@about" || $0 == "@api") {
        for (i = 1; i <= size[substr($0, 2)]; i++) print page[substr($0, 2), i]
    } else print
    next
}

in_comment || /^\/\*/ {
    line = $0
    if (!in_comment) {
        flush()
        is_doc = line ~ /^\/\*\*/
        comment = ""
        sub(/^\/\*\*? ?/, "", line)
    }
    in_comment = line !~ /\*\/$/
    sub(/ ?\*\/$/, "", line)
    sub(/^ \* ?/, "", line)
    comment = comment (comment == "" ? "" : "\n") line
    if (!in_comment) end_comment()
    next
}
/^$/ && partial == "" { flush(); about = ""; next }
/^#define FLATTR_[A-Z_]+[( ]/ {
    line = $0
    sub(/^#define /, "", line)
    if (line ~ /^[A-Z_]+\(/) sub(/\).*/, ")", line)
    else sub(/ .*/, "", line)
    declaration[++declared] = line
    note[declared] = ""
    if ($0 ~ /\\$/) in_macro = 1
    next
}
in_macro { in_macro = $0 ~ /\\$/; next }
/^#/ || /^G_/ || /^extern "C"/ { next }
{
    line = $0
    remark = ""
    if (partial == "" && line ~ /; *\/\*.*\*\/$/) {
        remark = line
        sub(/^.*; *\/\* */, "", remark)
        sub(/ *\*\/$/, "", remark)
        sub(/; *\/\*.*$/, ";", line)
    }
    is_body = partial ~ /\{/ || line ~ /\{/
    if (!is_body) sub(/^ +/, "", line)
    partial = partial == "" ? line : partial (is_body ? "\n" : " ") line
    if (partial ~ /;$/ && (partial !~ /\{/ || partial ~ /\n\}[^\n]*;$/)) {
        sub(/;$/, "", partial)
        declaration[++declared] = partial
        note[declared] = remark
        partial = ""
    }
}
