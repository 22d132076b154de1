#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# podflattr link: auto-submit URLs are made and explained.

bats_require_minimum_version 1.5.0
load helper

auto='https://flattr.com/submit/auto'

@test "the URL that is made has every parameter, encoded" {
    run --separate-stderr "$PODFLATTR" link make --url 'https://a.example/?x=1&y=2#z' --user ann
    exits 0
    [ "$output" = "$auto?url=https%3A%2F%2Fa.example%2F%3Fx%3D1%26y%3D2%23z&user_id=ann" ]
    run --separate-stderr "$PODFLATTR" link make --url https://a.example/ --owner twitter:user:id:123 --title 'A & Ö' \
        --description 'Five characters' --language en_GB --tags 'a,b c' --category audio --hidden --revsharekey k1
    exits 0
    expected="$auto?url=https%3A%2F%2Fa.example%2F&owner=twitter%3Auser%3Aid%3A123&title=A%20%26%20%C3%96"
    expected+="&description=Five%20characters&language=en_GB&tags=a%2Cb%20c&category=audio&revsharekey=k1&hidden=1"
    [ "$output" = "$expected" ]
    for owner in email:0123456789abcdef0123456789ABCDEF partner:forum:12; do
        run "$PODFLATTR" link make --url https://a.example/ --owner "$owner"
        exits 0
    done
}

@test "show reads back what make was given" {
    made=$("$PODFLATTR" link make --url 'https://a.example/ü?q=a+b&c=%20' --user ann --title 'One + one = two; 100 %')
    run --separate-stderr "$PODFLATTR" link show --format=json "$made"
    exits 0
    is "$(jq -r '.kind' <<<"$output")" auto-submit
    is "$(jq -r '.key' <<<"$output")" 'https://a.example/ü?q=a+b&c=%20'
    is "$(jq -c '[.parameters[] | .name, .value]' <<<"$output")" \
        '["url","https://a.example/ü?q=a+b&c=%20","user_id","ann","title","One + one = two; 100 %"]'
    is "$(jq -c '.problems' <<<"$output")" '[]'
}

@test "everything that is wrong with a link to be made is reported at once, with exit status 65" {
    run --separate-stderr "$PODFLATTR" link make --url /page --owner ann --title abcd --description "$(printf '%01001d' 0)" \
        --language english --tags , --category music
    exits 65
    [ -z "$output" ]
    for option in url owner title description language tags category; do
        [[ $stderr == *"podflattr link: --$option must "* ]] || fail "nothing is said of --$option: $stderr"
    done
    [[ $stderr == *"--title must have 5 to 100 characters and has 4"* ]]
    [[ $stderr == *"--description must have 5 to 1000 characters and has 1001"* ]]
    run "$PODFLATTR" link make --url "$auto?url=https://a.example/&user_id=ann" --user ann
    exits 65
    [[ $output == *"not an auto-submit URL"* ]]
    run "$PODFLATTR" link make --url "https://a.example/$(printf '%016350d' 0)" --user ann
    exits 65
    [[ $output == *16384* ]]
}

@test "lengths are counted in characters, not in bytes" {
    run -65 "$PODFLATTR" link make --url https://a.example/ --user ann --title $'A\033[31m title'
    [[ $output == *"--title must be one line without control characters"* && $output != *$'\033'* ]]
    run -0 "$PODFLATTR" link make --url https://a.example/ --user ann --description $'Two\nlines'
    run "$PODFLATTR" link make --url https://a.example/ --user ann --title "$(printf 'ü%.0s' {1..100})"
    exits 0
    run "$PODFLATTR" link make --url https://a.example/ --user ann --title "$(printf 'ü%.0s' {1..101})"
    exits 65
    # The longest that there can be is known as what it is.
    run -0 "$PODFLATTR" link make --url https://a.example/ --user ann --title "$(printf '🎙%.0s' {1..100})" \
        --description "$(printf '🎙%.0s' {1..1000})"
    run -0 "$PODFLATTR" link show --format=json "$output"
    is "$(jq -r .kind <<<"$output")" auto-submit
}

@test "a wrong command line has exit status 64" {
    run "$PODFLATTR" link
    exits 64
    run "$PODFLATTR" link mend
    exits 64
    run "$PODFLATTR" link make --user ann
    exits 64
    run "$PODFLATTR" link make --url https://a.example/
    exits 64
    run "$PODFLATTR" link make --url https://a.example/ --user ann --owner partner:x:1
    exits 64
    run "$PODFLATTR" link make https://a.example/ --url https://a.example/ --user ann
    exits 64
    run "$PODFLATTR" link show
    exits 64
    run "$PODFLATTR" link show --user ann https://flattr.com/t/1
    exits 64
    run "$PODFLATTR" link show --format=xml https://flattr.com/t/1
    exits 64
}

