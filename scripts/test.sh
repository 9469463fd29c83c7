#!/usr/bin/env bash
# Builds everything and runs all tests: scripts/test.sh [PRESET] [ctest arguments…]
set -euo pipefail
. "$(dirname "$0")/common.sh"

if [ "${1:-}" = --help ] || [ "${1:-}" = -h ]; then
    cat <<TEXT
Usage: scripts/test.sh [PRESET] [ctest's ARGUMENTS…]

Installs what is missing (Debian packages), builds everything and runs the tests. Presets, each in a folder of its own below build/:

  dev       g++, all tests (without a preset)
  asan      g++, under AddressSanitizer and UBSan
  clang     clang, under AddressSanitizer and UBSan, with the fuzzers' smokes
  tsan      g++, under ThreadSanitizer
  release   with optimisation

Of ctest's arguments mostly -R REGEX (only those tests), -LE LABELS (all but those) and --rerun-failed.
TEXT
    exit 0
fi

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
