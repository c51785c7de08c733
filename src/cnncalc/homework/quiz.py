"""Sheets of questions about a network: what can be asked, how hard it is, and a varied draw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import NamedTuple

from cnncalc.analysis.quantities import QUANTITIES
from cnncalc.analysis.reach import Reach
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.errors import InputError, Span
from cnncalc.core.kinds import FILTERS, Kind
from cnncalc.core.tensor import Shape
from cnncalc.core.translation import running_text, said
from cnncalc.explain.layer import receptive_field_chain
from cnncalc.homework.questions import Amount, Question
from cnncalc.homework.targets import expected_value
from cnncalc.language.naming import WHOLE

HARDEST = 3

USUAL = 10
"""Questions of a sheet by default, if the network has as many."""

OF_A_FIELD = ("receptive_field", "jump", "start")

TOTALS = ("params", "macs", "flops", "memory", "param_memory", "buffers")
"""Quantities that are asked of a whole network."""

STORED = ("params", "param_memory", "buffers")
"""The same for networks with parts that run several times."""

TOTAL = WHOLE
"""The topic of questions about the whole network."""

MOST = "most"
"""The topic of questions for the layer that has the most of something."""

STATED = frozenset({"stride", "padding", "bias"})
"""Options that an exercise states even if they have their defaults."""

UNSAID = frozenset({"eps", "momentum", "inplace", "init_value", "dropout", "p"})
"""Options on which no number of an exercise depends."""


class Exercise(NamedTuple):
    """One question with its answer. A sheet is varied over `topic` and `kind`."""

    question: Question
    answer: Amount | str  # the path of a layer, where a layer is asked for
    level: int
    topic: str  # a quantity, `total` or `most`
    kind: str  # of the layer, as by `exercise_kind`; the quantity for the whole network
    place: int  # of the layer in the network

    @property
    def twins(self) -> tuple[str, ...]:
        """The key that exercises share if they are the same calculation."""
        row = self.question.row
        if row is None:
            return (self.topic, self.kind)
        if self.topic in OF_A_FIELD:
            return (self.topic, str(self.answer))
        if self.answer == 0:
            return (self.topic, "nothing")
        return (self.topic, spell_layer(row), row.inputs_text)


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


def compose(
    network: Report,
    network_name: str,
    *,
    n: int | None = None,
    seed: int,
    difficulty: int,
    input: Shape | None = None,
    settings: Mapping[str, str] | None = None,
    span: Span | None = None,
) -> Quiz:
    """A sheet of `n` exercises, the easy ones first; `span` is the place where `n` was given.

    Without `n`, it has the usual number, or all if there are fewer.

    Errors:  too-many-questions
    """
    every = exercises(network)
    pool = [one for one in every if one.level <= difficulty]
    distinct, harder = (len({one.twins for one in some}) for some in (pool, every))
    if not distinct or (n is not None and n > distinct):
        raise _too_many_questions(network, n, distinct, harder, difficulty, span)
    shortage = _shortage(network_name, distinct, harder, difficulty) if n is None and distinct < USUAL else ""
    drawn = draw(pool, min(n or USUAL, distinct), seed, difficulty)
    ordered = sorted(drawn, key=lambda one: (one.level, one.place))
    return Quiz(network, network_name, input, settings or {}, seed, difficulty, tuple(ordered), shortage)


def _shortage(network_name: str, distinct: int, harder: int, difficulty: int) -> str:
    sentences = [
        said(
            "There is 1 question about {network} at difficulty {difficulty}, and the sheet asks it."
            if distinct == 1
            else "There are {n} questions about {network} at difficulty {difficulty}, and the sheet asks all of them.",
            n=distinct,
            network=network_name,
            difficulty=difficulty,
        )
    ]
    if harder > distinct:
        sentences.append(said("`--difficulty {hardest}` has {n}.", hardest=HARDEST, n=harder))
    return running_text(sentences)


def _too_many_questions(
    network: Report, n: int | None, distinct: int, harder: int, difficulty: int, span: Span | None
) -> InputError:
    return InputError.of(
        "too-many-questions",
        "at difficulty {difficulty} there is nothing to ask about `{network}`"
        if not distinct
        else "{n} questions are asked for, but at difficulty {difficulty} there is 1 about `{network}`"
        if distinct == 1
        else "{n} questions are asked for, but at difficulty {difficulty} there are {distinct} about `{network}`",
        span,
        help=("write `--n {distinct}`" if distinct else "take another network")
        if harder == distinct
        else ("write `--n {distinct}`, or `--difficulty {hardest}`, which has {harder}")
        if distinct
        else "write `--difficulty {hardest}`, which has {harder}",
        n=n,
        distinct=distinct,
        difficulty=difficulty,
        network=network.graph.name,
        hardest=HARDEST,
        harder=harder,
    )


def draw(pool: Sequence[Exercise], n: int, seed: int, difficulty: int) -> list[Exercise]:
    """`n` exercises, no two the same calculation: at least half of the given difficulty, and as varied as possible.

    The same seed draws the same on every machine.
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
        left.remove(best)
        drawn.append(best)
        used.update([("topic", best.topic), ("kind", best.kind), (best.topic, best.kind), ("place", best.place)])
    return drawn


