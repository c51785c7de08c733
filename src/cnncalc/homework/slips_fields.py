"""Mistakes in receptive fields: the usual wrong recurrences, over the layers that lead to the one asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from itertools import groupby, product
from typing import NamedTuple

from cnncalc.analysis.explain import Line
from cnncalc.analysis.report import LayerReport
from cnncalc.core.messages import said, together
from cnncalc.core.term import Term
from cnncalc.homework.wrong import Case, Mistake, Wrong, may_fit

LONGEST_SUM = 6
"""Layers up to which a field is written with a summand for each."""

MOST_SUMMANDS = 14
"""Summands up to which a field is written as one sum, layers that add alike taken together."""


class Step(NamedTuple):
    """One layer's windows, on one axis."""

    kernel: int
    stride: int
    dilation: int
    padding: int
    pools: bool

    @property
    def width(self) -> int:
        """Positions from the first tap to the last."""
        return self.dilation * (self.kernel - 1) + 1


Steps = Sequence[Step]


Axes = list[list[Step]]


def steps_to(case: Case) -> Axes | None:
    """The windows on the way to a layer, axis by axis; None where these are not all that makes the field."""
    if "steps" not in case.memo:
        axes = _steps(case)
        right = {"receptive_field": right_size, "jump": _product, "start": _start}[case.quantity]
        case.memo["steps"] = axes if axes and _one([right(steps) for steps in axes]) == case.right else None
    found: Axes | None = case.memo["steps"]
    return found


def _steps(case: Case, *, narrowest: bool = False) -> Axes | None:
    node = case.question.node
    assert node is not None
    path, found = node.path, []
    choose = min if narrowest else max
    while path in case.places:
        node, row = case.places[path]
        path = choose(node.inputs, key=lambda wire: _seen(case, wire))
        if hasattr(row.layer, "steps") and hasattr(row.layer, "spacing") and len(row.inputs) == 1:
            found.append(_windows(row))
        elif len(node.inputs) == 1 and not _stays(case, row, path):
            return None
    if not found or len({len(axes) for axes in found}) > 1:
        return None
    return [list(axis) for axis in zip(*found[::-1], strict=True)]


def _windows(row: LayerReport) -> list[Step]:
    layer, pools = row.layer, "pool" in row.type
    fields = row.layer.windows(row.output._replace(shape=row.inputs[0]))
    return [
        Step(k, s, d, -(field.start or 0), pools)
        for k, s, d, field in zip(layer.kernel_size, layer.steps(), layer.spacing(), fields, strict=True)
    ]


def _seen(case: Case, wire: str) -> int:
    reach = case.places[wire][1].reach if wire in case.places else None
    return max((axis.size for axis in reach.axes), default=0) if reach else 0


def _stays(case: Case, row: LayerReport, wire: str) -> bool:
    """Whether a layer looks only where it stands."""
    before = case.places[wire][1].reach if wire in case.places else None
    if row.reach is None:
        return False
    return all(axis.size == 1 for axis in row.reach.axes) if before is None else before.axes == row.reach.axes


# How a field grows by one layer: (field, product of the strides before, stride before, layer) -> field

Growth = Callable[[int, int, int, Step], int]
GROWTHS: dict[str, Growth] = {
    "right": lambda r, j, last, w: r + (w.width - 1) * j,
    "kernel_times_jump": lambda r, j, last, w: r + w.width * j,
    "own_stride_for_jump": lambda r, j, last, w: r + (w.width - 1) * w.stride,
    "last_stride_for_jump": lambda r, j, last, w: r + (w.width - 1) * last,
    "own_stride_in_jump": lambda r, j, last, w: r + (w.width - 1) * j * w.stride,
    "strides_ignored": lambda r, j, last, w: r + w.width - 1,
    "field_times_stride": lambda r, j, last, w: r * w.stride,
    "backward_rule_forwards": lambda r, j, last, w: (r - 1) * w.stride + w.width,
    "kernels_multiplied": lambda r, j, last, w: r * w.width,
    "dilation_times_kernel": lambda r, j, last, w: r + (w.dilation * w.kernel - 1) * j,
}


def grown(steps: Steps, growth: Growth, start: int = 1) -> int:
    """The field behind all of these layers."""
    size, jump, last = start, 1, 1
    for step in steps:
        size = growth(size, jump, last, step)
        jump, last = jump * step.stride, step.stride
    return size


