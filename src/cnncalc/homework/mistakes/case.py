"""What a mistake is: something that was asked, looked at so that it can be gotten wrong, and what comes of that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

from cnncalc.analysis.report import LayerReport
from cnncalc.explain.layer import Equation
from cnncalc.homework.mistakes.rewrite import AnyAmount, NoSuchSum, Sketch, line_of, sketch_of
from cnncalc.homework.questions import Answer, Extents, Question
from cnncalc.homework.targets import exact
from cnncalc.language.assembly import WHOLE

SHAPES = ("output", "size", "channels")
WEIGHTS = ("params", "param_memory")
WORK = ("macs", "flops")
FIELDS = ("receptive_field", "jump", "start")
FILTERS = (*WEIGHTS, *WORK)
POSITIONS = ("output", "size", *WORK, "memory")
COUNTS = (*FILTERS, "memory", "buffers")
"""Quantities by what goes into them."""


class Wrong(NamedTuple):
    """What a mistake makes of a question, what is wrong with it, and the sum that leads there.

    `hint` says what is wrong without a number that tells the right value, where the sentence has one.
    """

    value: AnyAmount
    sentence: str
    line: Equation | None = None
    hint: str = ""


class Change(NamedTuple):
    """The sums of a layer with one thing wrong, and what that is."""

    sketch: Sketch
    sentence: str
    hint: str = ""


class Case:
    """A question, and all that mistakes ask about it."""

    def __init__(self, question: Question, answer: Answer) -> None:
        self.question, self.answer = question, answer
        self.quantity = question.quantity
        self.report = question.network
        self.right: AnyAmount = exact(question)
        self.memo: dict[str, Any] = {}  # what several mistakes of one kind look at

    @property
    def row(self) -> LayerReport:
        """The layer; a mistake of totals asks for none."""
        assert self.question.row is not None
        return self.question.row

    @property
    def of_layer(self) -> bool:
        """Whether one layer is asked about."""
        return self.question.row is not None

    @cached_property
    def index(self) -> int:
        """Where the layer stands among all."""
        return self.report.rows.index(self.row)

    @cached_property
    def sketch(self) -> Sketch | None:
        """The layer's sums, if they give what is right."""
        return self._sketch(symbols=False)

    @cached_property
    def symbols(self) -> Sketch | None:
        """The same in symbols."""
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
        """What the sums give for the question."""
        return sketch.value(self.quantity, self.report.dtype.nbytes, self.report.batch)

    def part(self, quantity: str, value: Fraction | Extents) -> Case:
        """A part of what was asked, with what was given for it."""
        return Case(self.question._replace(quantity=quantity), self.answer._replace(value=value))

    def before(self) -> Iterator[LayerReport]:
        """The layers that lead to this one along its first inputs, the nearest first."""
        row = self.row
        while row.node.inputs[0] in self.report.by_path:
            row = self.report.by_path[row.node.inputs[0]]
            yield row

    def after(self) -> Iterator[LayerReport]:
        """The layers behind this one along first readers, the nearest first."""
        path = self.row.path
        for row in self.report.rows[self.index + 1 :]:
            if path in row.node.inputs:
                path = row.path
                yield row

    def laid_flat(self) -> LayerReport | None:
        """The flatten that this layer reads, or that it is; what only passes values on may lie between."""
        for row in (self.row, *self.before()):
            if row.type == "flatten":
                return row if len(row.inputs[0].shape) > 1 else None
            if row is not self.row and (row.params or row.macs or row.output.shape != self.row.inputs[0].shape):
                return None
        return None

    def value_at(self, row: LayerReport) -> AnyAmount | None:
        """The same quantity of another layer."""
        question = self.question._replace(row=row)
        if self.quantity in FIELDS and (row.reach is None or any(axis.start is None for axis in row.reach.axes)):
            return None
        return exact(question)

    @property
    def name(self) -> str:
        """What is asked about, in a sentence."""
        return WHOLE if self.question.row is None else self.row.path


class Mistake(NamedTuple):
    """A known mistake: its name, the quantities it is made in, and what it makes of a question.

    One that is a change of a layer's sums has it in `change`, so that two can be made at once.
    """

    name: str
    quantities: tuple[str, ...]
    made: Callable[[Case], Iterable[Wrong]]
    change: Callable[[Case, Sketch], Iterable[Change]] | None = None


def changing(name: str, quantities: tuple[str, ...], change: Callable[[Case, Sketch], Iterable[Change]]) -> Mistake:
    """A mistake in a layer's sums."""
    mistake = Mistake(name, quantities, lambda case: _made(case, mistake), change)
    return mistake


def _made(case: Case, mistake: Mistake) -> Iterator[Wrong]:
    if case.sketch is None or case.symbols is None:
        return
    for number, (sketch, sentence, hint) in enumerate(tried(mistake, case, case.sketch)):
        try:
            value = case.value_of(sketch)
        except NoSuchSum:
            continue
        if may_fit(case.answer, value, case.quantity):
            changes = tried(mistake, case, case.symbols)
            line = shown(case, changes[number].sketch) if number < len(changes) else None
            yield Wrong(value, sentence, line, hint)


def tried(mistake: Mistake, case: Case, sketch: Sketch) -> list[Change]:
    """The ways to get a layer's sums wrong by a mistake that lead anywhere."""
    try:
        return list(mistake.change(case, sketch)) if mistake.change is not None else []
    except NoSuchSum:
        return []


def shown(case: Case, sketch: Sketch) -> Equation | None:
    """The sum of a changed sketch in symbols."""
    assert case.symbols is not None
    try:
        return line_of(sketch, case.symbols, case.quantity, case.report)
    except NoSuchSum:
        return None


def orders(shape: tuple[Any, ...], quantity: str) -> list[tuple[Any, ...]]:
    """A shape with its channels first or last, and a vector as a map of one position."""
    if quantity != "output":
        return [shape]
    if len(shape) == 1:
        return [shape, (*shape, 1, 1), (1, 1, *shape), (1, *shape)]
    return [shape, (*shape[1:], shape[0])]


def may_fit(answer: Answer, value: AnyAmount, quantity: str) -> bool:
    """Whether an answer is this value, however its axes are ordered; one extent will do for a square."""
    given = answer.value
    if isinstance(value, tuple):
        if isinstance(given, tuple):
            return given in orders(value, quantity)
        grid = value if len(value) == 1 or quantity != "output" else value[1:]
        return len(set(grid)) == 1 and given == grid[0]
    if isinstance(given, tuple):
        return len(set(given)) == 1 and given[0] == value
    return given == value or (bool(given) and abs(Fraction(value) - given) <= answer.step / 2)
