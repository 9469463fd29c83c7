#!/usr/bin/env bash
# Runs the fuzz targets, one after the other, each for a time of the processor: scripts/fuzz.sh [--cpu-seconds N] [TARGET…]
# Without targets all of tests/fuzz; 600 seconds each without N. New inputs go to build/fuzz/TARGET, what fails to build/fuzz/found.
set -euo pipefail
. "$(dirname "$0")/common.sh"

wanted=600
if [ "${1:-}" = --cpu-seconds ]; then
    [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || die "--cpu-seconds takes a whole number from 1 on"
    wanted=$2
    shift 2
fi
targets=("$@")
[ ${#targets[@]} -gt 0 ] || for source in tests/fuzz/*_fuzz.cpp; do
    name=${source##*/}
    targets+=("${name%_fuzz.cpp}")
done

for target in "${targets[@]}"; do
    [ -f "tests/fuzz/${target}_fuzz.cpp" ] || die "there is no fuzz target $target; tests/fuzz has them as NAME_fuzz.cpp"
done

install $packages clang libclang-rt-14-dev
configure clang
cmake --build --preset clang --target "${targets[@]/%/_fuzz}"
export ASAN_OPTIONS=detect_stack_use_after_return=1
mkdir -p build/fuzz/found

status=0
for target in "${targets[@]}"; do
    mkdir -p "build/fuzz/$target"
    flags=(-max_len=4096 -timeout=5 -rss_limit_mb=1024 -verbosity=0 -print_final_stats=1 "-artifact_prefix=build/fuzz/found/$target-")
    [ -f "build/clang/tests/fuzz/$target.dict" ] && flags+=("-dict=build/clang/tests/fuzz/$target.dict")
    seeds=("build/fuzz/$target" "tests/fuzz/seeds/$target")
    [ "$target" = stream ] && seeds+=(tests/llms/streams)
    spent=0
    executions=0
    # libFuzzer knows the clock's time only: in slices, until the processor's time is reached.
    while [ "${spent%.*}" -lt "$wanted" ]; do
        slice=$((wanted - ${spent%.*}))
        TIMEFORMAT='%U %S'
        if ! times=$({ time "build/clang/bin/${target}_fuzz" "-max_total_time=$((slice < 60 ? slice + 1 : 60))" "${flags[@]}" "${seeds[@]}" \
            >"build/fuzz/$target.log" 2>&1; } 2>&1); then
            say "$target failed after $spent s: build/fuzz/$target.log"
            status=1
            break
        fi
        spent=$(echo "$times $spent" | awk '{print $1 + $2 + $3}')
        executions=$((executions + $(sed -n 's/^stat::number_of_executed_units: *//p' "build/fuzz/$target.log")))
    done
    say "$target: $spent s of the processor, $executions executions"
done
exit $status