def right_size(steps: Steps) -> int:
    """The field as it is."""
    return grown(steps, GROWTHS["right"])


def without(steps: Steps, change: Callable[[Step], Step | None]) -> list[Step]:
    """Layers changed or left out."""
    return [changed for step in steps if (changed := change(step)) is not None]


LEFT_OUT: dict[str, Callable[[Step], Step | None]] = {
    "": lambda step: step,
    "pools_forgotten": lambda step: None if step.pools else step,
    "pool_windows_forgotten": lambda step: step._replace(kernel=1) if step.pools else step,
    "pool_strides_forgotten": lambda step: step._replace(stride=1) if step.pools else step,
    "dilation_ignored": lambda step: step._replace(dilation=1),
}


def _sentence(name: str, steps: Steps) -> str:
    jump = reduce(lambda total, step: total * step.stride, steps[:-1], 1)
    last = steps[-1]
    match name:
        case "kernel_times_jump":
            return said("A layer adds (k − 1)·j, not k·j: its first tap lies where the field already is.")
        case "own_stride_for_jump":
            return said(
                "What counts is the jump, the product of the strides of all layers before ({jump} here), "
                "not the layer's own stride.",
                jump=jump,
            )
        case "last_stride_for_jump":
            return said(
                "What counts is the product of the strides of all layers before ({jump} here), not the last of them.",
                jump=jump,
            )
        case "own_stride_in_jump":
            return said(
                "A layer's own stride widens the fields of the layers behind it, not its own: its jump is {jump}.",
                jump=jump,
            )
        case "strides_ignored":
            return said(
                "Strides before a layer widen its steps: here they are {jump} input positions apart.", jump=jump
            )
        case "field_times_stride":
            return said("Strides multiply the jump, not the field: a layer adds (k − 1)·j to it.")
        case "backward_rule_forwards":
            return said(
                "r·s + k − s goes from the last layer back to the input; from the input on it is r + (k − 1)·j."
            )
        case "kernels_multiplied":
            return said("Fields grow by addition: a layer adds (k − 1)·j.")
        case "kernels_added":
            return said("Neighbouring windows overlap: a layer adds (k − 1)·j, not k.")
        case "dilation_times_kernel":
            return said(
                "At a dilation of {d}, {k} taps span {d}·({k} − 1) + 1 positions, not {d}·{k}.",
                d=last.dilation,
                k=last.kernel,
            )
        case "start_forgotten":
            return said("The field starts at 1: the position itself counts, before any layer adds to it.")
        case "pools_forgotten":
            return said("Pools have windows and strides as well, and widen the field.")
        case "pool_windows_forgotten":
            return said("A pool's window widens the field itself, not only its stride.")
        case "pool_strides_forgotten":
            return said("A pool's stride widens the steps of all layers behind it.")
        case "dilation_ignored":
            return said("Dilated taps lie d apart, and span d·(k − 1) + 1 positions.")
        case "own_layer_forgotten":
            return said(
                "That is the field before this layer: it adds (k − 1)·j = {added} itself.",
                added=(last.width - 1) * jump,
            )
        case "own_window_only":
            return said("That is the window of this layer alone, on its own input; the layers before it widen it.")
        case "padding_subtracted":
            return said("Padding moves a field, and does not change its size.")
        case "narrower_path":
            return said("Where paths meet, the field is that of the one that sees most.")
    raise KeyError(name)


ALONE: dict[str, Callable[[Steps], int]] = {
    "own_layer_forgotten": lambda steps: right_size(steps[:-1]),
    "own_window_only": lambda steps: steps[-1].width,
    "kernels_added": lambda steps: sum(step.width for step in steps),
    "padding_subtracted": lambda steps: (
        right_size(steps) - 2 * grown(steps, lambda r, j, last, w: r + w.padding * j, 0)
    ),
}


def _candidates() -> Iterator[tuple[tuple[str, ...], Callable[[Steps], int]]]:
    """Every single mistake, and then every two that go together."""
    for name, alone in ALONE.items():
        yield (name,), alone
    for (left, change), (growth, grow), start in product(LEFT_OUT.items(), GROWTHS.items(), (1, 0)):
        names = [
            name for name in (left, growth if growth != "right" else "", "" if start else "start_forgotten") if name
        ]
        if 0 < len(names) <= 2:
            yield tuple(names), _wrongly(change, grow, start)


