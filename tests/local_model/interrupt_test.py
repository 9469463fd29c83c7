"""Ctrl-C at scripts/run.sh, at a terminal, while the local model streams. Exit status 77: the model cannot be installed here.

The example has to end at once with status 130; a server that run.sh started has to be gone, one that was there before has to see the
connection close and to go on; `local-model.sh --stop` has to leave no process; `--model offline` has to download nothing."""
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import time

import server

ROOT = server.ROOT
PROGRAMS = sys.argv[1]


def environment(cache):
    keep = {k: v for k, v in os.environ.items() if k not in ("GROQ_API_KEY", "ZINCIR_LOCAL_URL")}
    return {**keep, "ZINCIR_CACHE": str(cache), "ZINCIR_PROGRAMS": PROGRAMS, "ZINCIR_LOCAL_PORT": "0", "TERM": "dumb"}


def local_model(cache, *words):
    return subprocess.run([ROOT / "scripts/local-model.sh", *words], env=environment(cache), stdout=subprocess.PIPE, text=True, check=False)


def interrupted(cache):
    """What run.sh wrote, its exit status, how long it took to end after Ctrl-C, and the pid of the server it talked to."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.execvpe("scripts/run.sh", ["scripts/run.sh", "two_step_chain", "in", "very", "many", "words", "what", "a", "bear", "is"],
                   environment(cache))
    text = b""
    pressed = None
    pid_of_server = None
    deadline = time.monotonic() + 240
    try:
        while time.monotonic() < deadline:
            ready, _, _ = select.select([terminal], [], [], 0.05)
            if ready:
                try:
                    piece = os.read(terminal, 4096)
                except OSError:  # the other end is closed
                    break
                if not piece:
                    break
                text += piece
            # Some words of the first step's text have come.
            if pressed is None and re.search(rb"Draft\r\n.{8,}", text, re.DOTALL):
                pid_of_server = int((cache / "server.pid").read_text())
                os.write(terminal, b"\x03")
                pressed = time.monotonic()
        _, status = os.waitpid(pid, 0)
    except BaseException:
        os.kill(pid, signal.SIGKILL)
        raise
    finally:
        os.close(terminal)
    assert pressed, "no text came: " + text.decode(errors="replace")
    return text.decode(errors="replace"), os.waitstatus_to_exitcode(status), time.monotonic() - pressed, pid_of_server


def check(truth, what):
    if not truth:
        sys.exit("failed: " + what)
    print("ok: " + what)


def main():
    python, _ = server.installed()
    with tempfile.TemporaryDirectory() as folder:
        cache = pathlib.Path(folder)
        (cache / "venv").symlink_to(pathlib.Path(python).parents[1])
        try:
            text, status, seconds, pid = interrupted(cache)
            check(status == 130, f"Ctrl-C ends run.sh with status 130 ({status})")
            check("stopped" in text and "Rewrite" not in text, "before its second step")
            check(seconds < 5, f"at once ({seconds:.2f} s with the server's own end)")
            check("SmolLM2-135M" in text, "it said which model it used")
            check(local_model(cache, "--status").returncode == 1 and not server.alive(pid), "the server that run.sh started is gone")

            both = [subprocess.Popen(["scripts/run.sh", *words], cwd=ROOT, env=environment(cache), stdout=subprocess.DEVNULL,
                                     stderr=subprocess.PIPE, text=True)
                    for words in (["hello"], ["two_step_chain", "what a long winter is"])]
            said = [run.communicate(timeout=240)[1] for run in both]
            check([run.returncode for run in both] == [0, 0], f"two at once both end well ({said})")
            check(sum("starting " in text for text in said) == 1, "on one server")
            check(local_model(cache, "--status").returncode == 1, "which the last of them ended")

            check(local_model(cache).returncode == 0, "a server starts")
            pid = int((cache / "server.pid").read_text())
            check(local_model(cache, "--print-url").stdout.startswith("http://127.0.0.1:"), "and is found running")
            _, status, seconds, _ = interrupted(cache)
            check(status == 130 and seconds < 2, f"Ctrl-C with a server that was there before ({seconds:.2f} s)")
            check(server.alive(pid), "which goes on")
            log = cache / "server.log"
            for _ in range(200):
                if "cancel task" in log.read_text(errors="replace"):
                    break
                time.sleep(0.05)
            check("cancel task" in log.read_text(errors="replace"), "and saw the connection close")
            check(local_model(cache, "--stop").returncode == 0 and not server.alive(pid), "--stop leaves no process")
        finally:
            local_model(cache, "--stop")

    with tempfile.TemporaryDirectory() as folder:
        closed = {**environment(folder), "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_NO_CACHE_DIR": "1",
                  "PIP_FIND_LINKS": ""}
        run = subprocess.run([ROOT / "scripts/run.sh", "--model", "offline"], cwd=ROOT, env=closed, capture_output=True, text=True, check=False)
        check(run.returncode == 0 and "offline" in run.stdout, "--model offline runs without a package index")
        check(not any(pathlib.Path(folder).iterdir()), "and downloads nothing")
        run = subprocess.run([ROOT / "scripts/run.sh"], cwd=ROOT, env=closed, capture_output=True, text=True, check=False)
        check(run.returncode == 0 and "model: offline (no GROQ_API_KEY and no local model" in run.stderr,
              "without a key and an index run.sh says that it takes the offline model, and why")


main()
