"""Mistakes about which layer, and about layers that are neither filters nor windows: flatten, merges, norms."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from cnncalc.analysis.report import LayerReport
from cnncalc.core.kinds import Kind
from cnncalc.core.tensor import spell
from cnncalc.core.term import Term
from cnncalc.core.translation import said
from cnncalc.explain.layer import Equation, explain
from cnncalc.homework.mistakes.case import COUNTS, FIELDS, FILTERS, WEIGHTS, Case, Mistake, Wrong, may_fit
from cnncalc.homework.mistakes.rewrite import AnyAmount
from cnncalc.homework.questions import askable
from cnncalc.homework.targets import exact

EXPLAINED = ("params", "macs", "flops", "memory", "buffers")


def _another_layer(case: Case, rows: list[LayerReport]) -> Iterator[Wrong]:
    """What the nearest of these layers has that has anything else."""
    for row in rows:
        value = case.value_at(row)
        if value is None or value == case.right or value == 0:
            continue
        if may_fit(case.answer, value, case.quantity):
            sentence = said("That is what {other} has; {own} was asked for.", other=row.path, own=case.name)
            yield Wrong(value, sentence, _sum(case, row))
        if case.quantity not in FIELDS:
            return


def _layer_with_another(case: Case) -> Iterator[Wrong]:
    """This layer and a neighbour counted together, as the parts of a separable convolution are."""
    if not case.of_layer or not case.row.has_kernel:
        return
    for rows in (case.before(), case.after()):
        other = next((row for row in rows if row.has_kernel), None)
        if other is not None:
            sentence = said("That is {own} and {other} together.", own=case.name, other=other.path)
            yield Wrong(case.right + exact(case.question._replace(row=other)), sentence)


def _sum(case: Case, row: LayerReport) -> Equation | None:
    if case.quantity not in EXPLAINED:
        return None
    lines = explain(case.report, row.path, [case.quantity])[0].equations
    return lines[-1] if lines else None


def _previous_layer(case: Case) -> Iterator[Wrong]:
    if case.of_layer and case.quantity != "receptive_field":
        yield from _another_layer(case, list(case.before()))


def _next_layer(case: Case) -> Iterator[Wrong]:
    if case.of_layer and case.row.type != "flatten":
        yield from _another_layer(case, list(case.after())[:20])


def _nothing_counted(case: Case) -> Iterator[Wrong]:
    if case.answer.value != 0 or not case.right:
        return
    if not case.of_layer:
        most, path = max((case.value_at(row) or 0, row.path) for row in case.report.rows)
        yield Wrong(0, said("It is not nothing: {path} alone has {n:,}.", path=path, n=most))
        return
    row = case.row
    if case.quantity in WEIGHTS:
        weights = ", ".join(
            f"{weight.name or row.path} {spell(weight.shape)}" for weight in row.weights if weight.trainable
        )
        yield Wrong(0, said("This layer does learn: {weights}.", weights=weights))
    elif case.quantity in FILTERS:
        yield Wrong(0, said("This layer does multiply: every weight is used for every value that comes out."))


def _pool_counted(case: Case) -> Iterator[Wrong]:
    """Any figure of what a pool has nothing of, also where no sum gives it."""
    if case.sketch is not None and case.sketch.is_pool and case.answer.value:
        yield Wrong(case.answer.value, said("A pool learns nothing: it has no weights, and multiplies by none."))


def _nothing_to_count(case: Case) -> Iterator[Wrong]:
    """Any figure of what a layer has nothing of."""
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
    yield Wrong(case.answer.value, sentence)


# Flatten


def _next_width_for_flattened(case: Case) -> Iterator[Wrong]:
    if not case.of_layer or case.row.type != "flatten":
        return
    reader = next((row for row in case.after() if row.type == "linear"), None)
    if reader is not None:
        sentence = said(
            "{width:,} is the width of {reader}, the layer behind. "
            "A map of {shape} laid flat has {product} = {n:,} values.",
            width=reader.output.shape[-1],
            reader=reader.path,
            shape=spell(case.row.inputs[0].shape),
            product="·".join(map(str, case.row.inputs[0].shape)),
            n=case.row.output.numel,
        )
        hint = said("That is the width of {reader}, the layer behind.", reader=reader.path)
        yield Wrong(_as_asked(case, (reader.output.shape[-1],)), sentence, hint=hint)


def _input_channels_forgotten(case: Case) -> Iterator[Wrong]:
    yield from _laid_flat(case, slice(1, None))


def _map_forgotten(case: Case) -> Iterator[Wrong]:
    yield from _laid_flat(case, slice(0, 1))


def _laid_flat(case: Case, kept: slice) -> Iterator[Wrong]:
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
    yield Wrong(_as_asked(case, (prod(shape[kept]),)), sentence, hint=hint)


def _flattened_before_pool(case: Case) -> Iterator[Wrong]:
    if not case.of_layer or case.row.type != "flatten":
        return
    for row in case.before():
        if row.output.numel != case.row.output.numel:
            return
        if row.inputs and row.inputs[0].numel != row.output.numel:
            sentence = said(
                "{pool} comes before the flatten, and leaves {shape}: {n:,} values.",
                pool=row.path,
                shape=row.output.spelled(),
                n=row.output.numel,
            )
            hint = said("{pool} comes before the flatten, and leaves a smaller map.", pool=row.path)
            yield Wrong(_as_asked(case, (row.inputs[0].numel,)), sentence, hint=hint)
            return


def _as_asked(case: Case, shape: tuple[int, ...]) -> AnyAmount:
    match case.quantity:
        case "output" | "size":
            return shape
        case "memory":
            return shape[0] * case.report.dtype.nbytes * case.report.batch
    return shape[0]


# Merges


def _concatenated_for_added(case: Case) -> Iterator[Wrong]:
    if case.of_layer and case.row.type == "add" and len(case.row.output.shape) > 1:
        channels = sum(x.shape[0] for x in case.row.inputs)
        sentence = said(
            "An addition keeps the channels: {n:,}. Only a concatenation adds them up.", n=case.row.output.channels
        )
        yield _merged(case, channels, sentence)


def _added_for_concatenated(case: Case) -> Iterator[Wrong]:
    if case.of_layer and case.row.type == "concat" and len(case.row.output.shape) > 1:
        parts = [x.shape[0] for x in case.row.inputs]
        sentence = said(
            "A concatenation adds up the channels: {parts} = {n:,}.",
            parts=" + ".join(map(str, parts)),
            n=case.row.output.channels,
        )
        for channels in dict.fromkeys(parts):
            yield _merged(case, channels, sentence)


def _merged(case: Case, channels: int, sentence: str) -> Wrong:
    shape = (channels, *case.row.output.spatial)
    if case.quantity == "output":
        return Wrong(shape, sentence)
    if case.quantity == "channels":
        return Wrong(channels, sentence)
    return Wrong(prod(shape) * case.report.dtype.nbytes * case.report.batch, sentence)


# Normalisation


def _norm_for_one(case: Case) -> Iterator[Wrong]:
    """Half of what a batch norm learns or stores, or all of it together, or one for every value."""
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
    yield Wrong(channels * per, sentence, Equation(case.quantity, c) if per == 1 else None)
    yield Wrong(4 * channels * per, sentence, Equation(case.quantity, 4 * c) if per == 1 else None)
    yield Wrong(2 * row.output.numel * per, sentence)
    yield Wrong(2 * per, sentence)


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
    Mistake("previous_layer", askable(), _previous_layer),
    Mistake("next_layer", askable(), _next_layer),
    Mistake("layer_with_another", COUNTS, _layer_with_another),
)
"""The number of another layer, where no sum of this one gives it."""
