"""Prints the chat template of a GGUF model file and its special tokens as JSON: gguf_template.py MODEL. Needs the package gguf."""
import json
import sys

from gguf import GGUFReader

fields = GGUFReader(sys.argv[1]).fields


def token(name):
    number = fields.get(f"tokenizer.ggml.{name}_token_id")
    return fields["tokenizer.ggml.tokens"].contents(number.contents()) if number else ""


print(json.dumps({"template": fields["tokenizer.chat_template"].contents(), "bos_token": token("bos"), "eos_token": token("eos")}))
