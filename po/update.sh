#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Brings the catalogues up to date with the sources; with --check, says what they lack instead, and fails then.
set -eu
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# flattr-sandbox is for developers, who read English.
find src -name '*.[ch]' ! -path 'src/sandbox/*' | LC_ALL=C sort >"$scratch/sources"
xgettext --from-code=UTF-8 --language=C --keyword=_ --keyword=N_ --keyword=ngettext:1,2 --flag=_:1:pass-c-format \
    --flag=N_:1:pass-c-format --flag=ngettext:1:pass-c-format --flag=ngettext:2:pass-c-format --add-comments=TRANSLATORS \
    --no-location --package-name=podflattr --files-from="$scratch/sources" --output="$scratch/podflattr.pot"

faults=0
while read -r language; do
    if [ "${1-}" != --check ]; then
        msgmerge --quiet --no-fuzzy-matching --no-location --output-file="$scratch/merged" "po/$language.po" "$scratch/podflattr.pot"
        # Git keeps what was said once.
        msgattrib --no-obsolete --output-file="po/$language.po" "$scratch/merged"
        continue
    fi
    msgfmt -c -o /dev/null "po/$language.po" || faults=1
    for kind in --untranslated --only-fuzzy; do
        msgattrib "$kind" --no-obsolete --no-wrap "po/$language.po" | sed -n 's/^msgid "\(..*\)"$/\1/p' >"$scratch/found"
        [ ! -s "$scratch/found" ] || { echo "po/$language.po: ${kind#--*-}:"; cat "$scratch/found"; faults=1; } >&2
    done
    msgcmp "po/$language.po" "$scratch/podflattr.pot" >"$scratch/found" 2>&1 ||
        { grep -A4 ': this message' "$scratch/found" || cat "$scratch/found"
          echo "po/$language.po: 'make po' adds what is new; translate it there"; faults=1; } >&2
done <po/LINGUAS
exit "$faults"
