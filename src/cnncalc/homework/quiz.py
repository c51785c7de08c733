"""Sheets of questions about a network: what can be asked, how hard it is, and a draw that is varied."""

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
from cnncalc.core.translation import said, together
from cnncalc.explain.layer import receptive_field_chain
from cnncalc.homework.questions import Amount, Question
from cnncalc.homework.targets import exact
from cnncalc.language.assembly import WHOLE

HARDEST = 3

USUAL = 10
"""Questions of a sheet, where there are as many and no number is asked for."""

OF_A_FIELD = ("receptive_field", "jump", "start")

TOTALS = ("params", "macs", "flops", "memory", "param_memory", "buffers")
"""What is asked of a whole network."""

STORED = ("params", "param_memory", "buffers")
"""The same of a network parts of which run many times over."""

TOTAL = WHOLE
"""The topic of what is asked about the whole network."""

MOST = "most"
"""The topic of what is asked about the layer that has the most."""

STATED = frozenset({"stride", "padding", "bias"})
"""Options that an exercise states even where they have their defaults."""

UNSAID = frozenset({"eps", "momentum", "inplace", "init_value", "dropout", "p"})
"""Options that no number of an exercise depends on."""


class Exercise(NamedTuple):
    """One question with its answer. `topic` and `kind` are what a sheet is varied over."""

    question: Question
    answer: Amount | str  # the path of a layer, where a layer is asked for
    level: int
    topic: str  # a quantity, `total` or `most`
    kind: str  # of layer: its type, or what sets it apart; of the whole network the quantity
    place: int  # of the layer in the network

    @property
    def twins(self) -> tuple[str, ...]:
        """What exercises have in common that are one and the same sum."""
        row = self.question.row
        if row is None:
            return (self.topic, self.kind)
        if self.topic in OF_A_FIELD:
            return (self.topic, str(self.answer))
        if self.answer == 0:
            return (self.topic, "nothing")
        return (self.topic, written(row), row.inputs_text)


class Quiz(NamedTuple):
    """Exercises about one network, and what it takes to write them anew."""

    network: Report
    named: str  # as the command line has it
    input: Shape | None
    settings: Mapping[str, str]
    seed: int
    difficulty: int
    exercises: tuple[Exercise, ...]
    shortage: str = ""  # said where there are fewer exercises than usual, and no number was asked for


def compose(
    network: Report,
    named: str,
    *,
    n: int | None = None,
    seed: int,
    difficulty: int,
    input: Shape | None = None,
    settings: Mapping[str, str] | None = None,
    span: Span | None = None,
) -> Quiz:
    """A sheet of `n` exercises, the easy ones first; `span` is where the number was asked for.

    Without a number, it has the usual number of them, or all where there are fewer.

    Errors:  too-many-questions
    """
    every = exercises(network)
    pool = [one for one in every if one.level <= difficulty]
    distinct, harder = (len({one.twins for one in some}) for some in (pool, every))
    if not distinct or (n is not None and n > distinct):
        raise _too_many(network, n, distinct, harder, difficulty, span)
    shortage = _shortage(named, distinct, harder, difficulty) if n is None and distinct < USUAL else ""
    drawn = draw(pool, min(n or USUAL, distinct), seed, difficulty)
    ordered = sorted(drawn, key=lambda one: (one.level, one.place))
    return Quiz(network, named, input, settings or {}, seed, difficulty, tuple(ordered), shortage)


def _shortage(named: str, distinct: int, harder: int, difficulty: int) -> str:
    sentences = [
        said(
            "There is 1 question about {network} at difficulty {difficulty}, and the sheet asks it."
            if distinct == 1
            else "There are {n} questions about {network} at difficulty {difficulty}, and the sheet asks all of them.",
            n=distinct,
            network=named,
            difficulty=difficulty,
        )
    ]
    if harder > distinct:
        sentences.append(said("`--difficulty {hardest}` has {n}.", hardest=HARDEST, n=harder))
    return together(sentences)


