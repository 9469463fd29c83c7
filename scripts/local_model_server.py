"""Serves a GGUF model by llama.cpp's OpenAI-compatible server until it is ended: local_model_server.py MODEL PORT"""
import os
import signal
import sys

from xllamacpp import CommonParams, Server

params = CommonParams()
params.model.path = sys.argv[1]
params.hostnames = ["127.0.0.1"]
params.port = int(sys.argv[2])
params.n_ctx = 4096
params.n_parallel = 2
params.cpuparams.n_threads = os.cpu_count() or 1
try:
    params.model_alias = {os.path.basename(sys.argv[1]).removesuffix(".gguf")}
except (AttributeError, TypeError):
    pass  # an older server answers with the file's path
server = Server(params)
signal.sigwait({signal.SIGTERM, signal.SIGINT})
os._exit(0)