def _wrongly(change: Callable[[Step], Step | None], grow: Growth, start: int) -> Callable[[Steps], int]:
    return lambda steps: grown(without(steps, change), grow, start)


CANDIDATES = dict(_candidates())


def _made(*names: str) -> Callable[[Case], Iterator[Wrong]]:
    """What one mistake makes of a field, or two at once."""
    make = CANDIDATES[names]

    def made(case: Case) -> Iterator[Wrong]:
        axes = steps_to(case)
        if axes is None:
            return
        value = _one([make(steps) for steps in axes])
        if may_fit(case.answer, value, case.quantity):
            yield Wrong(value, together(_sentence(one, axes[0]) for one in names), _line(names, axes[0]))

    return made


def _made_at_the_last(name: str) -> Callable[[Case], Iterator[Wrong]]:
    """What a wrong recurrence makes of a field where it is used at the last layer alone."""

    def made(case: Case) -> Iterator[Wrong]:
        axes = steps_to(case)
        if axes is None or len(axes[0]) < 2:
            return
        value = _one([_at_the_last(GROWTHS[name], steps) for steps in axes])
        if may_fit(case.answer, value, case.quantity):
            yield Wrong(value, _sentence(name, axes[0]), _last_line(name, axes[0]))

    return made


def _at_the_last(growth: Growth, steps: Steps) -> int:
    """The field when all goes well up to the last layer."""
    return growth(right_size(steps[:-1]), _product(steps[:-1]), steps[-2].stride, steps[-1])


def _last_line(name: str, steps: Steps) -> Line | None:
    """The sum of the last layer alone, from the right field before it."""
    last, jump = steps[-1], _product(steps[:-1])
    summands = {
        "kernel_times_jump": (last.width, jump),
        "own_stride_for_jump": (last.width - 1, last.stride),
        "last_stride_for_jump": (last.width - 1, steps[-2].stride),
        "own_stride_in_jump": (last.width - 1, jump * last.stride),
        "strides_ignored": (last.width - 1, 1),
    }
    if name not in summands:
        return None
    before, taps, by = (Term.symbol(str(number), number) for number in (right_size(steps[:-1]), *summands[name]))
    return Line("r", before + taps * by)


def _one(sizes: list[int]) -> int | tuple[int, ...]:
    return sizes[0] if len(set(sizes)) == 1 else tuple(sizes)


def _line(names: tuple[str, ...], steps: Steps) -> Line | None:
    """The sum of a wrong recurrence that adds."""
    adding = {*LEFT_OUT, *ADDING, "start_forgotten"}
    if not set(names) <= adding:
        return None
    changed = list(steps)
    for name in names:
        changed = without(changed, LEFT_OUT.get(name, LEFT_OUT[""]))
    return _added(changed, names)


def whole_field(case: Case) -> Line | None:
    """The right field as one sum over the layers, where there are several of them."""
    axes = steps_to(case)
    return _added(axes[0], ()) if axes is not None and len(axes[0]) > 1 else None


ADDING: dict[str, Callable[[Step, int, int], tuple[int, int]]] = {
    "kernel_times_jump": lambda step, jump, last: (step.width, jump),
    "own_stride_for_jump": lambda step, jump, last: (step.width - 1, step.stride),
    "last_stride_for_jump": lambda step, jump, last: (step.width - 1, last),
    "own_stride_in_jump": lambda step, jump, last: (step.width - 1, jump * step.stride),
    "strides_ignored": lambda step, jump, last: (step.width - 1, 1),
    "dilation_times_kernel": lambda step, jump, last: (step.dilation * step.kernel - 1, jump),
}
"""What a layer adds under a wrong recurrence: taps, and how far they lie apart."""


