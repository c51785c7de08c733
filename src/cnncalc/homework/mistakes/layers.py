"""Mistakes about the wrong layer, and about layers without filters or windows: flatten, merges, norms."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from cnncalc.analysis.report import LayerReport
from cnncalc.core.kinds import Kind
from cnncalc.core.tensor import spell
from cnncalc.core.term import Term
from cnncalc.core.translation import said
from cnncalc.explain.layer import Equation, explain
from cnncalc.homework.mistakes.base import COUNTS, FIELDS, FILTERS, WEIGHTS, Case, Mistake, WrongAnswer, may_fit
from cnncalc.homework.mistakes.sketch import AnyAmount
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
            sentence = said("That is what {other} has; {own} was asked for.", other=row.path, own=case.name)
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
    if case.sketch is not None and case.sketch.is_pool and case.answer.value:
        yield WrongAnswer(case.answer.value, said("A pool learns nothing: it has no weights, and multiplies by none."))


def _nothing_to_count(case: Case) -> Iterator[WrongAnswer]:
    """Any figure for what a layer has none of."""
    if not case.of_layer or case.right or not case.answer.value or case.sketch is not None:
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


# Flatten


def _next_width_for_flattened(case: Case) -> Iterator[WrongAnswer]:
    if not case.of_layer or case.row.type != "flatten":
        return
    reader = next((row for row in case.after() if row.type == "linear"), None)
    if reader is not None:
        sentence = said(
            "{width:,} is the width of {reader}, the next layer. "
            "A map of {shape} laid flat has {product} = {n:,} values.",
            width=reader.output.shape[-1],
            reader=reader.path,
            shape=spell(case.row.inputs[0].shape),
            product="·".join(map(str, case.row.inputs[0].shape)),
            n=case.row.output.numel,
        )
        hint = said("That is the width of {reader}, the next layer.", reader=reader.path)
        yield WrongAnswer(_in_quantity_asked(case, (reader.output.shape[-1],)), sentence, hint=hint)


def _input_channels_forgotten(case: Case) -> Iterator[WrongAnswer]:
    yield from _flatten_answers(case, slice(1, None))


def _map_forgotten(case: Case) -> Iterator[WrongAnswer]:
    yield from _flatten_answers(case, slice(0, 1))


def _flatten_answers(case: Case, kept: slice) -> Iterator[WrongAnswer]:
    if not case.of_layer or case.row.type != "flatten" or len(case.row.inputs[0].shape) < 2:
        return
    shape = case.row.inputs[0].shape
    sentence = said(
        "Laid flat, a map of {shape} has {product} = {n:,} values.",
        shape=spell(shape),
        product="·".join(map(str, shape)),
        n=prod(shape),
    )
    hint = said("Laid flat, a map has a value for every channel at every position.")
    yield WrongAnswer(_in_quantity_asked(case, (prod(shape[kept]),)), sentence, hint=hint)


def _flattened_before_pool(case: Case) -> Iterator[WrongAnswer]:
    if not case.of_layer or case.row.type != "flatten":
        return
    for row in case.before():
        if row.output.numel != case.row.output.numel:
            return
        if row.inputs and row.inputs[0].numel != row.output.numel:
            sentence = said(
                "{pool} comes before the flatten, and leaves {shape}: {n:,} values.",
                pool=row.path,
                shape=row.output.shape_text(),
                n=row.output.numel,
            )
            hint = said("{pool} comes before the flatten, and leaves a smaller map.", pool=row.path)
            yield WrongAnswer(_in_quantity_asked(case, (row.inputs[0].numel,)), sentence, hint=hint)
            return


def _in_quantity_asked(case: Case, shape: tuple[int, ...]) -> AnyAmount:
    match case.quantity:
        case "output" | "size":
            return shape
        case "memory":
            return shape[0] * case.report.dtype.nbytes * case.report.batch
    return shape[0]


# Merges


def _concatenated_for_added(case: Case) -> Iterator[WrongAnswer]:
    if case.of_layer and case.row.type == "add" and len(case.row.output.shape) > 1:
        channels = sum(x.shape[0] for x in case.row.inputs)
        sentence = said(
            "An addition keeps the channels: {n:,}. Only a concatenation adds them up.", n=case.row.output.channels
        )
        yield _merge_answer(case, channels, sentence)


def _added_for_concatenated(case: Case) -> Iterator[WrongAnswer]:
    if case.of_layer and case.row.type == "concat" and len(case.row.output.shape) > 1:
        parts = [x.shape[0] for x in case.row.inputs]
        sentence = said(
            "A concatenation adds up the channels: {parts} = {n:,}.",
            parts=" + ".join(map(str, parts)),
            n=case.row.output.channels,
        )
        for channels in dict.fromkeys(parts):
            yield _merge_answer(case, channels, sentence)


def _merge_answer(case: Case, channels: int, sentence: str) -> WrongAnswer:
    shape = (channels, *case.row.output.spatial)
    if case.quantity == "output":
        return WrongAnswer(shape, sentence)
    if case.quantity == "channels":
        return WrongAnswer(channels, sentence)
    return WrongAnswer(prod(shape) * case.report.dtype.nbytes * case.report.batch, sentence)


# Normalisation


def _norm_for_one(case: Case) -> Iterator[WrongAnswer]:
    """Half of what a batch norm learns or stores, or both together, or a value for every activation."""
    if not case.of_layer or case.row.kind is not Kind.NORM or not case.row.params:
        return
    row, channels = case.row, case.row.output.channels
    if not row.layer.traits.keeps_statistics or row.params != 2 * channels:
        return
    per = case.right // (2 * channels)
    sentence = said(
        "A batch norm learns a scale and a shift for every channel, 2·{c} = {n:,}, "
        "and stores a mean and a variance besides.",
        c=channels,
        n=2 * channels,
    )
    c = Term.symbol("C", channels)
    yield WrongAnswer(channels * per, sentence, Equation(case.quantity, c) if per == 1 else None)
    yield WrongAnswer(4 * channels * per, sentence, Equation(case.quantity, 4 * c) if per == 1 else None)
    yield WrongAnswer(2 * row.output.numel * per, sentence)
    yield WrongAnswer(2 * per, sentence)


LAYER_MISTAKES: tuple[Mistake, ...] = (
    Mistake("next_width_for_flattened", ("output", "size", "channels", "memory"), _next_width_for_flattened),
    Mistake("input_channels_forgotten", ("output", "size", "channels", "memory"), _input_channels_forgotten),
    Mistake("map_forgotten", ("output", "size", "channels", "memory"), _map_forgotten),
    Mistake("flattened_before_pool", ("output", "size", "channels", "memory"), _flattened_before_pool),
    Mistake("concatenated_for_added", ("output", "channels", "memory"), _concatenated_for_added),
    Mistake("added_for_concatenated", ("output", "channels", "memory"), _added_for_concatenated),
    Mistake("norm_for_one", (*WEIGHTS, "buffers"), _norm_for_one),
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
