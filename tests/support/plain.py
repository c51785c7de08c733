"""Descriptions as JSON has them, and small changes of their form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cnncalc.language.text.document import Mapping, Scalar, Value

ODD: tuple[Any, ...] = (None, True, 3, -1, 1.5, "word", [], {}, [3], ["word"], {"word": 3}, [[3]])
"""Values of every kind, one of which is wrong nearly anywhere."""


def plain(value: Value) -> Any:
    """A parsed value as JSON has it."""
    if isinstance(value, Scalar):
        return value.value
    if isinstance(value, Mapping):
        return {name: plain(part) for name, part in value.values.items()}
    return [plain(part) for part in value.items]


def changed(value: Any) -> Iterator[Any]:
    """The value with one part of another kind, one more key, or one key less."""
    yield from (odd for odd in ODD if odd != value or type(odd) is not type(value))
    if isinstance(value, dict):
        yield {**value, "word": 3}
        for name, part in value.items():
            yield {key: other for key, other in value.items() if key != name}
            yield from ({**value, name: other} for other in changed(part))
    if isinstance(value, list):
        for number, part in enumerate(value):
            yield from ([*value[:number], other, *value[number + 1 :]] for other in changed(part))
