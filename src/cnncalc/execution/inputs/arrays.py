"""Arrays from a description, a file or a call, checked against what the network needs.

Names, shapes and element types are checked before values are read, so that a wrong file costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from cnncalc.core.errors import Diagnostic, Span
from cnncalc.core.graph import Literal
from cnncalc.core.os_errors import reader_reason
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.tensor import Shape, spell, stored_name
from cnncalc.core.translation import Listed, Phrase
from cnncalc.execution.engine.program import Program
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.inputs.pieces import finite_count

MOST_NAMED = 8
"""Unknown or missing names that get a diagnostic each; more of them suggest a wrong file, and share one."""

IGNORED = "num_batches_tracked"
"""The counter of training steps that torch's batch norms store beside their weights."""


class UnreadArray(NamedTuple):
    """An array before its values are read: its name, shape and element type, and its place."""

    name: str
    shape: Shape
    kind: str  # NumPy's letter for the kind of its elements, or its type as the file spells it
    fill: Callable[[Array], None]  # writes its values into an array of this shape
    name_span: Span | None = None
    span: Span | None = None
    loose: bool = False  # leading axes of 1 may be left out


def from_literals(values: Mapping[str, Literal]) -> list[UnreadArray]:
    """The arrays of a description."""

    def given(name: str, literal: Literal) -> UnreadArray:
        def fill(array: Array) -> None:
            array[...] = np.array(literal.numbers, np.float32).reshape(literal.shape)

        return UnreadArray(name, literal.shape, "f", fill, literal.name_span, literal.span, loose=True)

    return [given(name, literal) for name, literal in values.items()]


def from_arrays(arrays: Mapping[str, Any], *, loose: bool = False) -> list[UnreadArray]:
    """Arrays in memory, by name."""

    def given(name: str, values: Array) -> UnreadArray:
        def fill(array: Array) -> None:
            array[...] = values

        return UnreadArray(name, values.shape, values.dtype.kind, fill, loose=loose)

    return [given(name, np.asarray(array)) for name, array in arrays.items()]


def weight_shapes(program: Program) -> dict[str, Shape]:
    """The shape of every weight of a network, by its name in a state dict."""
    return {
        stored_name(step.path, spec.name): spec.shape
        for step in program.steps
        if step.weights_from is None
        for spec in step.weights
    }


def shared_names(program: Program) -> dict[str, str]:
    """Names of shared weights in the layers that read them -> in the layer that holds them."""
    return {
        stored_name(step.path, spec.name): stored_name(step.holder, spec.name)
        for step in program.steps
        if step.weights_from is not None
        for spec in step.weights
    }


def matching_arrays(given: Iterable[UnreadArray], names: Iterable[str], found: list[Diagnostic]) -> list[UnreadArray]:
    """The arrays whose names are among these; diagnostics for the others."""
    given, names = list(given), list(names)
    right = [one for one in given if one.name in names]
    wrong = [one for one in given if one.name not in names and not one.name.endswith(IGNORED)]
    if len(wrong) > MOST_NAMED:
        names_of_wrong = _first_names(one.name for one in wrong)
        found.append(
            Diagnostic(
                "unknown-weight",
                "{n:,} names mean nothing in this network: {first}, ...",
                {"n": len(wrong), "first": names_of_wrong, "own": _first_names(names)},
                wrong[0].name_span,
                help="are these the weights of another network? the names of this one begin with {own}",
            )
        )
    else:
        taken_names = {one.name for one in right}
        free = [name for name in names if name not in taken_names]
        found += [
            Diagnostic(
                "unknown-weight",
                "the network has no input or weight `{name}`",
                {"name": one.name, "known": _first_names(names)},
                one.name_span,
                help=did_you_mean(one.name, free)
                or did_you_mean(one.name, names, "there are {known}" if names else "it has none"),
            )
            for one in wrong
        ]
    return right


