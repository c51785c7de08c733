"""Sheets of questions about a network: what can be asked, how hard it is, and a varied draw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import NamedTuple

from cnncalc.analysis.quantities import QUANTITIES
from cnncalc.analysis.reach import Reach
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.errors import InputError, Span
from cnncalc.core.kinds import FILTERS, Kind
from cnncalc.core.tensor import Shape
from cnncalc.core.translation import running_text, said
from cnncalc.homework.forgotten import ask_forgotten, values_without
from cnncalc.homework.layer_text import STORED, spell_layer, statement
from cnncalc.homework.numbers_shown import numbers_in, tells
from cnncalc.homework.questions import Amount, Question
from cnncalc.homework.targets import expected_value
from cnncalc.language.naming import WHOLE

HARDEST = 3

USUAL = 10
"""Questions of a sheet by default, if the network has as many."""

OF_A_FIELD = ("receptive_field", "jump", "start")

TOTALS = ("params", "macs", "flops", "memory", "param_memory", "buffers")
"""Quantities that are asked of a whole network."""

TOTAL = WHOLE
"""The topic of questions about the whole network."""

MOST = "most"
"""The topic of questions for the layer that has the most of something."""

FORGOTTEN = "forgotten"
"""The topic of questions for a diagnosis: which option was forgotten."""

TOPICS = ("output", "params", "buffers", "macs", "flops", "memory", "param_memory", *OF_A_FIELD, TOTAL, MOST, FORGOTTEN)
"""What questions are about. Those that ask for a diagnosis are drawn where they are asked for."""

DIAGNOSED = ("output", "params", "macs")
"""Quantities of which a wrong value is shown."""


class Exercise(NamedTuple):
    """One question with its answer. A sheet is varied over `topic` and `kind`."""

    question: Question
    answer: Amount | str  # the path of a layer or the name of an option, where one is asked for
    level: int
    topic: str  # a quantity, `total` or `most`
    kind: str  # of the layer, as by `exercise_kind`; the quantity for the whole network
    place: int  # of the layer in the network

    text: str = ""  # what is said of the layer
    shown: frozenset[str] = frozenset()  # the numbers and the layer in its text, which may answer another

    @property
    def twins(self) -> tuple[str, ...]:
        """The key that exercises share if they are the same calculation."""
        question = self.question
        if question.row is None:
            return (self.topic, self.kind)
        if self.topic in OF_A_FIELD:
            return (self.topic, str(self.answer))
        if self.answer == 0:
            return (self.topic, "nothing")
        return (question.quantity, self.text)  # a diagnosis gives away what it is about


class Quiz(NamedTuple):
    """Exercises about one network, and what it takes to generate them again."""

    network: Report
    network_name: str  # as given on the command line
    input: Shape | None
    settings: Mapping[str, str]
    seed: int
    difficulty: int
    exercises: tuple[Exercise, ...]
    shortage: str = ""  # a sentence, if there are fewer exercises than usual and no number was given
    points: tuple[Fraction, ...] = ()  # of a question by its difficulty; none are shown where there are none
    student: str = ""  # whose sheet it is
    answers_file: str = ""  # the name of the file that the student fills in

    def worth(self, exercise: Exercise) -> Fraction:
        """The points of an exercise."""
        return self.points[exercise.level - 1] if self.points else Fraction(1)


def compose(
    network: Report,
    network_name: str,
    *,
    n: int | None = None,
    seed: int,
    difficulty: int,
    topics: Sequence[str] = (),
    input: Shape | None = None,
    settings: Mapping[str, str] | None = None,
    span: Span | None = None,
    every: Sequence[Exercise] | None = None,
) -> Quiz:
    """A sheet of `n` exercises, the easy ones first; `span` is the place where `n` was given.

    Without `n`, it has the usual number, or all if there are fewer. No answer stands in the text of another exercise.
    `every` is what `exercises` finds, where several sheets are drawn.

    Errors:  too-many-questions
    """
    every = exercises(network, topics) if every is None else every
    pool = [one for one in every if one.level <= difficulty]
    wanted = n or USUAL
    drawn = draw(pool, wanted, seed, difficulty)
    shortage = ""
    if len(drawn) < wanted:
        fitting = drawn
        while len(again := draw(pool, len(fitting), seed, difficulty)) < len(fitting):
            fitting = again
        more = len(draw(every, wanted, seed, HARDEST))
        if n is not None or not fitting:
            raise _too_many_questions(network, n, len(fitting), more, difficulty, span)
        drawn = draw(pool, len(fitting), seed, difficulty)
        shortage = _shortage(network_name, len(drawn), more, difficulty)
    ordered = sorted(drawn, key=lambda one: (one.level, one.place))
    return Quiz(network, network_name, input, settings or {}, seed, difficulty, tuple(ordered), shortage)


def _shortage(network_name: str, n: int, more: int, difficulty: int) -> str:
    sentences = [
        said(
            "1 question about {network} at difficulty {difficulty} fits on a sheet."
            if n == 1
            else "{n} questions about {network} at difficulty {difficulty} fit on a sheet where none answers another.",
            n=n,
            network=network_name,
            difficulty=difficulty,
        )
    ]
    if more > n:
        sentences.append(said("`--difficulty {hardest}` has more.", hardest=HARDEST))
    return running_text(sentences)


def _too_many_questions(
    network: Report, n: int | None, fitting: int, more: int, difficulty: int, span: Span | None
) -> InputError:
    return InputError.of(
        "too-many-questions",
        "at difficulty {difficulty} there is nothing to ask about `{network}`"
        if not fitting
        else "{n} questions are asked for, but only 1 about `{network}` at difficulty {difficulty} fits on a sheet"
        if fitting == 1
        else "{n} questions are asked for, but only {fitting} about `{network}` at difficulty {difficulty} fit on a "
        "sheet where none answers another",
        span,
        help=("write `--n {fitting}`" if fitting else "take another network, or other topics")
        if more <= fitting
        else "write `--n {fitting}`, or `--difficulty {hardest}`"
        if fitting
        else "write `--difficulty {hardest}`",
        n=n,
        fitting=fitting,
        difficulty=difficulty,
        network=network.graph.name,
        hardest=HARDEST,
    )


def draw(pool: Sequence[Exercise], n: int, seed: int, difficulty: int) -> list[Exercise]:
    """`n` exercises, no two the same calculation: at least half of the given difficulty, and as varied as possible.

    None of them has the answer of another in its text; there are fewer where that leaves no more. The same seed draws
    the same on every machine.
    """
    random = Random(seed)
    groups: dict[tuple[str, ...], list[Exercise]] = {}
    for one in pool:
        groups.setdefault(one.twins, []).append(one)
    left = [random.choice(twins) for twins in groups.values()]
    random.shuffle(left)
    used: Counter[object] = Counter()
    drawn: list[Exercise] = []
    for turn in range(n):
        if not left:
            break
        hard = turn >= n // 2  # the easy ones come first, and leave topics that only the hard ones have
        fitting = [one for one in left if (one.level == difficulty) is hard] or left
        best = min(
            fitting,
            key=lambda one: (
                used["topic", one.topic],
                used["kind", one.kind],
                used[one.topic, one.kind],
                used["place", one.place],
            ),
        )
        left = [one for one in left if one is not best and not (_answers(one, best) or _answers(best, one))]
        drawn.append(best)
        used.update([("topic", best.topic), ("kind", best.kind), (best.topic, best.kind), ("place", best.place)])
    return drawn


def _answers(one: Exercise, other: Exercise) -> bool:
    """Whether the text of one exercise has the answer of the other in it."""
    return tells(one.shown, other.answer)


def exercises(network: Report, topics: Sequence[str] = ()) -> list[Exercise]:
    """Every exercise about a network, in the order of its layers; equal layers have one each.

    With `topics`, those alone; without, all but those that ask for a diagnosis.
    """
    reaches = {row.path: row.reach for row in network.rows}
    found = [
        exercise
        for place, row in enumerate(network.rows)
        for exercise in _layer_exercises(network, row, place, reaches)
    ]
    every = [_with_text(one) for one in found if not _is_stated(one)]
    if FORGOTTEN in topics:
        every += _diagnoses(every)
    every += _network_exercises(network)
    return [one for one in every if one.topic in topics] if topics else every


def _with_text(one: Exercise) -> Exercise:
    text, row = statement(one.question, one.topic), one.question.row
    assert row is not None
    return one._replace(text=text, shown=numbers_in(text) | {row.path})


def _is_stated(one: Exercise) -> bool:
    """Whether the answer is one of the layer's own options, as the output of a linear layer."""
    row = one.question.row
    return one.topic == "output" and row is not None and tells(numbers_in(spell_layer(row)), one.answer)


