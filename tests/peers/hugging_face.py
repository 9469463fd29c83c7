"""Renders chat templates by Python's Jinja2, set up as transformers' apply_chat_template sets it up.

Reads lines {"template", "values"} from standard input and writes lines {"text"} or {"error"}. Run by chat_templates.py in a virtual
environment. Source of the rules: transformers, utils/chat_template_utils.py, _compile_jinja_template.
"""
import datetime
import functools
import json
import sys

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

NOW = datetime.datetime.fromisoformat(sys.argv[1])


class Generation(Extension):
    """{% generation %}…{% endgeneration %} marks what the model wrote; for the text it changes nothing."""
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.CallBlock(self.call_method("_text"), [], [], body).set_lineno(line)

    def _text(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
environment.filters["tojson"] = tojson
environment.globals["raise_exception"] = raise_exception
environment.globals["strftime_now"] = NOW.strftime
compiled = functools.lru_cache(environment.from_string)

for line in sys.stdin:
    case = json.loads(line)
    try:
        answer = {"text": compiled(case["template"]).render(**case["values"])}
    except Exception as e:  # whatever a template's author or the engine raises
        answer = {"error": f"{type(e).__name__}: {e}"}
    print(json.dumps(answer), flush=True)
