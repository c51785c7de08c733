"""Shapes of inputs as other notations write them: with a batch of any size, by names, or as an array is made."""

from __future__ import annotations

import re
from collections.abc import Collection

from cnncalc.language.text.document import Mapping, Scalar, Sequence, Value

BATCH = ("none", "null", "~", "-1", "?", "n", "b", "bs", "batch", "batch_size")
"""What other notations write for a batch of any size."""

AXES = (
    ("channels", "channel", "c", "in_channels", "features"),
    ("depth", "d", "frames"),
    ("height", "h", "rows"),
    ("width", "w", "cols", "columns"),
    ("length", "l"),
)
"""Names of the axes, in their order here."""

_MADE = re.compile(r"[\w.]*(?:randn?|zeros|ones|empty|Size)\(([\s0-9,()\[\]]+)\)")
_SPACED = re.compile(r"[0-9]{1,19}(?: +[0-9]{1,19})+")


def meant_shape(value: Value, names: Collection[str]) -> list[int]:
    """The shape that is meant by what is no shape here; nothing if none is, or it is a shape here. `names` are known.

    Example:
        [None, 3, 32, 32]  ->  [3, 32, 32]
    """
    if isinstance(value, Mapping):
        return _by_names(value)
    if isinstance(value, Sequence):
        first, *rest = value.items or (value,)
        is_batch = isinstance(first, Scalar) and first.text.lower() in BATCH and first.text not in names
        if is_batch and rest:
            return channels_first(sizes_of(rest))
        return _spaced(first) if not rest else []
    made = _MADE.fullmatch(value.text)
    if made is None:
        return _spaced(value)
    sizes = [int(size) for size in re.findall("[0-9]{1,19}", made[1])]
    return sizes[1:] if len(sizes) == 4 else sizes


def _spaced(value: Value) -> list[int]:
    """Sizes with blanks between them."""
    is_spaced = isinstance(value, Scalar) and _SPACED.fullmatch(value.text)
    return [int(size) for size in value.text.split()] if is_spaced and isinstance(value, Scalar) else []


def channels_first(sizes: list[int]) -> list[int]:
    """The sizes of an image with its channels moved to the front, where they come last."""
    is_last = len(sizes) > 2 and sizes[-1] in (1, 3, 4) and sizes[0] > 4
    return [sizes[-1], *sizes[:-1]] if is_last else sizes


def sizes_of(values: Collection[Value]) -> list[int]:
    """The whole numbers that these are; nothing if one is none."""
    found = [one.value for one in values if isinstance(one, Scalar) and type(one.value) is int]
    return found if len(found) == len(values) else []


def _by_names(shape: Mapping) -> list[int]:
    """A shape that is given axis by axis, or under one name."""
    if len(shape.values) == 1:
        ((name, value),) = shape.values.items()
        if isinstance(value, Sequence) and name in ("shape", "size", "image"):
            return meant_shape(value, ()) or sizes_of(value.items)
    by_axis = [[value for name, value in shape.values.items() if name.lower() in words] for words in AXES]
    given = [value for each in by_axis for value in each]
    return sizes_of(given) if len(given) == len(shape.values) else []
