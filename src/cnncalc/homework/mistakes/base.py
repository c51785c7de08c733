"""The types of a mistake: the case that it is looked for in, and the wrong answers that it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property, lru_cache, reduce
from typing import Any, NamedTuple

from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.translation import Phrase
from cnncalc.explain.layer import Equation
from cnncalc.homework.mistakes.facts import Facts, sentence_about
from cnncalc.homework.mistakes.steps import Step, has_operator
from cnncalc.homework.mistakes.working import AnyAmount, NoSuchSum, Working, working_of
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


MOST_QUESTIONS = 2_000
"""Questions of which it is remembered what mistakes lead to."""

NO_FACTS: Mapping[str, object] = {}


class WrongAnswer(NamedTuple):
    """The value that a mistake gives, what is wrong, and the equation that leads there.

    `hint` replaces `sentence` where the right value stays hidden, and the sentence would reveal it.
    """

    value: AnyAmount
    sentence: str
    equation: Equation | None = None
    hint: str = ""


class Change(NamedTuple):
    """What a mistake does to the working of a layer, and the sentence about it with facts that are not the layer's.

    `hint` replaces the sentence where the right value stays hidden.
    """

    step: Step
    sentence: Phrase = Phrase("")
    facts: Mapping[str, object] = NO_FACTS
    hint: Phrase = Phrase("")


@lru_cache(maxsize=MOST_QUESTIONS)
def _memo(network: Report, path: str | None, quantity: str) -> dict[Any, Any]:
    """What was found out about a question, for all answers to it."""
    return {}


class Case:
    """A question with its answer, and all that mistakes need to know about it."""

    def __init__(self, question: Question, answer: Answer) -> None:
        self.question, self.answer = question, answer
        self.quantity = question.quantity
        self.report = question.network
        self.right: AnyAmount = expected_value(question)
        self.memo = _memo(question.network, question.row.path if question.row is not None else None, question.quantity)

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

    @property
    def working(self) -> Working | None:
        """The working of the layer, if it gives the right value."""
        if "working" not in self.memo:
            self.memo["working"] = self._working()
        found: Working | None = self.memo["working"]
        return found

    def _working(self) -> Working | None:
        if not self.of_layer or self.row.weights_from is not None:
            return None
        working = working_of(self.row)
        try:
            return working if self.value_of(working) == self.right else None
        except NoSuchSum:
            return None

    @cached_property
    def facts(self) -> Facts:
        """The facts about the layer."""
        return Facts(self)

    def sentence(self, change: Change, *, hint: bool = False) -> str:
        """The sentence about a change, or the hint."""
        return sentence_about(self.facts, change.hint if hint else change.sentence, change.facts)

    def value_of(self, working: Working) -> AnyAmount:
        """The value that a working gives for the question."""
        return working.value(self.quantity, self.report)

    def part(self, quantity: str, value: Fraction | Extents) -> Case:
        """The case of a part of the question, with the part of the answer for it."""
        return Case(self.question._replace(quantity=quantity), self.answer._replace(value=value))

    def about(self, row: LayerReport) -> Case:
        """The case of the same quantity of a layer."""
        return Case(self.question._replace(row=row), self.answer)

    def before(self) -> Iterator[LayerReport]:
        """The layers before this one along first inputs, the nearest first."""
        yield from self.up_from(self.row.node.inputs[0])

    def up_from(self, path: str) -> Iterator[LayerReport]:
        """The layers from one up to the input, along first inputs."""
        while path in self.report.by_path:
            row = self.report.by_path[path]
            yield row
            path = row.node.inputs[0]

    def after(self) -> Iterator[LayerReport]:
        """The layers after this one along first readers, the nearest first."""
        path = self.row.path
        for row in self.report.rows[self.index + 1 :]:
            if path in row.node.inputs:
                path = row.path
                yield row

    def near(self) -> list[LayerReport]:
        """The layers of the same type, the nearest first."""
        rows = self.report.rows
        places = sorted(range(len(rows)), key=lambda place: abs(place - self.index))
        return [rows[place] for place in places if rows[place].type == self.row.type]

    def has_operator(self, operator: str) -> bool:
        """Whether an operator is in the sum of some extent of the output."""
        return self.working is not None and any(has_operator(one, operator) for one in self.working.extents)

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


Rewrite = Callable[[Case, Facts], Iterable[Change | Step]]
"""What a mistake may do to the working of a layer, given the facts about the layer."""


class Mistake(NamedTuple):
    """A known mistake: its name, the quantities that it occurs in, and the wrong answers that it gives.

    A mistake that changes the working of a layer has `rewrite`, so that two can be combined, and one be repeated.
    """

    name: str
    quantities: tuple[str, ...]
    wrong_answers: Callable[[Case], Iterable[WrongAnswer]]
    rewrite: Callable[[Case, Facts], Iterable[Change]] | None = None


NO_HINT = Phrase("")


def defined_in(module: Mapping[str, object]) -> tuple[Mistake, ...]:
    """The mistakes that a module defines, in their order."""
    return tuple(one for one in module.values() if isinstance(one, Mistake))


def rewriting(sentence: Phrase, *quantities: str, hint: Phrase = NO_HINT) -> Callable[[Rewrite], Mistake]:
    """Make a mistake of a function that changes the working of a layer; steps without a sentence have this one."""

    def as_mistake(rewrite: Rewrite) -> Mistake:
        def changes(case: Case, facts: Facts) -> Iterator[Change]:
            for one in rewrite(case, facts):
                change = one if isinstance(one, Change) else Change(one)
                yield change if change.sentence else change._replace(sentence=sentence, hint=hint)

        mistake = Mistake(rewrite.__name__, quantities, lambda case: _wrong_answers(case, mistake), changes)
        return mistake

    return as_mistake


def _wrong_answers(case: Case, mistake: Mistake) -> Iterator[WrongAnswer]:
    for value, change in rewritten_values(case, mistake):
        if may_fit(case.answer, value, case.quantity):
            hint = case.sentence(change, hint=True) if change.hint else ""
            yield WrongAnswer(value, case.sentence(change), equation_of(case, change.step), hint)


def rewritten_values(case: Case, mistake: Mistake) -> list[tuple[AnyAmount, Change]]:
    """What a mistake makes of the working of a layer, with the values; found once for each question."""
    key = "rewritten", mistake.name
    if key not in case.memo:
        values = ((value_after(case, change.step), change) for change in possible_changes(case, mistake))
        case.memo[key] = [(value, change) for value, change in values if value is not None]
    found: list[tuple[AnyAmount, Change]] = case.memo[key]
    return found


def possible_changes(case: Case, mistake: Mistake) -> list[Change]:
    """The changes that a mistake makes in the working of a layer; none where they lead to no value."""
    if case.working is None or mistake.rewrite is None or case.quantity not in mistake.quantities:
        return []
    try:
        return list(mistake.rewrite(case, case.facts))
    except NoSuchSum:
        return []


def value_after(case: Case, *steps: Step) -> AnyAmount | None:
    """The value after some steps; None where they lead to no value."""
    try:
        return case.value_of(changed_working(case, *steps))
    except NoSuchSum:
        return None


def equation_of(case: Case, *steps: Step) -> Equation | None:
    """The equation after some steps; None where they lead to no value."""
    assert case.working is not None
    try:
        return changed_working(case, *steps).equation(case.working, case.quantity, case.report)
    except NoSuchSum:
        return None


def changed_working(case: Case, *steps: Step) -> Working:
    """The working of the layer after some steps."""
    assert case.working is not None
    return reduce(lambda working, step: step(working), steps, case.working)


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
