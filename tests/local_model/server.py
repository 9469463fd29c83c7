"""Starts scripts/local_model_server.py for a test, and ends it with the test."""
import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77
# Ended from outside, a test still ends its server.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def installed():
    """The Python and the model file of scripts/local-model.sh, installed where they are missing."""
    found = subprocess.run([ROOT / "scripts/local-model.sh", "--install"], stdout=subprocess.PIPE, text=True, check=False)
    if found.returncode == 3:
        skip("the model's wheels cannot be installed here (see above)")
    if found.returncode:
        sys.exit(found.returncode)
    return found.stdout.splitlines()


def alive(pid):
    try:
        os.kill(pid, 0)
        return True
    except ProcessLookupError:
        return False


@contextlib.contextmanager
def running(log):
    """Yields the base URL of a server of its own."""
    python, model = installed()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with open(log, "wb") as out:
        server = subprocess.Popen([python, ROOT / "scripts/local_model_server.py", model, str(port)], stdin=subprocess.DEVNULL,
                                  stdout=out, stderr=out)
    try:
        for _ in range(1200):
            if server.poll() is not None:
                sys.exit("the server ended:\n" + pathlib.Path(log).read_text(errors="replace")[-2000:])
            with contextlib.suppress(OSError):
                if opener.open(f"http://127.0.0.1:{port}/health", timeout=2).status == 200:
                    break
            time.sleep(0.1)
        else:
            sys.exit("the server was not ready within two minutes")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
