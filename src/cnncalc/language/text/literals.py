"""Arrays written out in a description as nested lists."""

from __future__ import annotations

from collections.abc import Mapping as Map
from fractions import Fraction
from typing import Any

from cnncalc.core.errors import InputError, Span, apply_to_all
from cnncalc.core.graph import Literal
from cnncalc.core.tensor import Shape, spell
from cnncalc.core.translation import Phrase
from cnncalc.language.text.document import Mapping, Scalar, Sequence, Value
from cnncalc.language.text.values import Names, read, wrong_kind

LARGEST_FLOAT32 = 3.4028234e38

_Numbers = list[float]


def literals(written: Value, names: Names) -> Map[str, Literal]:
    """The arrays under `values`, by name.

    Errors:  InputError with wrong-kind, ragged-list, number-too-large, and errors of expressions
    """
    if isinstance(written, Scalar) and written.value is None:
        return {}
    if not isinstance(written, Mapping):
        raise wrong_kind(written, "names with numbers", "write `{{input: [[1, 2], [3, 4]]}}`")

    def literal(entry: tuple[Scalar, Value]) -> tuple[str, Literal]:
        key, value = entry
        numbers: _Numbers = []
        shape = _shape(value, names, numbers)
        return key.text, Literal(shape, tuple(numbers), key.span, value.span)

    return dict(apply_to_all(literal, list(written.entries())))


def _shape(value: Value, names: Names, numbers: _Numbers) -> Shape:
    """The shape of a nested list; its numbers are appended to `numbers`."""
    if isinstance(value, Sequence):
        shapes = [_shape(item, names, numbers) for item in value.items]
        return _list_shape(shapes, [item.span for item in value.items], value.span)
    if isinstance(value, Mapping):
        raise _no_number(value)
    plain = value.value
    if isinstance(plain, str):
        plain = read(value, names)
    return _plain_shape(plain, value, numbers)


def _plain_shape(plain: Any, value: Scalar, numbers: _Numbers) -> Shape:
    """The same for the value of an expression."""
    if isinstance(plain, tuple):
        shapes = [_plain_shape(part, value, numbers) for part in plain]
        return _list_shape(shapes, [value.span] * len(shapes), value.span)
    if isinstance(plain, bool) or not isinstance(plain, (int, float, Fraction)):
        raise _no_number(value)
    if not -LARGEST_FLOAT32 <= plain <= LARGEST_FLOAT32:
        raise InputError.of(
            "number-too-large", "{text} is too large", value.span, help="float32 ends at 3.4e38", text=value.text
        )
    numbers.append(float(plain))
    return ()


def _list_shape(shapes: list[Shape], spans: list[Span], whole: Span) -> Shape:
    if not shapes:
        raise InputError.of("ragged-list", "this list holds no numbers", whole, help="write one number at least")
    for shape, span in zip(shapes, spans, strict=True):
        if shape != shapes[0]:
            raise InputError.of(
                "ragged-list",
                "this is {given}, but the first in the same list is {first}",
                span,
                help="give all lists of one level the same length",
                given=_shape_in_words(shape),
                first=_shape_in_words(shapes[0]),
            )
    return (len(shapes), *shapes[0])


def _shape_in_words(shape: Shape) -> str:
    if not shape:
        return Phrase("a number")
    return Phrase("a list of 1 number") if shape == (1,) else Phrase("a list of {shape} numbers", shape=spell(shape))


def _no_number(value: Value) -> InputError:
    return wrong_kind(value, "a number, or a list of numbers", "write `[[0, 1], [1, 0]]`")
