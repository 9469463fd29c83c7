#!/usr/bin/env bash
# Runs Python's LangChain, OpenAI and Groq clients on the same mock as this library, and Jinja2 on models' chat templates, and writes the
# tables to build/compare.md.
# The packages go into a virtual environment under build/. Arguments go to run.py: --rounds N, --scale X, --output FILE.
set -euo pipefail
cd "$(dirname "$0")/.."
build="${ZINCIR_BENCH_BUILD:-build/release}"
python=build/compare-venv/bin/python
# The versions that the table in the README was measured with.
packages=(langchain-openai==1.7.3 langchain-groq==1.1.3 openai==3.54.0 groq==0.37.1 langchain-core==1.7.2)
cmake --preset release -B "$build" >/dev/null
cmake --build "$build" --target mock_openai bench_client bench_core bench_chat_template
if ! [ -x "$python" ]; then
    echo "making a virtual environment in build/compare-venv" >&2
    python3 -m venv build/compare-venv
fi
"$python" -m pip install --quiet --disable-pip-version-check "${packages[@]}"
"$python" benchmarks/run.py peers --programs "$build/bin" --python "$python" --rounds 3 --output build/compare.md "$@"
"$python" benchmarks/compare_templates.py --program "$build/bin/bench_chat_template" --install build/peers --output build/compare.md
