"""Mistakes in a shape that no equation gives: its order, its axes, and layers that keep it."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.core.kinds import Kind
from cnncalc.core.translation import said
from cnncalc.homework.mistakes.base import Case, Mistake, WrongAnswer


def _shape_kept(case: Case) -> Iterator[WrongAnswer]:
    row = case.row
    if len(row.inputs) != 1 or row.has_kernel or hasattr(row.layer, "kernel_size") or row.output.regions != 1:
        return
    if row.output.shape == row.inputs[0].shape and row.kind is not Kind.POOLING and row.weights_from is None:
        sentence = said("A layer of the type {kind} keeps the shape of what it reads.", kind=row.type)
        yield WrongAnswer(case.answer.value, sentence)


def _shape_reordered(case: Case) -> Iterator[WrongAnswer]:
    given = case.answer.value
    if isinstance(given, tuple) and sorted(given) == sorted(case.right):
        yield WrongAnswer(given, said("The extents are right, but not their order: channels, rows and columns."))


def _axes_of_the_shape(case: Case) -> Iterator[WrongAnswer]:
    given, axes = case.answer.value, len(case.right)
    if axes > 1 and isinstance(given, tuple) and len(given) not in (axes, axes + 1):
        sentence = said(
            "{given} numbers are given, and the output has {n}: the channels, and an extent for each axis of the map.",
            given=len(given),
            n=axes,
        )
        yield WrongAnswer(given, sentence)


SHAPE_MISTAKES: tuple[Mistake, ...] = (
    Mistake("shape_kept", ("output", "size", "channels"), _shape_kept),
    Mistake("shape_reordered", ("output",), _shape_reordered),
    Mistake("axes_of_the_shape", ("output",), _axes_of_the_shape),
)
"""Mistakes that are tried last."""