def _added(steps: Steps, names: tuple[str, ...]) -> Line | None:
    """A field as a sum: of every layer where they are few, and else of those that add, equal neighbours as one."""
    wrong = next((ADDING[name] for name in names if name in ADDING), None)
    summands, jump, last = [], 1, 1
    for step in steps:
        summands.append((1, *(wrong(step, jump, last) if wrong else (step.width - 1, jump))))
        jump, last = jump * step.stride, step.stride
    if len(summands) > LONGEST_SUM:
        summands = [
            (len(list(alike)), *summand) for summand, alike in groupby(one[1:] for one in summands if one[1] * one[2])
        ]
    if not 0 < len(summands) <= MOST_SUMMANDS:
        return None
    total = _plain(0 if "start_forgotten" in names else 1)
    for times, taps, by in summands:
        total = total + (_plain(times) * _plain(taps) if times > 1 else _plain(taps)) * _plain(by)
    return Line("r", total)


def _plain(number: int) -> Term:
    return Term.symbol(str(number), number)


def _narrower_path(case: Case) -> Iterator[Wrong]:
    axes = _steps(case, narrowest=True) if steps_to(case) is not None else None
    if axes:
        yield Wrong(_one([right_size(steps) for steps in axes]), _sentence("narrower_path", axes[0]))


def _whole_input_missed(case: Case) -> Iterator[Wrong]:
    reach = case.row.reach
    if reach is not None and not reach.windowed:
        path = reach.global_by.partition(": ")[2] or case.row.path
        sentence = said("{path} reads the whole map: every unit sees all of the input.", path=path)
        yield Wrong(case.answer.value, sentence)


def _product(steps: Steps) -> int:
    return reduce(lambda total, step: total * step.stride, steps, 1)


def _start(steps: Steps) -> int:
    return -grown(steps, lambda r, j, last, w: r + w.padding * j, 0)


JUMPS: dict[str, Callable[[Steps], int]] = {
    "own_stride_only": lambda steps: steps[-1].stride,
    "strides_added": lambda steps: sum(step.stride for step in steps),
    "pool_strides_forgotten": lambda steps: _product([step for step in steps if not step.pools]),
    "own_stride_forgotten": lambda steps: _product(steps[:-1]),
}
STARTS: dict[str, Callable[[Steps], int]] = {
    "padding_forgotten": lambda steps: 0,
    "sign_forgotten": lambda steps: -_start(steps),
    "jumps_forgotten": lambda steps: -sum(step.padding for step in steps),
    "own_padding_only": lambda steps: -steps[-1].padding,
}


def _place(make: Callable[[Steps], int]) -> Callable[[Case], Iterator[Wrong]]:
    def made(case: Case) -> Iterator[Wrong]:
        axes = steps_to(case)
        if axes is not None:
            sentence = (
                said("The jump is the product of the strides of all layers up to this one, its own among them.")
                if case.quantity == "jump"
                else said("Every layer moves the start to the left by its padding times the jump before it: − p·j.")
            )
            yield Wrong(_one([make(steps) for steps in axes]), sentence)

    return made


ORDER = (
    *("start_forgotten", "kernel_times_jump", "own_stride_for_jump", "strides_ignored", "pools_forgotten"),
    *(
        "dilation_ignored",
        "own_layer_forgotten",
        "last_stride_for_jump",
        "own_stride_in_jump",
        "pool_windows_forgotten",
    ),
    *("pool_strides_forgotten", "field_times_stride", "kernels_added", "kernels_multiplied", "dilation_times_kernel"),
    *("backward_rule_forwards", "own_window_only", "padding_subtracted"),
)

AT_THE_LAST = (
    "kernel_times_jump",
    "own_stride_for_jump",
    "strides_ignored",
    "last_stride_for_jump",
    "own_stride_in_jump",
)
"""Recurrences that go wrong where somebody adds one layer to a field that was right."""

FIELD_MISTAKES: tuple[Mistake, ...] = (
    *(Mistake(name, ("receptive_field",), _made(name)) for name in ORDER),
    Mistake("narrower_path", ("receptive_field",), _narrower_path),
    *(Mistake(name, ("receptive_field",), _made_at_the_last(name)) for name in AT_THE_LAST),
    Mistake("whole_input_missed", ("receptive_field",), _whole_input_missed),
    *(Mistake(name, ("jump",), _place(make)) for name, make in JUMPS.items()),
    *(Mistake(name, ("start",), _place(make)) for name, make in STARTS.items()),
)
"""The likeliest first."""

FIELD_PAIRS: tuple[Mistake, ...] = tuple(
    Mistake("+".join(names), ("receptive_field",), _made(*names)) for names in CANDIDATES if len(names) == 2
)
"""Two mistakes at once."""
