#!/usr/bin/env bash
# Formats all sources with clang-format-19; with --check only says whether that would change any.
set -euo pipefail
. "$(dirname "$0")/common.sh"
install clang-format-19
mapfile -t files < <(find benchmarks chains cmake core examples llms net prompts tests -name '*.[ch]pp' | sort)
if [ "${1:-}" = --check ]; then
    clang-format-19 --dry-run -Werror "${files[@]}" && say "${#files[@]} files are formatted"
else
    clang-format-19 -i "${files[@]}"
fi
