"""Runs local_model_test against a server of its own: run.py PROGRAM. Exit status 77: the model cannot be installed here."""
import os
import pathlib
import subprocess
import sys
import tempfile

import server

with tempfile.TemporaryDirectory() as folder:
    log = pathlib.Path(folder) / "server.log"
    with server.running(log) as url:
        done = subprocess.run([sys.argv[1]], env={**os.environ, "ZINCIR_TEST_URL": url, "ZINCIR_TEST_LOG": str(log)}, check=False)
sys.exit(done.returncode)