def _too_many(
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
    """`n` of these, no two of them the same sum: half or more of the level asked for, and all as varied as they can be.

    The same seed draws the same, whatever the machine.
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
        hard = turn >= n // 2  # what only these ask about is then still new
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
    """Everything that can be asked about a network, in its order; equal layers each have their own."""
    reaches = {row.path: row.reach for row in network.rows}
    found = [exercise for place, row in enumerate(network.rows) for exercise in _of_layer(network, row, place, reaches)]
    return [*found, *_of_the_whole(network)]


def _of_layer(network: Report, row: LayerReport, place: int, reaches: Mapping[str, Reach | None]) -> Iterator[Exercise]:
    if row.weights_from is not None or row.output.regions != 1 or row.path.lower() == WHOLE:
        return  # its weights are counted elsewhere, it runs many times over, or its name means something else
    kind = kind_of(row)
    plain = row.layer.traits.is_taught_first and kind in (row.type, "pointwise")
    for quantity in _quantities(row):
        question = Question(network, f"{row.path}.{quantity}", quantity, row)
        level = 1 if plain and quantity in ("output", "params") else 2
        yield Exercise(question, exact(question), level, quantity, kind, place)
    if _has_field(row, reaches):
        for quantity in OF_A_FIELD:
            question = Question(network, f"{row.path}.{quantity}", quantity, row)
            value = exact(question)
            if isinstance(value, int) or (quantity != "start" and _is_whole(value)):
                yield Exercise(question, value, HARDEST, quantity, kind, place)


def _is_whole(value: Amount) -> bool:
    """Whether a value is one whole number for each axis."""
    return isinstance(value, tuple) and all(isinstance(number, int) for number in value)


def _quantities(row: LayerReport) -> Iterator[str]:
    """What is worth asking of a layer besides its receptive field."""
    makes_a_shape = row.output.shape != row.inputs[0].shape or "kernel_size" in row.layer.__dict__
    if makes_a_shape and not row.output.channels_last:
        yield "output"
    if row.params or (
        row.layer.traits.is_taught_first and row.kind is Kind.POOLING
    ):  # that a pool has none is worth a question
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
    """Whether a layer moves a window of its own, and what it sees can be worked out from windows alone."""
    reach, before = row.reach, reaches.get(row.node.inputs[0])
    if reach is None or before is None or len(row.inputs) != 1:  # behind an input nothing: it sees its own kernel
        return False
    if not reach.on_grid or reach.global_by or before.axes == reach.axes:
        return False
    return all(len(axis.intervals) == 1 for axis in reach.axes)  # the same for every unit


def _of_the_whole(network: Report) -> Iterator[Exercise]:
    behind = len(network.rows)
    once = all(row.output.regions == 1 for row in network.rows)
    for quantity in TOTALS if once else STORED:
        question = Question(network, f"{WHOLE}.{quantity}", quantity, None)
        if value := exact(question):
            yield Exercise(question, value, HARDEST, TOTAL, quantity, behind)
    for quantity in ("params", "macs", "memory") if once else ("params",):
        value, row, others = _largest(network, quantity)
        if value > others > 0:
            question = Question(network, f"{MOST}_{quantity}", quantity, None)
            yield Exercise(question, row.path, HARDEST, MOST, quantity, behind)


def _largest(report: Report, quantity: str) -> tuple[int, LayerReport, int]:
    """The layer with the most of a quantity, with how much it has, and the most of any other."""
    values = sorted(
        ((QUANTITIES[quantity].of_rows(report, (row,)), place) for place, row in enumerate(report.rows)), reverse=True
    )
    value, place = values[0]
    return value, report.rows[place], values[1][0] if len(values) > 1 else 0


def kind_of(row: LayerReport) -> str:
    """A layer's type, or what sets it apart from others of the type."""
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


# How layers are written


def written(row: LayerReport) -> str:
    """A layer with the options that its numbers depend on, as `cnncalc layer` takes them."""
    layer = row.layer
    words = [row.type]
    for name, option in sorted(type(layer).model_fields.items(), key=lambda named: not named[0].startswith("out_")):
        value = layer.__dict__[name]
        if name == "stride" and value is None:
            value = layer.__dict__["kernel_size"]
        if name not in UNSAID and (name in STATED or value != _spread(option.get_default(), value)):
            alike = name in layer.per_axis_options and isinstance(value, tuple) and len(set(value)) == 1
            words.append(f"{name}={_value(value[0] if alike else value)}")
    return " ".join(words)


def _spread(default: object, value: object) -> object:
    """A default that stands for every axis, once per axis."""
    if isinstance(default, tuple) and isinstance(value, tuple) and len(default) == 1:
        return default * len(value)
    return default


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{','.join(map(_value, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def way_to(question: Question) -> list[tuple[int, str]]:
    """The layers that make a receptive field, from the input on, each with how many follow one another alike."""
    assert question.row is not None
    rows = question.network.by_path
    links: list[tuple[int, str]] = []
    for name, *_ in receptive_field_chain(question.network, question.row.path).rows:
        window = _window(rows[name])
        times = links.pop()[0] if links and links[-1][1] == window else 0
        links.append((times + 1, window))
    return links


def _window(row: LayerReport) -> str:
    """What a receptive field needs to know of a layer: `conv2d 3×3/2 p1`."""
    options = row.layer.__dict__
    if "kernel_size" not in options:
        return written(row)
    kernel, padding, dilation = options["kernel_size"], options.get("padding"), options.get("dilation", (1,))
    stride = options.get("stride") or kernel
    words = [row.type, "×".join(map(str, kernel)) + ("" if set(stride) == {1} else f"/{_alike(stride)}")]
    if padding not in (None, "valid") and set(padding) != {0}:
        words.append(f"p{padding if padding == 'same' else _alike(padding)}")
    if set(dilation) != {1}:
        words.append(f"d{_alike(dilation)}")
    return " ".join(words)


def _alike(numbers: Sequence[object]) -> str:
    return _value(numbers[0] if len(set(numbers)) == 1 else tuple(numbers))
