"""What editors and mypy know of the methods that append layers: written from the catalogue into `layer_methods.pyi`."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from inspect import Parameter
from pathlib import Path
from typing import Any

from cnncalc.language.layer_methods import documentation, signature
from cnncalc.layers.catalogue import ADDRESSES, resolve

STUB = Path(__file__).parents[2] / "src/cnncalc/language/layer_methods.pyi"

HEAD = """\
# Written by `pytest --regenerate-golden tests/language/test_stubs.py`: change the layers, and not this file.

from collections.abc import Mapping, Sequence
from inspect import Signature
from typing import Literal

PLACED: tuple[str, ...]

def signature(type: str) -> Signature: ...
def documentation(type: str) -> str: ...

class LayerMethods:
    \"\"\"Methods that append a layer to a network, and give its path.\"\"\"

"""

ANY_LAYER = {"name": "str", "from_": "str | Sequence[str]", "share": "str", "alias": "str", "functional": "bool"}
"""Types of what every layer may be told."""


def written() -> str:
    """The stub as it should be."""
    text = HEAD + "\n".join(map(method, ADDRESSES))
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(STUB), "-"]
    return subprocess.run(command, input=text, capture_output=True, check=True, text=True).stdout


def method(type: str) -> str:
    """A layer type: what it takes, of which types, and what that means."""
    properties = resolve(type).model_json_schema().get("properties", {})
    types = {name: in_python(schema) for name, schema in properties.items()}
    types |= {name: f"{kind} | None" for name, kind in ANY_LAYER.items()}
    params: list[str] = []
    for param in signature(type).parameters.values():
        if param.kind is Parameter.KEYWORD_ONLY and "*" not in params:
            params.append("*")
        kind = f": {types[param.name]}" if param.name in types else ""
        params.append(param.name + kind + ("" if param.default is Parameter.empty else f" = {param.default!r}"))
    lines = [
        textwrap.fill(line, 112, subsequent_indent="        " if line.startswith(" ") else "")
        for line in documentation(type).splitlines()
    ]
    doc = textwrap.indent("\n".join(lines), " " * 8).strip()
    closing = "\n        " if len(lines) > 1 else ""
    return f'    def {type}({", ".join(params)}) -> str:\n        """{doc}{closing}"""\n'


def in_python(schema: dict[str, Any]) -> str:
    """The type of what JSON Schema describes; lists are any sequence."""
    return " | ".join(sorted(dict.fromkeys(alternatives(schema)), key="None".__eq__))


def alternatives(schema: dict[str, Any]) -> Iterator[str]:
    """The parts of a union."""
    kind = schema.get("type")
    if "anyOf" in schema:
        for one in schema["anyOf"]:
            yield from alternatives(one)
    elif isinstance(kind, list):
        for name in kind:
            yield from alternatives({**schema, "type": name})
    elif words := schema.get("enum", [schema["const"]] if "const" in schema else []):
        yield f"Literal[{', '.join(map(repr, words))}]"
    elif kind == "array":
        yield f"Sequence[{in_python(schema['items']) if 'items' in schema else 'object'}]"
    elif kind == "object":
        yield f"Mapping[str, {in_python(schema['additionalProperties'])}]"
    else:
        yield {"integer": "int", "number": "float", "boolean": "bool", "null": "None", "string": "str"}[str(kind)]