def report_missing(absent: list[str], span: Span | None, found: list[Diagnostic]) -> None:
    """Add diagnostics for missing names."""
    groups = [absent] if len(absent) > MOST_NAMED else [[name] for name in absent]
    found += [
        Diagnostic(
            "missing-weight",
            "there is no `{names}`" if len(group) == 1 else "{n:,} weights are missing: {names}, ...",
            {"n": len(group), "names": _first_names(group)},
            span,
            help="a file of weights holds every weight and running statistic of the network",
        )
        for group in groups
    ]


def as_float32(
    given: UnreadArray,
    needed: Shape,
    found: list[Diagnostic],
    *,
    batch: bool = False,
    empty: Callable[[Shape], Array] | None = None,
) -> Array | None:
    """The array as float32 in the shape that is needed; None, and a diagnostic, where it does not fit.

    With `batch`, the array may have a leading batch axis; `empty` allocates the array to fill.
    """
    shape = _target_shape(given, needed, batch)
    if given.kind not in tuple("fiu"):
        found.append(_not_numeric(given))
    if shape is None:
        found.append(_wrong_shape(given, needed, batch))
    if shape is None or given.kind not in tuple("fiu"):
        return None
    array = empty(shape) if empty else np.empty(shape, np.float32)
    try:
        with np.errstate(all="ignore"):
            given.fill(array.reshape(given.shape))
    except MemoryError:
        raise
    except Exception as error:  # libraries raise all kinds of errors on damaged files
        found.append(
            Diagnostic(
                "cannot-read",
                "cannot read `{name}`: {reason}",
                {"name": given.name, "reason": reader_reason(error)},
                given.span,
                help="the file is damaged: write it again",
            )
        )
        return None
    wrong = array.size - finite_count(array)
    if wrong:
        found.append(
            Diagnostic(
                "not-finite",
                "`{name}` holds values that are infinite, not a number (NaN) or too large for float32: "
                "{n:,} of {size:,} values",
                {"name": given.name, "n": wrong, "size": array.size},
                given.span,
                help="look at where they were computed: one such value spreads through the whole network",
            )
        )
        return None
    return array


def _target_shape(given: UnreadArray, needed: Shape, batch: bool) -> Shape | None:
    """The shape that an array is read into; None where it does not fit."""
    if batch and len(given.shape) == len(needed) + 1:
        return given.shape if given.shape[1:] == needed and given.shape[0] else None
    absent = len(needed) - len(given.shape)
    if absent < 0 or (absent > 0 and not given.loose):
        return None
    return needed if given.shape == needed[absent:] and all(n == 1 for n in needed[:absent]) else None


def _wrong_shape(given: UnreadArray, needed: Shape, batch: bool) -> Diagnostic:
    if 0 in given.shape:
        remedy = Phrase("it is empty: look at how it was made")
    elif given.shape != needed and sorted(given.shape) == sorted(needed):
        remedy = Phrase(
            "the axes stand in another order: torch's is channels first, and (out, in, *kernel) for weights"
        )
    elif given.loose and batch:
        remedy = Phrase("leading axes of 1 may be left out, and a batch axis may come first")
    elif given.loose:
        remedy = Phrase("leading axes of 1 may be left out")
    else:
        remedy = Phrase("are these the weights of this network, with these options?")
    return Diagnostic(
        "wrong-value-shape",
        "`{name}` has the shape {given}, but the network needs {needed}",
        {"name": given.name, "given": spell(given.shape), "needed": spell(needed)},
        given.span,
        help=remedy,
    )


def _not_numeric(given: UnreadArray) -> Diagnostic:
    kinds = {
        "O": Phrase("Python objects"),
        "U": Phrase("text"),
        "S": Phrase("text"),
        "b": Phrase("truth values"),
        "c": Phrase("complex numbers"),
        "V": Phrase("records, or numbers of a type that NumPy lacks"),
    }
    kind = kinds.get(given.kind) or Phrase("values of type {kind}", kind=given.kind)
    return Diagnostic(
        "not-numeric",
        "`{name}` holds {kind}, which the network cannot compute with",
        {"name": given.name, "kind": kind},
        given.span,
        help="store it as float32; Python objects are never unpickled, as a pickle may run code"
        if given.kind == "O"
        else "store it as float32",
    )


def _first_names(names: Iterable[str]) -> str:
    return Listed(list(names)[:MOST_NAMED], ",")
