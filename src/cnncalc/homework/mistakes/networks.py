"""Mistakes that are carried through a network: sizes that a layer before had not, and one slip in every layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.kinds import FILTERS as KINDS
from cnncalc.core.kinds import Kind
from cnncalc.core.rewriting import total
from cnncalc.core.tensor import spell
from cnncalc.core.term import Term
from cnncalc.core.translation import Phrase, said
from cnncalc.explain.layer import Equation
from cnncalc.homework import recount
from cnncalc.homework.alternatives.rebuilds import without_padding
from cnncalc.homework.mistakes.base import (
    COUNTS,
    FILTERS,
    POSITIONS,
    WEIGHTS,
    Case,
    Change,
    Mistake,
    WrongAnswer,
    may_fit,
    rewritten_values,
)
from cnncalc.homework.mistakes.working import SYMBOLS, NoSuchSum, working_of
from cnncalc.language.naming import WHOLE
from cnncalc.transform.rewrite import Update

CARRIED = (*POSITIONS, *WEIGHTS, "channels")
"""Quantities that a size further up may change."""

MOST_LAYERS = 700
"""Layers that are analyzed again for one question."""

MOST_SUMMANDS = 8
"""Most layers whose wrong numbers are written as a sum."""

SIZES = (224, 448, 227, 256, 32, 28, 299)


# Sizes


def _slides(row: LayerReport) -> bool:
    return hasattr(row.layer, "strides") and len(row.inputs) == 1


def _kept(row: LayerReport) -> Update | None:
    """A convolution of stride 1 that keeps the size."""
    shrinks = row.kind is Kind.CONVOLUTION and row.output.spatial != row.inputs[0].spatial
    return {"padding": "same"} if shrinks and max(row.layer.stride) == 1 else None


def _skipped(row: LayerReport) -> Update:
    """Windows of one position: the map stays as it is."""
    ones = (1,) * len(row.layer.kernel_size)
    update: dict[str, Any] = {"kernel_size": ones, "stride": ones, "dilation": ones, "padding": ((0, 0),) * len(ones)}
    return update


def _skipped_pool(row: LayerReport) -> Update | None:
    return _skipped(row) if row.kind is Kind.POOLING and _slides(row) else None


def _unstrided(row: LayerReport) -> Update | None:
    strided = row.kind is Kind.CONVOLUTION and max(row.layer.stride) > 1
    return {"stride": (1,) * len(row.layer.stride)} if strided else None


def _throughout(name: str, update: Callable[[LayerReport], Update | None], sentence: Phrase) -> Mistake:
    """A mistake that is made in all layers of a kind, those before the one that is asked about among them."""

    def wrong_answers(case: Case) -> Iterator[WrongAnswer]:
        rows = [row for row in _until(case) if update(row)]
        if rows and not (case.of_layer and rows[0] is case.row):
            changed = recount.with_options(case.report, name, update)
            first = rows[0]
            facts = {"path": first.path, "into": spell(first.inputs[0].spatial), "out": spell(first.output.spatial)}
            yield from _answer_in(case, changed, said(sentence, **facts))

    return Mistake(name, CARRIED, wrong_answers)


def _until(case: Case) -> list[LayerReport]:
    """The layers up to the one that is asked about; for a network, all."""
    rows = list(case.report.rows)
    return rows[: case.index + 1] if case.of_layer else rows


def _answer_in(case: Case, changed: Report | None, sentence: str) -> Iterator[WrongAnswer]:
    """The answer to the same question about a changed network, with the sum that leads there."""
    value = recount.value_in(changed, case.question)
    if value is None or value == case.right or not may_fit(case.answer, value, case.quantity):
        return
    equation = None
    if case.working is not None and changed is not None:
        try:
            equation = working_of(changed.by_path[case.row.path]).equation(case.working, case.quantity, changed)
        except NoSuchSum:
            equation = None
    yield WrongAnswer(value, sentence, equation)


def _one_layer_changed(
    case: Case, make: Callable[[LayerReport], Report | None], sentence: Phrase
) -> Iterator[WrongAnswer]:
    before = [row for row in _until(case) if _slides(row) and row.output.spatial != row.inputs[0].spatial]
    most = MOST_LAYERS // len(case.report.rows) + 1
    for row in [one for one in before if not case.of_layer or one is not case.row][-most:]:
        facts = {"path": row.path, "into": spell(row.inputs[0].spatial), "out": spell(row.output.spatial)}
        yield from _answer_in(case, make(row), said(sentence, **facts))


def _size_left_out(case: Case) -> Iterator[WrongAnswer]:
    def skip(left_out: LayerReport) -> Report | None:
        return recount.with_options(
            case.report, f"without {left_out.path}", lambda row: _skipped(row) if row is left_out else None
        )

    sentence = Phrase("{path} is left out, which makes {out} of {into}.")
    yield from _one_layer_changed(case, skip, sentence)


def _size_counted_twice(case: Case) -> Iterator[WrongAnswer]:
    sentence = Phrase("{path} is counted twice: it makes {out} of {into} once.")
    yield from _one_layer_changed(case, lambda row: recount.with_layer_twice(case.report, row.path), sentence)


# Another input


def _input_size_ignored(case: Case) -> Iterator[WrongAnswer]:
    """The number for another input size."""
    shapes = list(case.report.graph.inputs.values())
    if len(shapes) != 1 or len(shapes[0]) != 3:
        return
    _, height, width = shapes[0]
    sizes = [(size, size) for size in SIZES] + [(height // 2, width // 2), (2 * height, 2 * width)]
    if case.quantity in FILTERS and not case.of_layer:
        sizes = sorted(sizes, key=lambda size: abs(size[0] - height))
    name = case.question.ask.rpartition(".")[0].strip()
    group = "" if case.of_layer or name.lower() in ("", WHOLE) else name
    budget = MOST_LAYERS
    for size in dict.fromkeys(sizes):
        if size == (height, width) or 0 in size or budget < len(case.report.graph.nodes):
            continue
        budget -= len(case.report.graph.nodes)
        value = recount.value_in(recount.at_size(case.question.network, size), case.question)
        if value == case.right:
            return  # it does not depend on the size
        if value is not None:
            facts = {"other": spell(size), "own": spell((height, width))}
            sentence = (
                said("That would be right if {name} read a map of {other}, but it reads {own}.", name=group, **facts)
                if group
                else said(
                    "That belongs to an input of {other}. Here the input is {own}, and the number depends on it.",
                    **facts,
                )
            )
            yield WrongAnswer(value, sentence)


CARRIED_MISTAKES: tuple[Mistake, ...] = (
    _throughout(
        "convolutions_keep_size",
        _kept,
        Phrase("Convolutions do not keep the size by themselves: {path} makes {out} of {into}."),
    ),
    _throughout("pools_left_out", _skipped_pool, Phrase("The pools are left out: {path} makes {out} of {into}.")),
)
"""Mistakes about the sizes that come before."""

NETWORK_MISTAKES: tuple[Mistake, ...] = (
    _throughout(
        "padding_forgotten_throughout",
        without_padding,
        Phrase("The padding is missing, in this layer or in those before it."),
    ),
    _throughout(
        "strides_ignored_throughout",
        _unstrided,
        Phrase("The strides of the convolutions are missing: {path} makes {out} of {into}."),
    ),
    Mistake("size_left_out", CARRIED, _size_left_out),
    Mistake("size_counted_twice", CARRIED, _size_counted_twice),
)
"""Further ones, which are looked for if no likelier mistake is found."""

INPUT_MISTAKES: tuple[Mistake, ...] = (Mistake("input_size_ignored", CARRIED, _input_size_ignored),)
"""Numbers for another input."""


# One slip in every layer

Total = tuple[int, Mapping[str, int], list[tuple[Case, Change]]]
"""A total, what the layers contribute to it, and the layers with what is wrong in them."""


def everywhere(mistake: Mistake) -> Mistake:
    """The same mistake in every layer of a network: in a total."""

    def wrong_answers(case: Case) -> Iterator[WrongAnswer]:
        if case.of_layer:
            return
        for value, parts, wrong in _totals_with(case, mistake):
            if may_fit(case.answer, value, case.quantity):
                one, change = wrong[0]
                facts = {"path": one.row.path, "sentence": one.sentence(change)}
                sentence = (
                    said("In {path}: {sentence}", **facts)
                    if len(wrong) == 1
                    else said("The same in every layer, as in {path}: {sentence}", **facts)
                )
                yield WrongAnswer(value, sentence, _sum_of(case.quantity, parts))

    counts = tuple(quantity for quantity in mistake.quantities if quantity in COUNTS)  # only these add up
    return Mistake(f"{mistake.name}_everywhere", counts, wrong_answers)


def _sum_of(quantity: str, parts: Mapping[str, int]) -> Equation | None:
    if not 1 < len(parts) <= MOST_SUMMANDS:
        return None
    return Equation(SYMBOLS.get(quantity, quantity), total([Term.symbol(*part) for part in parts.items()]))


def _totals_with(case: Case, mistake: Mistake) -> list[Total]:
    """Totals with the mistake in every layer that can have it, or in the convolutions: their parts, and one layer."""
    key = "everywhere", mistake.name
    if key not in case.memo:
        rows = [(case.about(row), row) for row in case.report.rows]
        found = [
            _total_with(rows, mistake, lambda row: True),
            _total_with(rows, mistake, lambda row: row.kind in KINDS),
        ]
        case.memo[key] = [one for one in found if one is not None and one[0] != case.right]
    totals: list[Total] = case.memo[key]
    return totals


def _total_with(
    rows: list[tuple[Case, LayerReport]], mistake: Mistake, may_have: Callable[[LayerReport], bool]
) -> Total | None:
    parts: dict[str, int] = {}
    wrong: list[tuple[Case, Change]] = []
    for case, row in rows:
        values = [pair for pair in rewritten_values(case, mistake) if pair[0] != case.right] if may_have(row) else []
        parts[row.path] = int(values[0][0]) if values else int(case.right)
        wrong += [(case, values[0][1])] if values else []
    return (sum(parts.values()), {path: part for path, part in parts.items() if part}, wrong) if wrong else None
