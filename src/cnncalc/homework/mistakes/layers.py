"""Mistakes about the wrong layer, and about layers without filters or windows: flatten, merges, norms."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.analysis.report import LayerReport
from cnncalc.core.tensor import spell
from cnncalc.core.translation import said
from cnncalc.explain.layer import Equation, explain
from cnncalc.homework.mistakes.base import COUNTS, FIELDS, FILTERS, WEIGHTS, Case, Mistake, WrongAnswer, may_fit
from cnncalc.homework.questions import askable_quantities
from cnncalc.homework.targets import expected_value

EXPLAINED = ("params", "macs", "flops", "memory", "buffers")


def _answers_of_layers(case: Case, rows: list[LayerReport]) -> Iterator[WrongAnswer]:
    """The value of the nearest of these layers that has another one."""
    for row in rows:
        value = case.value_at(row)
        if value is None or value == case.right or value == 0:
            continue
        if may_fit(case.answer, value, case.quantity):
            sentence = (
                said(
                    "That is {other}, not {own}.",
                    other=f"{row.path}.{case.quantity}",
                    own=f"{case.name}.{case.quantity}",
                )
                if case.quantity in ("size", "channels")
                else said("That is what {other} has; {own} was asked for.", other=row.path, own=case.name)
            )
            yield WrongAnswer(value, sentence, _equation_of(case, row))
        if case.quantity not in FIELDS:
            return


def _layer_with_another(case: Case) -> Iterator[WrongAnswer]:
    """This layer and a neighbour counted together, as the parts of a separable convolution often are."""
    if not case.of_layer or not case.row.has_kernel:
        return
    for rows in (case.before(), case.after()):
        other = next((row for row in rows if row.has_kernel), None)
        if other is not None:
            sentence = said("That is {own} and {other} together.", own=case.name, other=other.path)
            yield WrongAnswer(case.right + expected_value(case.question._replace(row=other)), sentence)


def _equation_of(case: Case, row: LayerReport) -> Equation | None:
    if case.quantity not in EXPLAINED:
        return None
    equations = explain(case.report, row.path, [case.quantity])[0].equations
    return equations[-1] if equations else None


def _previous_layer(case: Case) -> Iterator[WrongAnswer]:
    if case.of_layer and case.quantity != "receptive_field":
        yield from _answers_of_layers(case, list(case.before()))


def _next_layer(case: Case) -> Iterator[WrongAnswer]:
    if case.of_layer and case.row.type != "flatten":
        yield from _answers_of_layers(case, list(case.after())[:20])


def _nothing_counted(case: Case) -> Iterator[WrongAnswer]:
    if case.answer.value != 0 or not case.right:
        return
    if not case.of_layer:
        most, path = max((case.value_at(row) or 0, row.path) for row in case.report.rows)
        yield WrongAnswer(0, said("It is not nothing: {path} alone has {n:,}.", path=path, n=most))
        return
    row = case.row
    if case.quantity in WEIGHTS:
        weights = ", ".join(
            f"{weight.name or row.path} {spell(weight.shape)}" for weight in row.weights if weight.trainable
        )
        yield WrongAnswer(0, said("This layer does learn: {weights}.", weights=weights))
    elif case.quantity in FILTERS:
        yield WrongAnswer(0, said("This layer does multiply: every weight is used for every value that comes out."))


def _pool_counted(case: Case) -> Iterator[WrongAnswer]:
    """Any figure for what a pool has none of, even if no equation gives it."""
    if case.of_layer and case.facts.is_window_pool and case.answer.value:
        yield WrongAnswer(case.answer.value, said("A pool learns nothing: it has no weights, and multiplies by none."))


def _nothing_to_count(case: Case) -> Iterator[WrongAnswer]:
    """Any figure for what a layer has none of."""
    if not case.of_layer or case.right or not case.answer.value or case.facts.is_window_pool:
        return
    row = case.row
    if row.weights_from is not None and case.quantity in WEIGHTS:
        sentence = said("Its weights are those of {other}, and are counted there.", other=row.weights_from)
    elif case.quantity in WEIGHTS:
        sentence = said("A layer of the type {kind} learns nothing: it has no weights.", kind=row.type)
    else:
        sentence = said(
            "MACs are those of convolutions and matrix products: a layer of the type {kind} has none.", kind=row.type
        )
    yield WrongAnswer(case.answer.value, sentence)


LAYER_MISTAKES: tuple[Mistake, ...] = (
    Mistake("nothing_counted", FILTERS, _nothing_counted),
    Mistake("pooling_given_parameters", FILTERS, _pool_counted),
    Mistake("nothing_to_count", FILTERS, _nothing_to_count),
)
"""The likeliest first."""

NEIGHBOURS: tuple[Mistake, ...] = (
    Mistake("previous_layer", askable_quantities(), _previous_layer),
    Mistake("next_layer", askable_quantities(), _next_layer),
    Mistake("layer_with_another", COUNTS, _layer_with_another),
)
"""The number of another layer, if no equation of this one gives it."""
