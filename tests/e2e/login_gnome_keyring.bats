#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# The token is kept in GNOME's keyring, the real one, on a session bus and in a home of the test's own.

bats_require_minimum_version 1.5.0

load helper
load login
load bus

setup() {
    scratch_setup
    find_bus
    command -v gnome-keyring-daemon >/dev/null || skip 'gnome-keyring-daemon is missing'
    find_python dbus
    sandbox_start
    login_configure 'token-store = secret-service'
    bus_start
}

# keyring_start PASSWORD: starts the keyring, as a session does when somebody logs in with that password. Sets keyring_pid.
keyring_start() {
    mkdir -p -m 700 run
    XDG_RUNTIME_DIR=$PWD/run XDG_DATA_HOME=$HOME/.local/share gnome-keyring-daemon --unlock --components=secrets \
        --foreground --control-directory="$PWD/run/control" < <(printf '%s' "$1") >keyring.out 2>keyring.log 3>&- &
    keyring_pid=$!
    background+=("$keyring_pid")
    wait_for 20 secrets ready || fail "no keyring: $(<keyring.log)"
}

keyring_stop() {
    kill "$keyring_pid"
    wait "$keyring_pid" || true
}

# secrets ready|held|lock: tells whether a keyring is there, prints podflattr's tokens in it, or locks it as the desktop does.
secrets() {
    "$python" - "$1" <<'PY'
import sys

import dbus

NAME = "org.freedesktop.secrets"
bus = dbus.SessionBus()
if sys.argv[1] == "ready":
    sys.exit(not bus.name_has_owner(NAME))
service = dbus.Interface(bus.get_object(NAME, "/org/freedesktop/secrets"), "org.freedesktop.Secret.Service")
if sys.argv[1] == "lock":
    locked, _ = service.Lock([service.ReadAlias("default")])
    sys.exit(len(locked) != 1)
_, session = service.OpenSession("plain", "")
unlocked, _ = service.SearchItems({"xdg:schema": "org.podflattr.Token"})
for secret in service.GetSecrets(unlocked, session).values():
    print(bytes(secret[2]).decode())
PY
}

@test "GNOME's keyring holds the token, no file does, and a logout takes it out" {
    keyring_start 'a password'
    log_in 0
    token=$(secrets held)
    curl -sf -H "Authorization: Bearer $token" "$api/user" -o user.json
    run --separate-stderr "$PODFLATTR" whoami --format=json
    exits 0
    is "$(jq -r .username <<<"$output")" demo
    [ -s "$HOME/.local/share/keyrings/login.keyring" ]
    run ! grep -rqaF -e "$token" .
    log_in 0
    [ "$(secrets held | wc -l)" -eq 1 ]
    [ "$(secrets held)" != "$token" ]
    run "$PODFLATTR" logout
    exits 0
    [[ $output == *deleted* ]]
    [ -z "$(secrets held)" ]
    run "$PODFLATTR" whoami
    exits 77
}

@test "the token is there in the next session, for who logs in with the password" {
    keyring_start 'a password'
    log_in 0
    keyring_stop
    keyring_start 'another password'
    run "$PODFLATTR" whoami
    exits 75
    [[ $output == *'it is locked; unlock it'* ]]
    keyring_stop
    keyring_start 'a password'
    run "$PODFLATTR" whoami
    exits 0
}

@test "GNOME's keyring, when it is locked and nobody unlocks it, is reported with the fix" {
    keyring_start 'a password'
    log_in 0
    token=$(secrets held)
    secrets lock
    run "$PODFLATTR" whoami
    exits 75
    [[ $output == *'the keyring (token-store = secret-service): it is locked; unlock it and try again'* ]]
    run "$PODFLATTR" logout
    exits 75
    [[ $output == *'it was not unlocked; unlock it and try again'* ]]
    log_in 75
    grep -q 'it was not unlocked; unlock it and try again' login.err
    page_says 403 'You are not logged in'
    run ! grep -rqaF -e "$token" .
}

@test "a keyring that is not there any more is reported with the fix" {
    keyring_start 'a password'
    log_in 0
    keyring_stop
    run "$PODFLATTR" whoami
    exits 78
    [[ $output == *'start one (GNOME Keyring, KWallet, KeePassXC)'*'token-store = file'* ]]
}
