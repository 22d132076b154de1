#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The manual: every command and option has its page, and the examples of each page do what they say.

bats_require_minimum_version 1.5.0
load helper
load daemon

# page NAME: the file of a page; those that are made lie where the program was built.
page() {
    local folder
    for folder in "$PF_BUILD" "$PF_SOURCE"; do
        [ ! -e "$folder/doc/$1" ] || {
            echo "$folder/doc/$1"
            return
        }
    done
    fail "there is no page $1"
}

commands() { "$PODFLATTR" complete -- '' | cut -f1 | grep -vx help; }

# options WORD ...: the options of a command, or of a subcommand, as its help lists them.
options() { "$PODFLATTR" "$@" --help | sed -n 's/^  \(-[a-z], \)\?--\([a-z-]*\).*/\2/p' | grep -vx help; }

@test "every command has a page with all of its options and subcommands" {
    local command option subcommand manual
    for command in $(commands); do
        manual=$(page "podflattr-$command.1")
        grep -q "^\.Xr podflattr-$command 1\|^\.It .*Xr podflattr-$command 1" "$PF_SOURCE/doc/podflattr.1" ||
            fail "podflattr.1 does not name podflattr-$command"
        for option in $(options "$command"); do
            grep -q "Fl \(.* \)\?-$option\b" "$manual" || fail "podflattr-$command.1 lacks --$option"
        done
        for subcommand in $("$PODFLATTR" "$command" --help | sed -n '/^Subcommands/,/^$/s/^  \([a-z]*\)\b.*/\1/p'); do
            grep -qE "^\.It Cm ([a-z]+ (\||,) )*$subcommand\b" "$manual" || fail "podflattr-$command.1 lacks $subcommand"
        done
    done
}

@test "the page of the configuration has every setting, with its default" {
    local manual key
    manual=$(page podflattr.conf.5)
    "$PODFLATTR" config --example >example
    while read -r key; do
        grep -q "^\.It Cm $key No = " "$manual" || fail "podflattr.conf.5 lacks $key"
    done < <(sed -n 's/^#\([a-z-]*\) = .*/\1/p' example)
    grep -A9 '^\.It Cm refresh No = Ar duration' "$manual" | grep -q 'How often to fetch each feed'
    sed -n '/^\.It Cm refresh/,/^\.It Cm contact/p' "$manual" | grep -qx '\.Li 6h \.'
}

@test "the page of libflattr has every function, with what its header says" {
    local manual name
    manual=$(page libflattr.3)
    while read -r name; do
        grep -q "^\.It Li \".*\b$name(" "$manual" || fail "libflattr.3 lacks $name"
    done < <(sed -n 's/^ *\(flattr_[a-z0-9_]*\);$/\1/p' "$PF_SOURCE/src/flattr/libflattr.map")
    grep -A2 '^\.It Li "const char \*flattr_get_version' "$manual" | grep -q 'version of the library that runs'
}

@test "the README and the index of the manual lead to what exists" {
    local text target name
    [ "$(wc -l <"$PF_SOURCE/README.md")" -lt 120 ]
    for text in README.md CONTRIBUTING.md SECURITY.md doc/README.md doc/architecture.md doc/requests.md tests/README.md; do
        while read -r target; do
            name=$(dirname "$PF_SOURCE/$text")/${target%%#*}
            [ -e "$name" ] || fail "$text names $target"
        done < <(grep -o '](\([^):]*\))' "$PF_SOURCE/$text" | sed 's/^](//; s/)$//')
    done
    is "$(sed -n 's/^\([0-9][0-9.]*\)$/\1/p' "$PF_SOURCE/NEWS" | head -n 1)" "$("$PODFLATTR" --version | cut -d ' ' -f 2)"
}

@test "every page is installed" {
    local name
    unset MAKEFLAGS MFLAGS MAKELEVEL
    make -C "$PF_BUILD" install-man DESTDIR="$PWD/staged" >staging.log 2>&1 || fail "$(<staging.log)"
    for name in "$PF_SOURCE"/doc/*.[1-9] "$PF_BUILD"/doc/*.[1-9]; do
        [ -n "$(find staged -name "${name##*/}")" ] || fail "Makefile.am does not name ${name##*/}"
    done
}

