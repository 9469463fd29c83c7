#!/usr/bin/env python3
"""Renders models' chat templates by zincir-render and by Python's Jinja2 as transformers sets it up, and compares the bytes.

usage: chat_templates.py --install DIR --render PROGRAM [FOLDER…]

Each *.jinja of the folders is rendered for the conversations of conversations.py: the same bytes, or both raise. Without a folder: the
templates of current models that the source package of llama-cpp-python carries, from PyPI. Exit code 77: cannot be installed.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile

from conversations import conversations
from support import answers, here, install_once, run_installer, skip, virtual_environment

SOURCES = "llama-cpp-python==0.3.36"
NOW = "2026-11-24T09:30:15"


def sources(install, python):
    """The folder of templates in the source package. `python` is an interpreter with pip."""
    folder = install / "chat-templates"

    def fetch():
        folder.mkdir(parents=True, exist_ok=True)
        # pip asks the package for its metadata, for which it installs its build system; nothing is compiled.
        run_installer([python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary",
                       ":all:", "--dest", folder, SOURCES], "the chat templates")
        for archive in folder.glob("*.tar.gz"):
            with tarfile.open(archive) as tar:
                for member in tar.getmembers():
                    path = pathlib.PurePosixPath(member.name)
                    if path.suffix == ".jinja" and member.isfile():
                        (folder / path.name).write_bytes(tar.extractfile(member).read())
            archive.unlink()

    install_once(folder, SOURCES, fetch)
    return folder


def by_jinja(python, cases):
    return answers([python, here() / "hugging_face.py", NOW], [{"template": template, "values": values} for template, values in cases])


def by_us(program, file, values):
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as given:
        json.dump(values, given, ensure_ascii=False)
        given.flush()
        done = subprocess.run([program, file, "--chat-template", "--values", given.name, "--now", NOW], capture_output=True, timeout=60,
                              env={**os.environ, "TZ": "UTC"}, check=False)
    if done.returncode == 0:
        return {"text": done.stdout.decode()}
    if done.returncode == 1:
        return {"error": done.stderr.decode()}
    return {"crash": f"status {done.returncode}: {done.stderr.decode(errors='replace')}"}


def difference(theirs, ours):
    """Nothing where both agree, else what to show."""
    if "error" in theirs and "error" in ours:
        return None
    if "text" not in theirs or "text" not in ours:
        return f"Jinja2: {str(theirs)[:300]}\n      zincir: {str(ours)[:300]}"
    if theirs["text"] == ours["text"]:
        return None
    at = len(os.path.commonprefix([theirs["text"], ours["text"]]))
    return f"at {at}, Jinja2: {theirs['text'][max(at - 30, 0):at + 50]!r}\n      zincir: {ours['text'][max(at - 30, 0):at + 50]!r}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--install", type=pathlib.Path, required=True)
    parser.add_argument("--render", required=True, help="the program zincir-render")
    parser.add_argument("folders", nargs="*", type=pathlib.Path)
    arguments = parser.parse_args()
    python = virtual_environment(arguments.install, "jinja", here() / "requirements-jinja.txt", "Jinja2")
    folders = arguments.folders or [sources(arguments.install, python)]
    files = sorted(file for folder in folders for file in folder.rglob("*.jinja"))
    if not files:
        sys.exit("there is no *.jinja in " + ", ".join(map(str, folders)))
    cases = [(file, name, values) for file in files for name, values in conversations()]
    texts = {file: file.read_text(encoding="utf-8") for file in files}
    theirs = by_jinja(python, [(texts[file], values) for file, _, values in cases])
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        ours = list(pool.map(lambda case: by_us(arguments.render, case[0], case[2]), cases))
    raised, differing = 0, set()
    for (file, name, _), their, our in zip(cases, theirs, ours, strict=True):
        raised += "error" in their and "error" in our
        if shown := difference(their, our):
            differing.add(file)
            print(f"{file.name}, {name}: {shown}")
    print(f"{len(files)} templates, {len(cases)} renderings: {len(cases) - raised} texts, {raised} raised by both; "
          f"{len(differing)} templates differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