def _diagnoses(every: Sequence[Exercise]) -> Iterator[Exercise]:
    """For wrong values of these exercises: which option was forgotten, where only one can have been."""
    seen: set[tuple[str, ...]] = set()
    for one in every:
        if one.topic not in DIAGNOSED or one.twins in seen:
            continue
        seen.add(one.twins)
        values = values_without(one.question)
        for option, value in values.items():
            if list(values.values()).count(value) == 1:
                question = one.question._replace(ask=ask_forgotten(one.question.ask, value))
                shown = one.shown | numbers_in(question.ask.partition("=")[2])
                yield Exercise(question, option, max(2, one.level), FORGOTTEN, option, one.place, one.text, shown)


def _layer_exercises(
    network: Report, row: LayerReport, place: int, reaches: Mapping[str, Reach | None]
) -> Iterator[Exercise]:
    if row.weights_from is not None or row.output.regions != 1 or row.path.lower() == WHOLE:
        return  # its weights are counted elsewhere, it runs several times, or its name means the whole network
    if row.layer.traits.is_opaque:
        return  # nothing of it can be worked out
    kind = exercise_kind(row)
    plain = row.layer.traits.is_taught_first and kind in (row.type, "pointwise")
    for quantity in _layer_quantities(row):
        question = Question(network, f"{row.path}.{quantity}", quantity, row)
        level = 1 if plain and quantity in ("output", "params") else 2
        yield Exercise(question, expected_value(question), level, quantity, kind, place)
    if _has_field(row, reaches):
        for quantity in OF_A_FIELD:
            question = Question(network, f"{row.path}.{quantity}", quantity, row)
            value = expected_value(question)
            if isinstance(value, int) or (quantity != "start" and _is_whole(value)):
                yield Exercise(question, value, HARDEST, quantity, kind, place)


