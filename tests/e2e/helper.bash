# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the end-to-end tests share. Each test has a scratch folder ($BATS_TEST_TMPDIR) with a home, a configuration and a
# state folder of its own; sandboxes listen on a free port. A file of tests begins with: load helper

: "${PODFLATTR:?run these through make check}" "${FLATTR_SANDBOX:?run these through make check}"

# jq 1.6 takes seven times as long to start as gojq, a thousand times in one run. What they print differs in the order of
# members alone: gojq always sorts them, so that it does not know -S.
if command -v gojq >/dev/null; then
    jq() { gojq "${@/#-cS/-c}"; }
    export -f jq
fi

# away_from_month_turn: for tests of what is in doubt, which is held instead of being sent again within minutes of the turn of a
# month. There, podflattr's clock and that of the sandboxes which are started from now on are an hour away, in the same month.
away_from_month_turn() {
    local around=900 before this after
    printf -v before '%(%m)T' $((EPOCHSECONDS - around))
    printf -v this '%(%m)T' "$EPOCHSECONDS"
    printf -v after '%(%m)T' $((EPOCHSECONDS + around))
    [ "$before" = "$after" ] || export PODFLATTR_CLOCK_OFFSET=$((10#$this == 10#$before ? -3600 : 3600))
}

# Called by bats before each test; a file that needs more defines setup() and calls this first.
scratch_setup() {
    cd "$BATS_TEST_TMPDIR" || return
    export HOME=$BATS_TEST_TMPDIR/home
    export PODFLATTR_STATE_DIR=$BATS_TEST_TMPDIR/state
    export PODFLATTR_CONFIG=$BATS_TEST_TMPDIR/podflattr.conf
    export TZ=UTC LC_ALL=C.UTF-8 NO_COLOR=1
    export PODFLATTR_API=http://127.0.0.1:9/rest/v2 # a server that does not run; sandbox_start names one that does
    unset PODFLATTR_TOKEN PODFLATTR_CLOCK_OFFSET XDG_CONFIG_HOME XDG_STATE_HOME
    unset DBUS_SESSION_BUS_ADDRESS XDG_RUNTIME_DIR # where the players are of who runs the tests
    unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY no_proxy NO_PROXY
    mkdir -p "$HOME"
    : >"$PODFLATTR_CONFIG"
    background=()
}

scratch_teardown() {
    local pid
    for pid in "${background[@]}"; do
        kill "$pid" 2>/dev/null || continue
        wait "$pid" 2>/dev/null || true
    done
}

setup() { scratch_setup; }
teardown() { scratch_teardown; }

# sandbox_start [ARGUMENT ...]: starts flattr-sandbox and points podflattr at it.
# Sets ready (its line of JSON), api, sandbox (the address in front of /_sandbox) and exports the API and the token.
sandbox_start() {
    rm -f sandbox.ready
    mkfifo sandbox.ready
    "$FLATTR_SANDBOX" --listen 127.0.0.1:0 "$@" >sandbox.ready 2>sandbox.log 3>&- &
    sandbox_pid=$!
    background+=("$sandbox_pid")
    IFS= read -r ready <sandbox.ready || {
        cat sandbox.log
        return 1
    }
    # Not by jq, whose start takes longer than the sandbox's.
    [[ $ready =~ \"api\":\"([^\"]*)\" ]]
    api=${BASH_REMATCH[1]}
    sandbox=${api%/rest/v2}
    PODFLATTR_API=$api
    [[ $ready =~ \"access_token\":\"([^\"]*)\" ]]
    PODFLATTR_TOKEN=${BASH_REMATCH[1]}
    export PODFLATTR_API PODFLATTR_TOKEN
}

# control METHOD PATH [JSON]: calls the sandbox's control interface, /_sandbox/PATH, and prints the answer.
control() {
    curl --silent --show-error --fail-with-body -X "$1" ${3+-H 'Content-Type: application/json' --data "$3"} "$sandbox/_sandbox/$2"
}

# fault PATH KIND [TIMES [JSON-FIELDS]]: the next requests to that path go wrong.
fault() {
    control POST faults "{\"path\":\"$1\",\"kind\":\"$2\",\"times\":${3-1}${4+,$4}}"
}

# requests 'METHOD /path': how many such requests the sandbox has seen.
requests() {
    local counts pattern="\"$1\": *([0-9]+)"
    counts=$(control GET requests)
    if [[ $counts =~ $pattern ]]; then echo "${BASH_REMATCH[1]}"; else echo 0; fi
}

# What is read from it never comes, so that a read with a time-out pauses without a process of its own.
exec {pause}<> <(:)

# wait_for SECONDS COMMAND ...: until the command succeeds; fails when it has not by then, and shows what it printed last. It
# looks again soon at first, and then after an eighth of the time that it has waited, so that many tests side by side leave the
# machine to what they wait for. A busy machine has three times as long.
wait_for() {
    local from=${EPOCHREALTIME/[.,]/} limit=$(($1 * 3)) waited interval
    shift
    until "$@" >"$BATS_TEST_TMPDIR/awaited" 2>&1; do
        waited=$((${EPOCHREALTIME/[.,]/} - from))
        ((waited < limit * 1000000)) || {
            printf 'waited %s s for: %s\n' "$limit" "$*"
            cat "$BATS_TEST_TMPDIR/awaited"
            return 1
        }
        interval=$((waited < 160000 ? 20000 : waited < 2400000 ? waited / 8 : 300000))
        printf -v interval '0.%06d' "$interval"
        read -r -t "$interval" -u "$pause" || true
    done
}

# fail TEXT: says why the test fails, and makes it.
fail() {
    printf '%s\n' "$1"
    return 1
}

# is FOUND EXPECTED: the two are the same text. When not, says both, and of lists in which member they part.
is() {
    [ "$1" != "$2" ] || return 0
    printf 'found:    %s\nexpected: %s\n' "$1" "$2"
    local -a got want
    local i
    IFS=',' read -r -a got <<<"$1"
    IFS=',' read -r -a want <<<"$2"
    for ((i = 0; i < ${#got[@]} || i < ${#want[@]}; i++)); do
        [ "${got[i]-}" = "${want[i]-}" ] ||
            printf 'member %d is %s instead of %s\n' "$((i + 1))" "${got[i]-missing}" "${want[i]-missing}"
    done
    return 1
}

# exits STATUS: the last `run` ended so; shows what it printed when not.
exits() {
    [ "$status" -eq "$1" ] || {
        printf 'exit status %s instead of %s; it printed:\n%s\n' "$status" "$1" "$output"
        return 1
    }
}

# find_python MODULE ...: sets python to one that has these modules, or skips the test; a python of the user's own may come
# before the system's.
find_python() {
    local candidate
    for candidate in python3 /usr/bin/python3; do
        if "$candidate" -c 'import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]' "$@" 2>/dev/null; then
            # shellcheck disable=SC2034 # used by the tests
            python=$candidate
            return
        fi
    done
    skip "python's $* is missing"
}

# germany_make: makes a locale of Germany, once for all tests of a file; skips the test where it cannot. Not for setup_file, in
# which Bats 1.8 takes a skip for a failure. The C library translates in no locale that is called C, whatever is added to
# that, and machines that run tests have no other.
germany_make() {
    if ! command -v localedef >/dev/null || [ ! -e /usr/share/i18n/locales/de_DE ]; then
        skip "the sources of locales are not installed"
    fi
    local made=$BATS_FILE_TMPDIR/de_DE.UTF-8
    [ -d "$made" ] || localedef -i de_DE -f UTF-8 "$made" || [ -d "$made" ]
}

# germany_enter: what follows is in that locale, but for bash, which looks for it where locales are, and complains.
# What the C library makes of LOCPATH it never frees.
germany_enter() {
    export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 LOCPATH=$BATS_FILE_TMPDIR
    unset LANGUAGE
    { export LC_ALL=de_DE.UTF-8; } 2>/dev/null
}

# in_germany COMMAND ...: runs it in that locale.
in_germany() { (germany_enter && "$@"); }
