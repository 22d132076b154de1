#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# make fuzz: has libFuzzer make feeds from those of tests/data/feeds for FUZZ_SECONDS (300), on FUZZ_JOBS (1) processors.
# What it learnt stays in tests/fuzz/corpus of the build folder, and is gone on from the next time. A finding is left there
# as a file crash-…, and belongs into tests/data/feeds as a case.
set -euo pipefail

build=${PF_BUILD:?run this through make fuzz}
source=${PF_SOURCE:?run this through make fuzz}
corpus=$build/tests/fuzz/corpus

mkdir -p "$corpus"
for input in "$source"/tests/data/feeds/*/input.*; do
    case=${input%/*}
    cp "$input" "$corpus/case-${case##*/}"
done
cd "$build/tests/fuzz"
exec ./fuzz_feed -max_total_time="${FUZZ_SECONDS-300}" -jobs="${FUZZ_JOBS-0}" -timeout=20 -rss_limit_mb=2048 -max_len=20000 \
    -print_final_stats=1 corpus
