"""The types of layer options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from cnncalc.core.arithmetic import LARGEST
from cnncalc.core.translation import Phrase

Count = Annotated[int, Field(ge=1, le=LARGEST)]
"""A whole number from 1."""

Extent = Annotated[int, Field(ge=0, le=LARGEST)]
"""A whole number from 0."""


# The three types below hold a number, or one per axis. They have validators of their own: pydantic's models of nested
# unions are so large that building them would take a tenth of the time of a summary.


def _count_reader(least: int) -> Callable[[Any], tuple[int, ...]]:
    """A validator of a whole number from `least`, or one per axis."""

    def read(given: Any) -> tuple[int, ...]:
        each = (given,) if isinstance(given, int) else given
        if not isinstance(each, tuple) or not each or not all(_is_count(number, least) for number in each):
            raise ValueError
        return each

    return read


def _is_count(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= LARGEST


def _read_padding(given: Any) -> Any:
    """Check padding in any of its forms; the result is a word, or a tuple."""
    if given in ("same", "valid"):
        return given
    each = (given,) if isinstance(given, int) else given
    if not isinstance(each, tuple) or not each:
        raise ValueError
    for rows in each:
        pair = rows if isinstance(rows, tuple) else (rows, rows)
        if len(pair) != 2 or not all(_is_count(number, 0) for number in pair):
            raise ValueError
    return each


_IN_WORDS = {0: Phrase("a whole number from 0, or one per axis"), 1: Phrase("a whole number from 1, or one per axis")}


def _per_axis_schema(least: int) -> dict[str, Any]:
    number = {"type": "integer", "minimum": least, "maximum": LARGEST}
    return {
        "description": _IN_WORDS[least],
        "anyOf": [number, {"type": "array", "items": number, "minItems": 1, "maxItems": 3}],
    }


WHOLE: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": LARGEST}
"""The JSON Schema of `Count`."""

ROWS: dict[str, Any] = {"type": "integer", "minimum": 0, "maximum": LARGEST}
"""The JSON Schema of `Extent`."""

ROWS_OF_AN_AXIS: dict[str, Any] = {"anyOf": [ROWS, {"type": "array", "items": ROWS, "minItems": 2, "maxItems": 2}]}
"""The same, or [before, after]."""

PerAxis = Annotated[tuple[int, ...], PlainValidator(_count_reader(1)), WithJsonSchema(_per_axis_schema(1))]
"""One whole number for all spatial axes, or one per axis."""

PerAxisExtent = Annotated[tuple[int, ...], PlainValidator(_count_reader(0)), WithJsonSchema(_per_axis_schema(0))]
"""Like `PerAxis`, from 0."""

Padding = Annotated[
    Literal["same", "valid"] | tuple[int | tuple[int, int], ...],
    PlainValidator(_read_padding),
    WithJsonSchema(
        {
            "description": "a whole number from 0, one per axis, [before, after] per axis, `same` or `valid`",
            "anyOf": [
                {"enum": ["same", "valid"]},
                ROWS,
                {"type": "array", "minItems": 1, "items": ROWS_OF_AN_AXIS},
            ],
        }
    ),
]
"""Rows added at both ends of every axis: one number, one per axis, `[before, after]` per axis, `same` or `valid`."""

Pads = tuple[tuple[int, int], ...]
"""Resolved padding: (before, after) on each axis."""

Shapes = tuple[tuple[str, tuple[int, ...]], ...]
"""Names with shapes, in order."""


def _read_shapes(given: Any) -> Shapes:
    pairs = tuple(given.items()) if isinstance(given, dict) else given
    if not isinstance(pairs, tuple):
        raise ValueError
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2 or not isinstance(pair[0], str):
            raise ValueError
        if not isinstance(pair[1], tuple) or not all(_is_count(number, 0) for number in pair[1]):
            raise ValueError
    return pairs


NamedShapes = Annotated[
    Shapes,
    PlainValidator(_read_shapes),
    WithJsonSchema(
        {
            "description": "names with shapes, as `weight: [64, 3]`",
            "type": "object",
            "additionalProperties": {"type": "array", "items": ROWS},
        }
    ),
]
"""Shapes by name, kept as pairs: a mapping has no hash."""

Axes = Annotated[
    tuple[int, ...],
    Field(min_length=1),
    BeforeValidator(lambda given: (given,) if isinstance(given, int) else given),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}, "minItems": 1}]}),
]
"""A whole number of either sign, or several: axes, which count without the batch, or steps along them."""
