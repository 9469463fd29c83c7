"""What the tests of this folder share: installing once, skipping, and the requests that the library makes."""
import collections
import contextlib
import fcntl
import json
import pathlib
import re
import subprocess
import sys
import venv

SKIPPED = 77
UNREACHABLE = re.compile(
    r"NewConnectionError|ConnectionError|name resolution|Name or service not known|timed out|ProxyError|Connection refused|Network is "
    r"unreachable|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|"
    r"No module named (?:ensurepip|venv)|ensurepip is not available", re.I)


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def run_installer(command, what):
    """Runs pip or npm. Nothing to reach is a skip; anything else that fails, such as a pin that no longer exists, is a failure."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=200)
    except subprocess.TimeoutExpired:
        skip(f"{what} were not installed within 200 s")
    if done.returncode == 0:
        return
    reason = next((line for line in done.stdout.splitlines() if UNREACHABLE.search(line)), None)
    if reason:
        skip(f"{what} cannot be installed here: {reason.strip()}")
    print(done.stdout)
    sys.exit(f"installing {what} failed")


@contextlib.contextmanager
def locked(folder):
    """One installer at a time, also of two build folders' test runs."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def install_once(folder, wanted, install):
    """Calls install() unless `folder` already holds what `wanted`, a text, names."""
    with locked(folder.parent):
        stamp = folder / "installed.txt"
        if stamp.is_file() and stamp.read_text() == wanted:
            return
        install()
        stamp.write_text(wanted)


def virtual_environment(install, name, requirements, what):
    """The interpreter of a virtual environment that holds the pinned `requirements`, a file."""
    folder = install / f"venv-{name}"
    python = folder / "bin" / "python"

    def make():
        try:
            venv.create(folder, with_pip=True, clear=True)
        except (subprocess.CalledProcessError, OSError, ImportError) as e:
            skip(f"no virtual environment can be made: install python3-venv ({e})")
        run_installer([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1", "-r", requirements], what)

    install_once(folder, f"{sys.version}\n{requirements.read_text()}", make)
    return python


def our_requests(program, *profiles):
    """What print_request prints: one object for each case, profile, streamed or not."""
    done = subprocess.run([program, *profiles], stdout=subprocess.PIPE, text=True, timeout=60, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def answers(command, cases):
    """What a program answers to the cases: one JSON text a line into it, and one out of it for each."""
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    done = subprocess.run(command, input=lines, stdout=subprocess.PIPE, text=True, encoding="utf-8", timeout=300, check=True)
    return [json.loads(line) for line in done.stdout.split("\n")[:-1]]  # not splitlines(): a text may hold U+2028


def compare(cases, theirs, ours, allowed, show):
    """Counts what is equal, refused by both, or allowed, and shows what is different. Returns the exit status."""
    found = collections.Counter()
    for case, their, our in zip(cases, theirs, ours, strict=True):
        if ("error" in their and "error" in our) or ("output" in our and their.get("output") == our["output"]):
            found["refused by both" if "error" in their else "equal"] += 1
            continue
        rule = next((name for name, holds in allowed.items() if holds(case, their, our)), None)
        found[f"allowed: {rule}" if rule else "different"] += 1
        if not rule and found["different"] <= show:
            print(f"{json.dumps(case, ensure_ascii=False)[:600]}\n  theirs: {str(their)[:400]}\n  zincir: {str(our)[:400]}")
    print(f"{len(cases)} cases: " + ", ".join(f"{n} {what}" for what, n in sorted(found.items())))
    return 1 if found["different"] or not found["equal"] else 0


def here():
    return pathlib.Path(__file__).resolve().parent
