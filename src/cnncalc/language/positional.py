"""Options that Python hands over without their names, as torch's modules take them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from typing import Any

from cnncalc.core.errors import Fault, InputError
from cnncalc.core.graph import NOWHERE
from cnncalc.core.tensor import Shape, TensorSpec
from cnncalc.core.translation import Listed, Phrase
from cnncalc.language.options import build
from cnncalc.layers.base import Layer
from cnncalc.layers.catalogue import type_name

Options = Mapping[str, Any]


def unnamed(found: type[Layer]) -> list[str]:
    """The options that need no name.

    Where torch takes a size that follows from the input here, they are only those that must be given: of one value
    more, nobody could tell whether it is meant as in torch, `Conv2d(3, 16, 3)`, or without that size.
    """
    order, fields = _order(found), found.model_fields
    if set(found.torch_order) <= set(fields):
        return order
    return list(takewhile(lambda name: fields[name].is_required(), order))


def _order(found: type[Layer]) -> list[str]:
    """The options of a layer type in torch's order, or those that must be given."""
    fields = found.model_fields
    order = found.torch_order or [name for name, field in fields.items() if field.is_required()]
    return [name for name in order if name in fields]


def named(
    found: type[Layer],
    values: Sequence[Any],
    options: Options,
    flowing: Callable[[], Shape],
    spelled: Callable[[Sequence[str], Options], str],
) -> Options:
    """All options by their names; `values` are those that were given without.

    For the diagnostic, `flowing` tells the shape that flows in, and `spelled` writes a call, with names for all options
    but some.

    Errors:  unnamed-option
    """
    names = unnamed(found)
    twice = [name for name in names[: len(values)] if name in options]
    if len(values) <= len(names) and not twice:
        return {**dict(zip(names, values, strict=False)), **options}
    if found.least_inputs > 1 and (read := _names(values)):
        remedy = Phrase("write `{own}`", own=spelled(names, {"from_": read}))
    else:
        meant = meant_by_values(found, values, options, flowing(), lambda options: spelled(names, options))
        whole = None if meant else _reading(found, names[:1], (tuple(values),), options)
        remedy = meant or (
            Phrase("write `{own}`", own=spelled(names, whole))
            if whole is not None
            else Phrase("its options are {all}, to be given by name" if found.model_fields else "it takes no options")
        )
    if twice:
        message = Phrase("{layer} is given `{twice}` twice, without its name and with it")
    elif names:
        message = Phrase("{layer} takes {names} without a name, and here are {n} values")
    else:
        message = Phrase("{layer} takes no option without its name")
    raise Fault(
        "unnamed-option",
        message,
        help=remedy,
        layer=type_name(found),
        names=Listed(names),
        n=len(values),
        twice=next(iter(twice), ""),
        all=Listed(found.model_fields, ","),
    )


def meant_by_values(
    found: type[Layer], values: Sequence[Any], options: Options, shape: Shape | None, spelled: Callable[[Options], str]
) -> Phrase | None:
    """The remedy for values without names, which `spelled` writes with names; None where they make no layer.

    The first may be a size that follows from the input, whose `shape` tells whether it is, as far as it is known.
    """
    theirs, own = (_reading(found, order, values, options) for order in (found.torch_order, _order(found)))
    size, given = next(
        (pair for pair in zip(found.torch_order, values, strict=False) if pair[0] not in found.model_fields), ("", None)
    )
    if not size:
        theirs = None
    elif theirs is not None and own is not None and shape:
        if not _fits(found, own, shape):
            own = None
        elif given != shape[0 if size in OF_CHANNELS else -1]:
            theirs = None
    if theirs is None:
        return None if own is None else Phrase("write `{own}`", own=spelled(own))
    written = spelled(theirs)
    if own is None:
        return Phrase("write `{theirs}`: {size} follows from the input", theirs=written, size=size)
    both = Phrase("write `{theirs}`: {size} follows from the input; or `{own}`, if that is meant")
    return Phrase(both.template, theirs=written, size=size, own=spelled(own))


OF_CHANNELS = ("in_channels", "num_features", "num_channels")
"""Sizes that torch is told of the channels; the others are of the last axis."""


def _fits(found: type[Layer], options: Options, shape: Shape) -> bool:
    try:
        build(type_name(found), options, NOWHERE, None).output(TensorSpec(shape))
    except (Fault, InputError):
        return False
    return True


def _names(values: Sequence[Any]) -> list[str]:
    """The names of layers that values are, one by one or as a list; none if something else is among them."""
    parts = values[0] if len(values) == 1 and isinstance(values[0], tuple) else values
    return list(parts) if all(isinstance(part, str) for part in parts) else []


def _reading(found: type[Layer], order: Sequence[str], values: Sequence[Any], options: Options) -> Options | None:
    """The options that are meant if values stand in this order; None where they make no layer."""
    meant = {name: value for name, value in zip(order, values, strict=False) if name in found.model_fields}
    if len(values) > len(order) or meant.keys() & options.keys():
        return None
    try:
        build(type_name(found), {**meant, **options}, NOWHERE, None)
    except InputError:
        return None
    return {**meant, **options}
