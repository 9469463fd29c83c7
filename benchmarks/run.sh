#!/usr/bin/env bash
# Builds the release preset, runs every benchmark against the floor and writes the tables to build/benchmarks.md.
# Arguments go to run.py: --rounds N, --scale X, --output FILE.
set -euo pipefail
cd "$(dirname "$0")/.."
build="${ZINCIR_BENCH_BUILD:-build/release}"
cmake --preset release -B "$build" >/dev/null
targets=(mock_openai floor_client bench_client bench_core)
if cmake --build "$build" --target help | grep -q '^hello:'; then
    targets+=(hello)
fi
cmake --build "$build" --target "${targets[@]}"
ulimit -n "$(ulimit -Hn)"
exec python3 benchmarks/run.py floor --programs "$build/bin" --output build/benchmarks.md "$@"
