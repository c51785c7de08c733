"""The types of a mistake: the case that it is looked for in, and the wrong answers that it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from cnncalc.analysis.report import LayerReport
from cnncalc.explain.layer import Equation
from cnncalc.homework.mistakes.sketch import AnyAmount, NoSuchSum, Sketch, equation_of, sketch_of
from cnncalc.homework.questions import Answer, Extents, Question
from cnncalc.homework.targets import expected_value
from cnncalc.language.naming import WHOLE

SHAPES = ("output", "size", "channels")
WEIGHTS = ("params", "param_memory")
WORK = ("macs", "flops")
FIELDS = ("receptive_field", "jump", "start")
FILTERS = (*WEIGHTS, *WORK)
POSITIONS = ("output", "size", *WORK, "memory")
COUNTS = (*FILTERS, "memory", "buffers")
"""Quantities by what they depend on."""


class WrongAnswer(NamedTuple):
    """The value that a mistake gives, what is wrong, and the equation that leads there.

    `hint` replaces `sentence` where the right value stays hidden, and the sentence would reveal it.
    """

    value: AnyAmount
    sentence: str
    equation: Equation | None = None
    hint: str = ""


class Change(NamedTuple):
    """The sketch of a layer with one thing wrong, and the sentence about it."""

    sketch: Sketch
    sentence: str
    hint: str = ""


class Case:
    """A question with its answer, and all that mistakes need to know about it."""

    def __init__(self, question: Question, answer: Answer) -> None:
        self.question, self.answer = question, answer
        self.quantity = question.quantity
        self.report = question.network
        self.right: AnyAmount = expected_value(question)
        self.memo: dict[str, Any] = {}  # results that several mistakes share

    @property
    def row(self) -> LayerReport:
        """The layer; mistakes in totals must not ask for it."""
        assert self.question.row is not None
        return self.question.row

    @property
    def of_layer(self) -> bool:
        """Whether the question is about one layer."""
        return self.question.row is not None

    @cached_property
    def index(self) -> int:
        """The index of the layer among all rows."""
        return self.report.rows.index(self.row)

    @cached_property
    def sketch(self) -> Sketch | None:
        """The sketch of the layer in numbers, if it gives the right value."""
        return self._sketch(symbols=False)

    @cached_property
    def symbols(self) -> Sketch | None:
        """The same sketch in symbols."""
        return self._sketch(symbols=True)

    def _sketch(self, *, symbols: bool) -> Sketch | None:
        if not self.of_layer:
            return None
        sketch = sketch_of(self.row, symbols=symbols)
        try:
            return sketch if sketch is not None and self.value_of(sketch) == self.right else None
        except NoSuchSum:
            return None

    def value_of(self, sketch: Sketch) -> AnyAmount:
        """The value that a sketch gives for the question."""
        return sketch.value(self.quantity, self.report.dtype.nbytes, self.report.batch)

    def part(self, quantity: str, value: Fraction | Extents) -> Case:
        """The case of a part of the question, with the part of the answer for it."""
        return Case(self.question._replace(quantity=quantity), self.answer._replace(value=value))

    def before(self) -> Iterator[LayerReport]:
        """The layers before this one along first inputs, the nearest first."""
        row = self.row
        while row.node.inputs[0] in self.report.by_path:
            row = self.report.by_path[row.node.inputs[0]]
            yield row

    def after(self) -> Iterator[LayerReport]:
        """The layers after this one along first readers, the nearest first."""
        path = self.row.path
        for row in self.report.rows[self.index + 1 :]:
            if path in row.node.inputs:
                path = row.path
                yield row

    def flatten(self) -> LayerReport | None:
        """The flatten that this layer is or reads; between them, only layers that pass values on."""
        for row in (self.row, *self.before()):
            if row.type == "flatten":
                return row if len(row.inputs[0].shape) > 1 else None
            if row is not self.row and (row.params or row.macs or row.output.shape != self.row.inputs[0].shape):
                return None
        return None

    def value_at(self, row: LayerReport) -> AnyAmount | None:
        """The same quantity of another layer; None where it has none."""
        question = self.question._replace(row=row)
        if self.quantity in FIELDS and (row.reach is None or any(axis.start is None for axis in row.reach.axes)):
            return None
        return expected_value(question)

    @property
    def name(self) -> str:
        """The name of the layer, or of the whole network."""
        return WHOLE if self.question.row is None else self.row.path


class Mistake(NamedTuple):
    """A known mistake: its name, the quantities that it occurs in, and the wrong answers that it gives.

    A mistake that changes a layer's sketch has `change`, so that two can be combined.
    """

    name: str
    quantities: tuple[str, ...]
    wrong_answers: Callable[[Case], Iterable[WrongAnswer]]
    change: Callable[[Case, Sketch], Iterable[Change]] | None = None


def sketch_mistake(
    name: str, quantities: tuple[str, ...], change: Callable[[Case, Sketch], Iterable[Change]]
) -> Mistake:
    """A mistake that changes the sketch of a layer."""
    mistake = Mistake(name, quantities, lambda case: _wrong_answers(case, mistake), change)
    return mistake


def _wrong_answers(case: Case, mistake: Mistake) -> Iterator[WrongAnswer]:
    if case.sketch is None or case.symbols is None:
        return
    for number, (sketch, sentence, hint) in enumerate(possible_changes(mistake, case, case.sketch)):
        try:
            value = case.value_of(sketch)
        except NoSuchSum:
            continue
        if may_fit(case.answer, value, case.quantity):
            changes = possible_changes(mistake, case, case.symbols)
            equation = changed_equation(case, changes[number].sketch) if number < len(changes) else None
            yield WrongAnswer(value, sentence, equation, hint)


def possible_changes(mistake: Mistake, case: Case, sketch: Sketch) -> list[Change]:
    """The changes of a sketch by a mistake; none where they lead to no value."""
    try:
        return list(mistake.change(case, sketch)) if mistake.change is not None else []
    except NoSuchSum:
        return []


def changed_equation(case: Case, sketch: Sketch) -> Equation | None:
    """The equation of a changed sketch in symbols; None where it leads to no value."""
    assert case.symbols is not None
    try:
        return equation_of(sketch, case.symbols, case.quantity, case.report)
    except NoSuchSum:
        return None


def axis_orders(shape: tuple[Any, ...], quantity: str) -> list[tuple[Any, ...]]:
    """The orders in which a shape may be given: channels first or last, and a vector as a map of one position."""
    if quantity != "output":
        return [shape]
    if len(shape) == 1:
        return [shape, (*shape, 1, 1), (1, 1, *shape), (1, *shape)]
    return [shape, (*shape[1:], shape[0])]


def may_fit(answer: Answer, value: AnyAmount, quantity: str) -> bool:
    """Whether an answer is this value, in any order of its axes; one extent is enough for a square."""
    given = answer.value
    if isinstance(value, tuple):
        if isinstance(given, tuple):
            return given in axis_orders(value, quantity)
        grid = value if len(value) == 1 or quantity != "output" else value[1:]
        return len(set(grid)) == 1 and given == grid[0]
    if isinstance(given, tuple):
        return len(set(given)) == 1 and given[0] == value
    return given == value or (bool(given) and abs(Fraction(value) - given) <= answer.step / 2)