def _is_whole(value: Amount) -> bool:
    """Whether a value is one whole number for each axis."""
    return isinstance(value, tuple) and all(isinstance(number, int) for number in value)


def _layer_quantities(row: LayerReport) -> Iterator[str]:
    """Quantities of a layer that are worth a question, besides the receptive field."""
    makes_a_shape = row.output.shape != row.inputs[0].shape or "kernel_size" in row.layer.__dict__
    if makes_a_shape and not row.output.channels_last:
        yield "output"
    if row.params or (row.layer.traits.is_taught_first and row.kind is Kind.POOLING):  # a pool has none: worth asking
        yield "params"
    if row.buffers:
        yield "buffers"
    if row.macs:
        yield "macs"
        yield "flops"
    if makes_a_shape and not row.layer.keeps_buffer:
        yield "memory"
    if row.params and row.macs:
        yield "param_memory"


def _has_field(row: LayerReport, reaches: Mapping[str, Reach | None]) -> bool:
    """Whether a layer has a window of its own, and a receptive field that follows from windows alone."""
    reach, before = row.reach, reaches.get(row.node.inputs[0])
    if reach is None or before is None or len(row.inputs) != 1:  # right after an input, the field is just the kernel
        return False
    if not reach.on_grid or reach.global_by or before.axes == reach.axes:
        return False
    return all(len(axis.intervals) == 1 for axis in reach.axes)  # the same for every unit


def _network_exercises(network: Report) -> Iterator[Exercise]:
    after_all = len(network.rows)
    table = frozenset(number for row in network.rows for number in numbers_in(spell_layer(row)))
    once = all(row.output.regions == 1 for row in network.rows)
    counted = network.totals().status == "complete"
    for quantity in TOTALS if once else STORED:
        if quantity in ("macs", "flops") and not counted:
            continue
        question = Question(network, f"{WHOLE}.{quantity}", quantity, None)
        if value := expected_value(question):
            yield Exercise(question, value, HARDEST, TOTAL, quantity, after_all, shown=table)
    for quantity in ("params", *(("macs",) if counted else ()), "memory") if once else ("params",):
        value, row, others = _largest(network, quantity)
        if value > others > 0:
            question = Question(network, f"{MOST}_{quantity}", quantity, None)
            yield Exercise(question, row.path, HARDEST, MOST, quantity, after_all, shown=table)


def _largest(report: Report, quantity: str) -> tuple[int, LayerReport, int]:
    """The largest value of a quantity, its layer, and the second largest value."""
    counts = [int(QUANTITIES[quantity].of_rows(report, (row,)) or 0) for row in report.rows]
    values = sorted(((count, place) for place, count in enumerate(counts)), reverse=True)
    value, place = values[0]
    return value, report.rows[place], values[1][0] if len(values) > 1 else 0


def exercise_kind(row: LayerReport) -> str:
    """A layer's type, or what distinguishes it within the type."""
    options = row.layer.__dict__
    if row.kind not in FILTERS:
        return row.type
    if options.get("groups", 1) > 1:
        return "depthwise" if options["groups"] == row.inputs[0].shape[0] else "grouped"
    if options.get("connections"):
        return "connected"
    if set(options["dilation"]) != {1}:
        return "dilated"
    if row.kind is Kind.CONVOLUTION and set(options["kernel_size"]) == {1}:
        return "pointwise"
    return row.type
