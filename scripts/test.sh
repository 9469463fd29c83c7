#!/usr/bin/env bash
# Builds everything and runs all tests: scripts/test.sh [PRESET] [ctest arguments…]
set -euo pipefail
. "$(dirname "$0")/common.sh"

preset=dev
if [ $# -gt 0 ] && [ "${1#-}" = "$1" ]; then
    preset=$1
    shift
fi
case $preset in
    dev | asan | clang | tsan | release) ;;
    *) die "unknown preset $preset: dev, asan, clang, tsan or release" ;;
esac

install $packages
[ "$preset" = clang ] && install clang libclang-rt-14-dev
[ "$preset" = release ] && install libbenchmark-dev
configure "$preset"
say "building build/$preset"
# ThreadSanitizer has something to say only where threads meet.
targets=()
[ "$preset" = tsan ] && targets=(--target thread_tests)
cmake --build --preset "$preset" ${targets[@]+"${targets[@]}"}
say "testing"
ctest --preset "$preset" -j "$(nproc)" "$@"