@test "the German manual has every page but those for developers, and is installed" {
    local name
    unset MAKEFLAGS MFLAGS MAKELEVEL
    [ -e "$PF_BUILD/po/de/LC_MESSAGES/podflattr.mo" ] || skip "built without translations"
    run -0 python3 -B "$PF_SOURCE/po/pages.py"
    make -C "$PF_BUILD" install-de_man1DATA install-de_man5DATA install-de_man7DATA DESTDIR="$PWD/staged" >staging.log 2>&1 ||
        fail "$(<staging.log)"
    for name in "$PF_SOURCE"/doc/podflattr*.[1-9] podflattr.conf.5; do
        name=${name##*/}
        [ -n "$(find staged -path "*/man/de/man${name##*.}/$name")" ] || fail "po.mk does not install $name"
    done
}

@test "the German page of the configuration says what the program says of each setting" {
    local made=("$PF_SOURCE/doc/podflattr.conf.5.awk" "$PF_SOURCE/config/podflattr.conf") in=$PF_SOURCE/doc/de/podflattr.conf.5.in
    awk -f "${made[@]}" "$PF_SOURCE/po/de.po" "$in" >page.5
    grep -A1 '^\.It Cm refresh No = Ar Dauer' page.5 | grep -qx 'Wie oft jeder Feed abgerufen wird\.'
    sed -n '/^\.It Cm refresh/,/^\.It Cm contact/p' page.5 | grep -A1 'Die Vorgabe ist' | grep -qx '\.Li 6h \.'
    grep -v 'How often to fetch each feed' "$PF_SOURCE/po/de.po" >other.po
    run -1 --separate-stderr awk -f "${made[@]}" other.po "$in"
    # shellcheck disable=SC2154 # run sets it
    [[ $stderr == *'the catalogue lacks: How often to fetch each feed.' ]]
}

# on_terminal COMMAND ...: runs it with a terminal for its output, and prints that.
on_terminal() { python3 -c 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)' "$@" </dev/null | tr -d '\r'; }

@test "help opens a command's page on a terminal, and prints the help where there is no page" {
    mkdir bin
    # shellcheck disable=SC2016 # the script expands them
    printf '#!/bin/sh\n[ "$1" = -w ] || echo "opened $*"\n[ "$#$2" != 2podflattr-queue ]\n' >bin/man
    chmod +x bin/man
    PATH=$PWD/bin:$PATH run -0 on_terminal "$PODFLATTR" help report
    is "$output" 'opened podflattr-report'
    PATH=$PWD/bin:$PATH run -0 on_terminal "$PODFLATTR" help queue
    [[ ${lines[0]} == Usage:* ]]
    PATH=$PWD/bin:$PATH run -0 "$PODFLATTR" help report
    [[ ${lines[0]} == Usage:* ]]
}

# The show at https://example.org/feed.xml.
show_publish() {
    local number
    web_start
    {
        echo '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Garden Radio</title>'
        for number in 3 2 1; do
            echo "<item><title>Episode $number: Of gardens</title><guid isPermaLink=\"false\">garden-$number</guid>
                <pubDate>Fri, $((20 + number)) Nov 2026 06:00:00 +0000</pubDate>
                <enclosure url=\"$web/garden-radio-$number.mp3\" type=\"audio/mpeg\" length=\"4170\"/>
                <atom:link rel=\"payment\" href=\"https://flattr.com/submit/auto?user_id=maker&amp;url=https%3A%2F%2Fgarden.example%2F$number\"/></item>"
        done
        echo '</channel></rss>'
    } >web/feed.xml
}

# What else the examples rely on: a home with a podcatcher's folder, a list of subscriptions and a configuration, a server, and a
# desktop of which only the calls matter.
world_setup() {
    local name
    unset PODFLATTR_CONFIG PODFLATTR_STATE_DIR
    sandbox_start --user demo --means 30
    mkdir -p "$HOME/Podcasts/Garden Radio" "$HOME/.config/podflattr" bin
    media "$HOME/Podcasts/Garden Radio/garden-radio-2.mp3"
    media "$HOME/Podcasts/episode.mp3"
    echo "<opml version=\"2.0\"><body><outline type=\"rss\" xmlUrl=\"$web/feed.xml\"/></body></opml>" >"$HOME/subscriptions.opml"
    # shellcheck disable=SC2154 # sandbox_start sets it
    jq -r '"[flattr]\nauthorize = \(.authorize)\ntoken-endpoint = \(.token_endpoint)\nclient-id = \(.client_id)\nclient-secret = \(.client_secret)\n[watch]\nfolders = ~/Podcasts\nsettle = 0s\n[feeds]\nsubscriptions = ~/subscriptions.opml"' \
        <<<"$ready" >"$HOME/.config/podflattr/podflattr.conf"
    sed "s|^libdir=.*|libdir=$PF_BUILD/.libs|; s|^Cflags:.*|Cflags: -I$PF_SOURCE/src -I$PF_BUILD/src|; s|-lflattr|& -Wl,-rpath,$PF_BUILD/.libs|" \
        "$PF_BUILD/src/flattr/libflattr.pc" >bin/libflattr.pc
    export PKG_CONFIG_PATH=$PWD/bin${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
    for name in systemctl journalctl; do
        printf '#!/bin/sh\n' >"bin/$name"
    done
    # A browser in which the person allows everything. It is given a file that leads to the server's page.
    cat >bin/xdg-open <<END
#!/usr/bin/env bash
source '$PF_SOURCE/tests/e2e/helper.bash'
source '$PF_SOURCE/tests/e2e/login.bash'
sandbox=$sandbox
address=\$(sed -n 's/.*href="\([^"]*oauth[^"]*\)".*/\1/p' "\${1#file://}" | sed 's/&amp;/\&/g')
[ -z "\$address" ] || { cd '$PWD' && decide allow && browse GET "\$answer"; }
END
    chmod +x bin/*
    export EDITOR=true PATH="$PWD/bin:${PODFLATTR%/*}:$PATH"
}

examples() { python3 "$PF_SOURCE/tests/e2e/manual_examples.py" "$@"; }

@test "the examples of every page work as shown" {
    local manual sessions=$PWD/sessions
    local -a manuals=("$PF_SOURCE"/doc/*.[1-9])
    for manual in "$PF_BUILD"/doc/*.[1-9]; do
        [ "$PF_BUILD" = "$PF_SOURCE" ] || manuals+=("$manual")
    done
    [ "${#manuals[@]}" -ge 20 ]
    show_publish
    mkdir "$sessions"
    examples sessions "$sessions" https://example.org "$web" "${manuals[@]}"
    for manual in "${manuals[@]##*/}"; do
        mkdir "$manual.d"
        (
            cd "$manual.d" || exit
            # shellcheck disable=SC2034 # the helper's
            BATS_TEST_TMPDIR=$PWD
            scratch_setup
            trap scratch_teardown EXIT
            world_setup
            cd "$HOME" || exit
            timeout 50 bash "$sessions/$manual.sh" >"$sessions/$manual.printed" 2>"$sessions/$manual.errors" 3>&- </dev/null || true
        )
    done
    examples check "$sessions" https://example.org "$web" "${manuals[@]}" || fail "$(cat "$sessions"/*.errors)"
}

@test "an example that does something else is noticed" {
    local name
    printf '.Sh EXAMPLES\n.Bd -literal\n$ echo one; echo two\ntwo\n.Ed\n' >good.1
    printf '.Sh EXAMPLES\n.Bd -literal\n$ echo one\ntwo\n.Ed\n' >other.1
    printf '.Sh EXAMPLES\n.Bd -literal\n$ false\n.Ed\n' >failing.1
    examples sessions . x y good.1 other.1 failing.1
    for name in good.1 other.1 failing.1; do
        bash "$name.sh" >"$name.printed"
    done
    run -1 examples check . x y good.1 other.1 failing.1
    is "$(grep 'is not right' <<<"$output" | xargs)" './other.1 is not right ./failing.1 is not right'
}
