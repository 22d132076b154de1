# SPDX-License-Identifier: GPL-2.0-or-later
# Makes podflattr.conf(5) from config/podflattr.conf, which is the program's own table of settings (a test compares them), and
# from podflattr.conf.5.in, which has the rest: awk -f podflattr.conf.5.awk podflattr.conf podflattr.conf.5.in
# A catalogue of translations before the last file has what the settings do in another language: ... podflattr.conf de.po IN.

BEGIN {
    word["default"] = "The default is"
    word["duration"] = "duration"
    word["text"] = "text"
}

# Prints text a sentence a line, as mdoc wants it, and no line that begins like a macro.
function write_sentences(text,    parts, n, i) {
    n = split(text, parts, /[.] /)
    for (i = 1; i <= n; i++) print (parts[i] ~ /^[.']/ ? "\\&" : "") parts[i] (i < n ? "." : "")
}

# How a value is written, where podflattr.conf.5.in does not say.
function value_form(value, choices) {
    if (choices != "") return "Cm " choices
    if (value == "yes" || value == "no") return "Cm yes | no"
    if (value ~ /^[0-9]+[smhd]$/) return "Ar " word["duration"]
    return value ~ /^[0-9]+$/ ? "Ar n" : "Ar " word["text"]
}

function write_key(id, key) {
    print ".It Cm " key " No = " (form[id] != "" ? "Ar " form[id] : value_form(initial[id], choices[id]))
    write_sentences(translate(help[id]))
    printf "%s", more[id]
    if (initial[id] != "") print word["default"] "\n.Li " initial[id] " ."
}

function write_group(group,    i) {
    print ".Ss [" group "]\n.Bl -tag -width Ds"
    for (i = 1; i <= count[group]; i++) write_key(group "." keys[group, i], keys[group, i])
    print ".El"
    if (after[group] != "") printf ".Pp\n%s", after[group]
}

# A message as a catalogue has it, without its escapes and the line breaks of a comment.
function plain(message) {
    gsub(/\\n# /, " ", message)
    gsub(/\\"/, "\"", message)
    return message
}

function translate(text) {
    if (!catalogue) return text
    if (translation[text] == "") fail("the catalogue lacks: " text)
    return translation[text]
}

function fail(text) {
    print FILENAME ": " text >"/dev/stderr"
    failed = 1
    exit 1
}

# The first file: what stands before a key is about it; the group of one feed is described in the second.
FNR == NR && /^\[/ { section = substr($0, 2, length($0) - 2); text = ""; next }
FNR == NR && /^#\[/ { section = ""; next }
FNR == NR && section != "" && /^#[a-z]/ {
    key = substr($1, 2)
    id = section "." key
    keys[section, ++count[section]] = key
    sub(/^#[a-z-]* = ?/, "")
    initial[id] = $0
    help[id] = text
    choices[id] = list
    text = list = ""
    next
}
FNR == NR && /^# \(.* \| .*\)$/ { list = substr($0, 4, length($0) - 4); next }
FNR == NR && /^# / { text = (text == "" ? "" : text " ") substr($0, 3); next }
FNR == NR { next }

# A catalogue.
FILENAME ~ /\.po$/ {
    catalogue = 1
    if (/^msg/) part = $1
    if ($1 == "msgid") message = ""
    if (!/"$/ || /^#/) next
    gsub(/^[^"]*"|"$/, "")
    if (part == "msgid") message = message $0
    if (part == "msgstr") raw[message] = raw[message] $0
    next
}

# The last: everything is kept until the groups are known with what is added to them.
/^@group / { group = $2; into = ""; lines[++total] = $0; if (!(group in count)) fail("no group " group); next }
/^@more / {
    into = group "." $2
    if (!(into in help)) fail("no setting " into)
    sub(/^@more [^ ]* ?/, "")
    form[into] = $0
    next
}
/^@word / { key = $2; sub(/^@word [^ ]* /, ""); word[key] = $0; next }
/^@after/ { into = "after"; next }
/^@end/ { group = into = ""; next }
into == "after" { after[group] = after[group] $0 "\n"; next }
into != "" { more[into] = more[into] $0 "\n"; next }
{ lines[++total] = $0 }

END {
    if (failed) exit 1
    for (message in raw) translation[plain(message)] = plain(raw[message])
    for (i = 1; i <= total; i++) {
        if (lines[i] !~ /^@group /) print lines[i]
        else write_group(substr(lines[i], 8))
    }
}
