"""Remedies for those who write Python: what stands in backticks as in a description becomes a call or its argument."""

from __future__ import annotations

import re
from collections.abc import Iterator

_CODE = re.compile("`([^`]*)`")
_ENTRY = re.compile(r"(?P<dash>- )?(?P<name>[a-z_]\w*)(?:: (?P<value>.+))?")
_PLAIN = {"true": "True", "false": "False", "null": "None"}


def in_python(sentence: str, line: str) -> str:
    """The sentence for somebody who calls a network's method on this line."""
    network = called_on(line)
    return _CODE.sub(lambda found: f"`{_code(found[1], network)}`", sentence)


def called_on(line: str, method: str = r"\w+") -> str:
    """What a method is called on, as it is written on this line."""
    found = re.search(rf"([A-Za-z_][\w.]*)\.(?:{method})\(", line)
    return found[1] if found else "net"


def _code(text: str, network: str) -> str:
    """`- relu` as `net.relu()`, `conv2d: {stride: 2}` as `net.conv2d(stride=2)`, `stride: 2` as `stride=2`."""
    if text == "from":
        return "from_"
    if text.startswith("["):
        return _value(text)
    found = _ENTRY.fullmatch(text)
    if found is None or not (found["dash"] or found["value"]):
        return text
    name, value = found["name"], found["value"] or "{}"
    if value.startswith("{") and value.endswith("}"):
        return f"{network}.{name}({', '.join(map(_argument, _parts(value[1:-1])))})"
    return f"{network}.{name}({_value(value)})" if found["dash"] else _argument(text)


def _argument(option: str) -> str:
    name, _, value = option.partition(": ")
    return f"{'from_' if name == 'from' else name}={_value(value)}"


def _value(text: str) -> str:
    if text.startswith("[") and text.endswith("]"):
        parts = [*map(_value, _parts(text[1:-1]))]
        return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"
    if text in _PLAIN:
        return _PLAIN[text]
    return repr(text) if text.isidentifier() else text


def _parts(text: str) -> Iterator[str]:
    """The parts between commas that stand in no brackets."""
    depth, start = 0, 0
    for place, sign in enumerate(text):
        depth += (sign in "[{(") - (sign in "]})")
        if sign == "," and depth == 0:
            yield text[start:place].strip()
            start = place + 1
    if text[start:].strip():
        yield text[start:].strip()