@test "show says of each link what it is" {
    run --separate-stderr "$PODFLATTR" link show --format=json https://flattr.com/thing/12/slug https://flattr.com/@Ann \
        https://github.com/ann https://patreon.example/ann
    exits 0
    [ "$(jq -r '.kind + " " + .key' <<<"$output")" = "thing thing:12
profile profile:ann
discoverable https://github.com/ann
other https://patreon.example/ann" ]
    run --separate-stderr "$PODFLATTR" link show "$auto?url=https%3A%2F%2Fa.example%2F&user_id=ann"
    exits 0
    [[ ${lines[1]} == "kind "*"  auto-submit" ]]
    [[ ${lines[2]} == "key "*"  https://a.example/" ]]
    [[ ${lines[4]} == "user_id "*"  ann" ]]
}

# The problems that show finds, in one line each.
problems() {
    run --separate-stderr "$PODFLATTR" link show --format=json "$1"
    exits 65 || return
    jq -r '.problems[]' <<<"$output"
}

@test "show says what is wrong with a link, with exit status 65" {
    [[ $(problems "$auto?url=https://a.example/") == "user_id or owner is missing"* ]]
    [[ $(problems "$auto?user_id=ann") == "url is missing"* ]]
    [[ $(problems "$auto?user_id=ann&url=") == "url is empty" ]]
    [[ $(problems "$auto?user_id=ann&url=https://a.example/&url=https://b.example/") == "url is given more than once" ]]
    [[ $(problems "$auto?user_id=ann&url=https://a.example/&owner=partner:x:1") == *"both user_id and owner are given"* ]]
    [[ $(problems "$auto?user_id=ann&url=https://a.example/&title=abc") == "title must have"* ]]
    [[ $(problems "$auto?user_id=ann&url=https://a.example/&title=%FF") == "title is not correctly percent-encoded"* ]]
    [[ $(problems "$auto?user_id=ann&url=https://a.example/&colour=red") == "colour is not an auto-submit parameter"* ]]
    [[ $(problems "$auto?user_id=ann&amp;url=https://a.example/") == *"corrects it when sending" ]]
    [[ $(problems https://flattr.com@evil.example/thing/1) == *"names flattr.com"* ]]
    [[ $(problems javascript:alert) == *"not an absolute http(s) URL"* ]]
    [[ $(problems "https://a.example/$(printf '%016384d' 0)") == *"16402 bytes"* ]]
}

@test "a password in a link is not shown" {
    run "$PODFLATTR" link show https://ann:secret@flattr.com/thing/1 https://ann:secret@a.example/
    [[ $output != *secret* ]]
    run "$PODFLATTR" link show --format=json https://ann:secret@a.example/
    [[ $output != *secret* ]]
}

@test "a server pays a link that was made" {
    sandbox_start
    made=$("$PODFLATTR" link make --url https://a.example/1 --user ann --title 'Episode 1' --hidden)
    run "$PODFLATTR" add "$made"
    exits 0
    run "$PODFLATTR" send
    exits 0
    is "$(control GET flattrs | jq -r '.[].url')" https://a.example/1
}

@test "a link typed by hand is read as a browser reads it" {
    sandbox_start
    typed=" $auto?user_id=ann&url=https://a.example/1&title=One more "
    run "$PODFLATTR" link show "$typed"
    exits 0
    run "$PODFLATTR" add "$typed"
    exits 0
    run "$PODFLATTR" add "$auto?user_id=ann&amp;url=https://a.example/2"
    exits 0
    run "$PODFLATTR" send
    exits 0
    is "$(control GET flattrs | jq -r '.[].url' | sort | tr '\n' ' ')" 'https://a.example/1 https://a.example/2 '
}

@test "fid names a receiver" {
    run -0 "$PODFLATTR" link show "$auto?fid=8n22qr&url=https%3A%2F%2Fa.example%2F1"
    [[ $(problems "$auto?fid=no%20one&url=https://a.example/") == "fid must be"* ]]
    [[ $(problems "$auto?fid=8n22qr&owner=partner:x:1&url=https://a.example/") == *"both user_id and owner are given"* ]]
}
