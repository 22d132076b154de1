#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# libflattr as other programs have it: the library, its headers and its pkg-config file, laid out as they are installed.

bats_require_minimum_version 1.5.0

load helper
load sandbox

setup() {
    scratch_setup
    # A library with sanitizers in it is for programs that have them too, by the same compiler.
    read -r -a compiler <<<"$(sed -n 's/^CC = //p' "$PF_BUILD/Makefile")"
    [ -z "$PF_SANITIZERS" ] || compiler+=(-fsanitize=address -fsanitize=undefined)
    mkdir -p include/flattr lib
    cp "$PF_SOURCE"/src/flattr/flattr.h "$PF_SOURCE"/src/flattr/flattr-objects.h "$PF_BUILD"/src/flattr/flattr-version.h include/flattr/
    cp -P "$PF_BUILD"/.libs/libflattr.so* lib/
    sed "s|^libdir=.*|libdir=$PWD/lib|; s|^includedir=.*|includedir=$PWD/include|" "$PF_BUILD/src/flattr/libflattr.pc" \
        >libflattr.pc
    export PKG_CONFIG_PATH=$PWD${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
}

# flags ARGUMENT ...: what pkg-config says for libflattr, a word each in `words`.
flags() {
    local text
    text=$(pkg-config "$@" libflattr)
    read -r -a words <<<"$text"
}

# declared: the functions in the public headers, comments taken away.
declared() {
    local header
    for header in include/flattr/*.h; do
        "${compiler[@]}" -fpreprocessed -dD -E -P "$header"
    done | grep -o '\bflattr_[a-z0-9_]*(' | tr -d '(' | LC_ALL=C sort -u
}

# mapped: the functions in the version script.
mapped() {
    sed -n 's/^ *\(flattr_[a-z0-9_]*\);$/\1/p' "$PF_SOURCE/src/flattr/libflattr.map"
}

@test "the library exports what its version script says under a version, and nothing else" {
    command -v nm >/dev/null || skip "nm is missing"
    nm -D --defined-only lib/libflattr.so | awk '$2 != "A" { print $3 }' | LC_ALL=C sort >exported
    [ -s exported ]
    mapped | sed 's/$/@@LIBFLATTR_0.2/' | diff - exported
    # What Debian compares later versions with.
    sed -n 's/^ \(flattr_.*\)@\(.*\) .*/\1@@\2/p' "$PF_SOURCE/config/packaging/debian/libflattr1.symbols" | LC_ALL=C sort | diff - exported
}

@test "every function of the public headers is in the version script, and every one there in a header" {
    declared >functions
    [ -s functions ]
    mapped | diff - functions
}

@test "no function crashes on NULL, neither for all of its arguments nor for those after the first" {
    [ -z "$PF_SANITIZERS" ] || { # the sanitizers' library must be loaded first, which Python's program does not
        echo "# not called with sanitizers" >&3
        return 0
    }
    mapped >functions
    run -0 --separate-stderr python3 "$PF_SOURCE/tests/e2e/null_arguments.py" lib/libflattr.so functions
    [ "$output" = "$(wc -l <functions) functions, 0 crashed" ] || fail "$output"
}

@test "the version of the headers and of pkg-config is one" {
    printf '#include <flattr/flattr.h>\nFLATTR_MAJOR_VERSION.FLATTR_MINOR_VERSION.FLATTR_MICRO_VERSION\n' >version.c
    flags --cflags
    [ "$("${compiler[@]}" "${words[@]}" -E -P version.c | tail -n 1 | tr -d ' ')" = "$(pkg-config --modversion libflattr)" ]
}

@test "every function of flattr.h is called by a unit test" {
    rm include/flattr/flattr-{objects,version}.h
    declared >functions
    [ -s functions ]
    grep -ho '\bflattr_[a-z0-9_]*(' "$PF_SOURCE"/tests/unit/{test_flattr.c,test_flattr_oauth.c,test_flattr_sandbox.c,test_flattr_errors.c,flattr_calls.h,sandbox_scene.h} |
        tr -d '(' | LC_ALL=C sort -u >tried
    # These are called by macros: each READ_OBJECT() has a reader, each g_autoptr() a free function.
    sed -n 's/^READ_OBJECT(.*, \(.*\))$/flattr_reply_read_\1/p' "$PF_SOURCE/tests/unit/flattr_calls.h" >>tried
    printf '%s\n' flattr_reply_free flattr_request_free >>tried
    LC_ALL=C sort -u tried -o tried
    run -0 comm -23 functions tried
    [ -z "$output" ] || fail "not tried: $output"
}

@test "each public header compiles alone, as C11 and as C++" {
    flags --cflags
    for header in flattr/flattr.h flattr/flattr-objects.h flattr/flattr-version.h; do
        printf '#include <%s>\n' "$header" >alone.c
        "${compiler[@]}" -std=c11 -Wall -Wextra -Werror -fsyntax-only "${words[@]}" alone.c
        if command -v g++ >/dev/null; then
            cp alone.c alone.cc
            g++ -Wall -Wextra -Werror -fsyntax-only "${words[@]}" alone.cc
        fi
    done
}

@test "the example in C creates, retitles, flattrs, subscribes, pauses, lists and counts, in 25 lines" {
    sandbox_start
    flags --cflags --libs
    "${compiler[@]}" -std=gnu11 -Wall -Wextra -Werror "$PF_SOURCE/doc/examples/flattr-tour.c" -o tour "${words[@]}"
    export LD_LIBRARY_PATH=$PWD/lib FLATTR_API=$api FLATTR_TOKEN=$PODFLATTR_TOKEN
    run -0 --separate-stderr ./tour http://e.org/own "$(auto http://e.org/theirs)"
    # shellcheck disable=SC2154 # bats sets lines
    [ "${lines[*]}" = '1 The second title 1 found' ] || fail "$output"
    call GET /user/subscriptions
    shows '[.[] | .active, .thing.id]' '[false,2]'
    body=$(sed -n '/^main(/,/^}/p' "$PF_SOURCE/doc/examples/flattr-tour.c" | grep -vc '^$')
    [ "$body" -le 25 ]
}

@test "the example in C++ says who a token belongs to" {
    command -v g++ >/dev/null || skip "g++ is missing"
    [ -z "$PF_SANITIZERS" ] || { # the library would need the sanitizers of the compiler that it was made with
        echo "# not linked with sanitizers" >&3
        return 0
    }
    sandbox_start
    flags --cflags --libs
    g++ -std=c++17 -Wall -Wextra -Werror "$PF_SOURCE/doc/examples/flattr-whoami.cc" -o whoami "${words[@]}"
    export LD_LIBRARY_PATH=$PWD/lib FLATTR_API=$api FLATTR_TOKEN=$PODFLATTR_TOKEN
    run -0 ./whoami
    [ "$output" = 'demo' ]
    FLATTR_TOKEN=none run -1 ./whoami
    [[ $output == *unauthorized* ]]
}

@test "the example in Python lists what can be flattred by ctypes" {
    [ -z "$PF_SANITIZERS" ] || {
        echo "# not called with sanitizers" >&3
        return 0
    }
    sandbox_start
    export FLATTR_LIBRARY=$PWD/lib/libflattr.so FLATTR_API=$api FLATTR_TOKEN=$PODFLATTR_TOKEN
    flattr "$(auto http://e.org/1)"
    answers 200
    run -0 python3 "$PF_SOURCE/doc/examples/flattr-search.py" e.org
    [ "$output" = '1  http://e.org/1  (alice)' ]
    FLATTR_TOKEN=none run -1 python3 "$PF_SOURCE/doc/examples/flattr-search.py" e.org
    [[ $output == *unauthorized* ]]
}

@test "a C++ program finds the functions under their C names" {
    command -v g++ >/dev/null || skip "g++ is missing"
    [ -z "$PF_SANITIZERS" ] || { # the library would need the sanitizers of the compiler that it was made with
        echo "# not linked with sanitizers" >&3
        return 0
    }
    cat >alone.cc <<'CC'
#include <flattr/flattr.h>

int main()
{
    FlattrError error;
    return flattr_error_from_code("no_means", &error) && error == FLATTR_ERROR_NO_MEANS ? 0 : 1;
}
CC
    flags --cflags --libs
    g++ -Wall -Werror alone.cc -o alone "${words[@]}"
    LD_LIBRARY_PATH=$PWD/lib ./alone
}

@test "the example program lists what was flattred this month" {
    sandbox_start
    flags --cflags --libs
    "${compiler[@]}" -std=gnu11 -Wall -Wextra -Werror "$PF_SOURCE/doc/examples/flattr-month.c" -o flattr-month "${words[@]}"
    export LD_LIBRARY_PATH=$PWD/lib FLATTR_API=$api FLATTR_TOKEN=$PODFLATTR_TOKEN
    # A flattr of the month before, so far back that no month is missed.
    control POST clock '{"offset":-3456000}'
    flattr "$(auto http://e.org/before)"
    answers 200
    control POST clock '{"offset":0}'
    flattr "$(auto http://e.org/1)"
    answers 200
    run -0 --separate-stderr ./flattr-month
    # shellcheck disable=SC2154 # bats sets lines
    [ "${lines[*]}" = 'http://e.org/1 1 in this month' ]
    FLATTR_TOKEN=none run -1 ./flattr-month
    [[ $output == *unauthorized* ]]
    FLATTR_API=http://api.example/ run -1 ./flattr-month
    [[ $output == *https://* ]]
}
