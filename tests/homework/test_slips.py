"""Slips in the workings of all layer types are found again; what is said of them is true; nothing wrong is right."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from math import prod
from random import Random
from typing import Any

import pytest

from cnncalc import analyze, load
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.homework.marking import mark
from cnncalc.homework.mistakes.base import Case, rewritten_values
from cnncalc.homework.mistakes.facts import is_bias
from cnncalc.homework.mistakes.parts import PART_MISTAKES
from cnncalc.homework.mistakes.search import REWRITINGS
from cnncalc.homework.questions import Amount, Answer, Mark, Question, Verdict
from cnncalc.homework.targets import expected_value, merge_axes
from cnncalc.language.collection import names
from tests.support.cases import Case as LayerCase
from tests.support.cases import layer_cases
from tests.support.spelled import read_back

pytestmark = pytest.mark.slow

LAYERS: dict[str, list[LayerCase]] = {}
for one in layer_cases():
    LAYERS.setdefault(one.type, []).append(one)

PARTS = {mistake.name for mistake in PART_MISTAKES}

ASKED = ("output", "channels", "params", "macs", "flops", "memory", "buffers")


def answer_of(value: Amount) -> Answer:
    return Answer("given", value if isinstance(value, tuple) else Fraction(value))


def asked_of(rows: Sequence[LayerReport]) -> list[str]:
    """The quantities that are known of all of these layers."""
    known = all(row.knows_macs for row in rows)
    return [quantity for quantity in ASKED if known or quantity not in ("macs", "flops")]


def slipped(report: Report, row: LayerReport) -> Iterator[tuple[str, Mark]]:
    """Every slip in the working of a layer, with the mark of the answer that it leads to."""
    for quantity in asked_of((row,)):
        question = Question(report, f"{row.path}.{quantity}", quantity, row)
        case = Case(question, answer_of(0))
        for mistake in (*REWRITINGS, *PART_MISTAKES):
            for value in {value for value, _ in rewritten_values(case, mistake)} - {case.right}:
                yield mistake.name, mark(question, answer_of(value))


# What is said is true

EQUALITY = re.compile(r"((?:[\d,()]+ ?[+−·/] ?)+[\d,()]+) = (\d[\d,]*)(?!\d|\.\d|…)")
NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?![\w.]*\d)")
SMALL = {*range(9), 1000, 1024}
"""Numbers of formulas and bytes."""


def numbers_in(value: Any) -> Iterator[int]:
    """Whole numbers of an option or a shape."""
    if isinstance(value, tuple):
        for part in value:
            yield from numbers_in(part)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield int(value)


@cache
def facts_of(report: Report) -> frozenset[int]:
    """Every number that can be said of a network: of its options, shapes, weights, windows, fields and layers."""
    found: set[int] = set()
    for row in report.rows:
        shapes = [row.output.shape, *(x.shape for x in row.inputs), *(weight.shape for weight in row.weights)]
        found |= {number for shape in shapes for number in (*shape, prod(shape), 2 * shape[0])}
        found |= {number for option in row.layer.__dict__.values() for number in numbers_in(option)}
        found |= {row.params, row.macs, row.buffers, report.activation_bytes(row), int(report.flops(row) or 0)}
        found.add(sum(weight.numel for weight in row.weights if is_bias(weight.name)))
        kernel, groups = row.layer.__dict__.get("kernel_size"), row.layer.__dict__.get("groups", 1)
        if kernel and row.inputs[0].channels % groups == 0:
            found |= {prod(kernel), row.inputs[0].channels // groups}
        if hasattr(row.layer, "gates"):
            found.add(row.layer.gates)
        if row.reach is not None:
            found |= {number for axis in row.reach.axes for number in (axis.size, int(axis.jump))}
    return frozenset(found)


def on_axes(value: Any, axes: int) -> list[Any]:
    """A number for each axis; one number stands for all."""
    return list(value) if isinstance(value, tuple) else [value] * axes


def check_truth(done: Mark) -> None:
    """Every sum in the sentences comes out, and every other number is one of the network or of the answer."""
    network = done.question.network
    given = set(numbers_in(tuple(done.answer.value) if isinstance(done.answer.value, tuple) else ()))
    for slip in done.slips:
        text = re.sub(
            r"The (factor|summand) .* is missing\.|Only the summand .* is counted\.|^.* (a factor|factors) twice",
            "",
            slip.sentence,
        )  # parts of the sum
        for left, right in EQUALITY.findall(text):
            assert read_back(left) == int(right.replace(",", "")), text
        for added in re.findall(r"it adds \(k − 1\)·j = ([\d,×]+) itself", text):
            more = tuple(int(one.replace(",", "")) for one in added.split("×"))
            axes = max(len(on_axes(one, 1)) for one in (slip.value, done.expected, more))
            sums = zip(on_axes(slip.value, axes), on_axes(more if len(more) > 1 else more[0], axes), strict=True)
            assert list(map(sum, sums)) == on_axes(done.expected, axes), text
        text = re.sub(r"\(k − 1\)·j = [\d,×]+", "", text)
        for place in re.findall(r"That is what (\S+) has;", text):
            value = expected_value(done.question._replace(row=network.by_path[place]))
            assert value == slip.value, text
        rest = EQUALITY.sub("", re.sub(r"[\w.]*[a-z_][\w.]*|\d+\.\d+", "", text))
        for number in NUMBER.findall(rest):
            known = int(number.replace(",", ""))
            assert known in facts_of(network) | given | SMALL or known == slip.value, (number, text)
        if slip.equation is not None and not isinstance(slip.value, tuple):
            assert slip.equation.value == slip.value


# Every slip in every layer type


@pytest.mark.parametrize("kind", LAYERS)
def test_a_slip_is_named_first_or_second_and_what_is_said_is_true(kind: str) -> None:
    found: Counter[bool] = Counter()
    for case in LAYERS[kind]:
        report = analyze(case.network())
        for name, done in slipped(report, report.rows[-1]):
            if done.verdict is Verdict.CONVENTION:  # another convention has the same number
                assert done.alternative is not None
                assert done.alternative.convention
            elif done.verdict is Verdict.WRONG:
                check_truth(done)
                given = done.answer.value
                turned = (*given[1:], given[0]) if isinstance(given, tuple) else given
                alike = [slip for slip in done.slips if slip.value in (given, turned)]
                named = name in [slip.name for slip in done.slips[:2]]
                found[named or len(alike) > (name not in PARTS)] += 1  # a part may have a name of its own
            else:  # a map of n×m×n is the same with its channels last
                assert isinstance(done.expected, tuple)
                assert done.answer.value in (done.expected, (*done.expected[1:], done.expected[0]))
    assert not found[False]


# Any answer is marked


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("value", [0, 1, 10**30, Fraction(5, 2), (3, 2), (5, 6, 7, 8)], ids=str)
def test_any_answer_is_marked(kind: str, value: Any) -> None:
    case = LAYERS[kind][0]
    report = analyze(case.network())
    for row in (report.rows[-1], None):
        for quantity in asked_of(report.rows if row is None else (row,)):
            done = mark(Question(report, f"total.{quantity}", quantity, row), answer_of(value))
            assert all(slip.sentence for slip in done.slips)


# Nothing wrong is right


@cache
def built_in(name: str) -> Report:
    return analyze(load(name))


def wrong_values(question: Question, random: Random) -> Iterator[Amount]:
    """Values beside the right one: one more or less, digits swapped, and what a layer near by has."""
    right = expected_value(question)
    if isinstance(right, tuple):
        place = random.randrange(len(right))
        yield from ((*right[:place], right[place] + step, *right[place + 1 :]) for step in (1, -1))
    else:
        digits = list(str(abs(int(right))))
        place = random.randrange(len(digits))
        digits[place - 1], digits[place] = digits[place], digits[place - 1]
        yield from (right + 1, right - 1, Fraction("".join(digits)))
    rows = question.network.rows
    here = rows.index(question.row) if question.row is not None else 0
    for row in rows[max(0, here - 2) : here + 3]:
        there = question._replace(row=row)
        if question.quantity != "receptive_field" or (row.reach is not None and row.reach.windowed):
            yield expected_value(there)


def is_reading(question: Question, value: Amount) -> bool:
    """Whether a value is right: channels first or last, axes of 1 left out, and what a unit that sees all would see."""
    right = expected_value(question)
    row, reach = question.row, question.row.reach if question.row is not None else None
    if question.quantity == "output" and isinstance(right, tuple) and isinstance(value, tuple) and row is not None:
        spec = row.output
        if len(right) == 1 or set(spec.spatial) == {1}:
            return [extent for extent in value if extent != 1] == [extent for extent in right if extent != 1]
        return value in (right, (spec.channels, *spec.spatial), (*spec.spatial, spec.channels))
    if question.quantity == "receptive_field" and reach is not None:
        return value in (right, merge_axes([axis.size for axis in reach.axes]))
    return value == right


@pytest.mark.parametrize("name", names())
def test_nothing_wrong_is_right(name: str) -> None:
    report, random = built_in(name), Random(name)
    rows = [row for row in report.rows if row.output.shape != row.inputs[0].shape or row.params]
    for row in random.sample(rows, min(6, len(rows))):
        for quantity in ("output", "params", "macs", "memory", "receptive_field"):
            if quantity == "receptive_field" and (row.reach is None or not row.reach.windowed):
                continue
            question = Question(report, f"{row.path}.{quantity}", quantity, row)
            for value in wrong_values(question, random):
                done = mark(question, answer_of(value))
                if done.verdict is Verdict.RIGHT:
                    assert is_reading(question, value), (question.ask, value)
                elif done.verdict is Verdict.CONVENTION:
                    assert done.alternative is not None
                    assert done.alternative.convention
                    other = done.alternative.value
                    alike = isinstance(other, tuple) and set(other) == {value}
                    assert other == value or alike or isinstance(value, tuple), (question.ask, value)
                else:
                    check_truth(done)
