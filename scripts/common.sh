# Shared by the scripts beside it: where the checkout is, and installing what is missing.
# Sourced, not run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

say() { printf '==> %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

packages="g++ cmake ninja-build ccache libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libboost-container1.81-dev \
libfmt-dev libcli11-dev libyaml-cpp-dev libssl-dev libgtest-dev libgmock-dev python3 python3-venv ca-certificates openssl"

# install PACKAGE…: with apt, only those that are missing.
install() {
    local missing=()
    command -v apt-get >/dev/null || { say "no apt-get here: the packages needed are: $*"; return 0; }
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    local sudo=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "not root, and no sudo: install ${missing[*]} and run this again"
        sudo=sudo
    fi
    say "installing ${missing[*]}${sudo:+ (with sudo)}"
    local log
    log=$(mktemp)
    $sudo apt-get update -qq >"$log" 2>&1 || true
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >>"$log" 2>&1 ||
        { tail -n 20 "$log" >&2; die "apt-get could not install ${missing[*]}"; }
    rm -f "$log"
}

# configure PRESET
configure() {
    # Again where the presets have changed since: cmake's own look is at the CMakeLists only.
    [ -f "build/$1/build.ninja" ] && [ ! CMakePresets.json -nt "build/$1/configured" ] && return 0
    say "configuring build/$1"
    cmake --preset "$1" >"build-$1.log" 2>&1 || { cat "build-$1.log" >&2; rm -f "build-$1.log"; die "cmake could not configure preset $1"; }
    rm -f "build-$1.log"
    touch "build/$1/configured"
}