def exercises(network: Report) -> list[Exercise]:
    """Every exercise about a network, in the order of its layers; equal layers have one each."""
    reaches = {row.path: row.reach for row in network.rows}
    found = [
        exercise
        for place, row in enumerate(network.rows)
        for exercise in _layer_exercises(network, row, place, reaches)
    ]
    return [*found, *_network_exercises(network)]


def _layer_exercises(
    network: Report, row: LayerReport, place: int, reaches: Mapping[str, Reach | None]
) -> Iterator[Exercise]:
    if row.weights_from is not None or row.output.regions != 1 or row.path.lower() == WHOLE:
        return  # its weights are counted elsewhere, it runs several times, or its name means the whole network
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
    once = all(row.output.regions == 1 for row in network.rows)
    for quantity in TOTALS if once else STORED:
        question = Question(network, f"{WHOLE}.{quantity}", quantity, None)
        if value := expected_value(question):
            yield Exercise(question, value, HARDEST, TOTAL, quantity, after_all)
    for quantity in ("params", "macs", "memory") if once else ("params",):
        value, row, others = _largest(network, quantity)
        if value > others > 0:
            question = Question(network, f"{MOST}_{quantity}", quantity, None)
            yield Exercise(question, row.path, HARDEST, MOST, quantity, after_all)


def _largest(report: Report, quantity: str) -> tuple[int, LayerReport, int]:
    """The largest value of a quantity, its layer, and the second largest value."""
    values = sorted(
        ((QUANTITIES[quantity].of_rows(report, (row,)), place) for place, row in enumerate(report.rows)), reverse=True
    )
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


# Layers as text


def spell_layer(row: LayerReport) -> str:
    """A layer with the options that its numbers depend on, as `cnncalc layer` takes them."""
    layer = row.layer
    words = [row.type]
    for name, option in sorted(type(layer).model_fields.items(), key=lambda named: not named[0].startswith("out_")):
        value = layer.__dict__[name]
        if name == "stride" and value is None:
            value = layer.__dict__["kernel_size"]
        if name not in UNSAID and (name in STATED or value != _default_per_axis(option.get_default(), value)):
            alike = name in layer.per_axis_options and isinstance(value, tuple) and len(set(value)) == 1
            words.append(f"{name}={_spell_value(value[0] if alike else value)}")
    return " ".join(words)


def _default_per_axis(default: object, value: object) -> object:
    """A default for all axes, repeated for every axis."""
    if isinstance(default, tuple) and isinstance(value, tuple) and len(default) == 1:
        return default * len(value)
    return default


def _spell_value(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{','.join(map(_spell_value, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def field_chain(question: Question) -> list[tuple[int, str]]:
    """The layers that change a receptive field, from the input on; equal neighbours once, with their number."""
    assert question.row is not None
    rows = question.network.by_path
    links: list[tuple[int, str]] = []
    for name, *_ in receptive_field_chain(question.network, question.row.path).rows:
        window = _window(rows[name])
        times = links.pop()[0] if links and links[-1][1] == window else 0
        links.append((times + 1, window))
    return links


def _window(row: LayerReport) -> str:
    """The options of a layer that its receptive field depends on: `conv2d 3×3/2 p1`."""
    options = row.layer.__dict__
    if "kernel_size" not in options:
        return spell_layer(row)
    kernel, padding, dilation = options["kernel_size"], options.get("padding"), options.get("dilation", (1,))
    stride = options.get("stride") or kernel
    words = [row.type, "×".join(map(str, kernel)) + ("" if set(stride) == {1} else f"/{_spell_axes(stride)}")]
    if padding not in (None, "valid") and set(padding) != {0}:
        words.append(f"p{padding if padding == 'same' else _spell_axes(padding)}")
    if set(dilation) != {1}:
        words.append(f"d{_spell_axes(dilation)}")
    return " ".join(words)


def _spell_axes(numbers: Sequence[object]) -> str:
    return _spell_value(numbers[0] if len(set(numbers)) == 1 else tuple(numbers))
