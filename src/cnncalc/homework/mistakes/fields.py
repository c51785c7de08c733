"""Mistakes in receptive fields: the usual wrong recurrences, over the layers that lead to the one asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby, product

from cnncalc.core.term import Term
from cnncalc.core.translation import Phrase, said, together
from cnncalc.explain.layer import Equation
from cnncalc.homework.mistakes.case import Case, Mistake, Wrong, may_fit
from cnncalc.homework.mistakes.field_steps import (
    Growth,
    Step,
    Steps,
    grown,
    jump_of,
    narrowest_steps_to,
    on_each_axis,
    size_of,
    start_of,
    steps_to,
)

LONGEST_SUM = 6
"""Layers up to which a field is written with a summand for each."""

MOST_SUMMANDS = 14
"""Summands up to which a field is written as one sum, layers that add alike taken together."""

Summand = Callable[[Step, int, int], tuple[int, int]]
"""What a layer adds to a field, from the layer, the jump and the stride before it: taps, and how far they lie apart."""

ADDING: dict[str, Summand] = {
    "": lambda step, jump, last: (step.width - 1, jump),
    "kernel_times_jump": lambda step, jump, last: (step.width, jump),
    "own_stride_for_jump": lambda step, jump, last: (step.width - 1, step.stride),
    "last_stride_for_jump": lambda step, jump, last: (step.width - 1, last),
    "own_stride_in_jump": lambda step, jump, last: (step.width - 1, jump * step.stride),
    "strides_ignored": lambda step, jump, last: (step.width - 1, 1),
    "dilation_times_kernel": lambda step, jump, last: (step.dilation * step.kernel - 1, jump),
}
"""Recurrences that add, by what is wrong with them: the right one first."""


def _by(summand: Summand) -> Growth:
    def growth(size: int, jump: int, last: int, step: Step) -> int:
        taps, apart = summand(step, jump, last)
        return size + taps * apart

    return growth


GROWTHS: dict[str, Growth] = {
    **{name: _by(summand) for name, summand in ADDING.items()},
    "field_times_stride": lambda r, j, last, w: r * w.stride,
    "backward_rule_forwards": lambda r, j, last, w: (r - 1) * w.stride + w.width,
    "kernels_multiplied": lambda r, j, last, w: r * w.width,
}
"""All recurrences."""

LEFT_OUT: dict[str, Callable[[Step], Step | None]] = {
    "": lambda step: step,
    "pools_forgotten": lambda step: None if step.pools else step,
    "pool_windows_forgotten": lambda step: step._replace(kernel=1) if step.pools else step,
    "pool_strides_forgotten": lambda step: step._replace(stride=1) if step.pools else step,
    "dilation_ignored": lambda step: step._replace(dilation=1),
}
"""What is left of a layer where something is overlooked."""

ALONE: dict[str, Callable[[Steps], int]] = {
    "own_layer_forgotten": lambda steps: size_of(steps[:-1]),
    "own_window_only": lambda steps: steps[-1].width,
    "kernels_added": lambda steps: sum(step.width for step in steps),
    "padding_subtracted": lambda steps: size_of(steps) + 2 * start_of(steps),
}
"""Mistakes that are made of the whole way, and beside no other."""

SENTENCES = {
    "kernel_times_jump": Phrase("A layer adds (k − 1)·j, not k·j: its first tap lies where the field already is."),
    "own_stride_for_jump": Phrase(
        "What counts is the jump, the product of the strides of all layers before ({jump} here), "
        "not the layer's own stride."
    ),
    "last_stride_for_jump": Phrase(
        "What counts is the product of the strides of all layers before ({jump} here), not the last of them."
    ),
    "own_stride_in_jump": Phrase(
        "A layer's own stride widens the fields of the layers behind it, not its own: its jump is {jump}."
    ),
    "strides_ignored": Phrase("Strides before a layer widen its steps: here they are {jump} input positions apart."),
    "field_times_stride": Phrase("Strides multiply the jump, not the field: a layer adds (k − 1)·j to it."),
    "backward_rule_forwards": Phrase(
        "r·s + k − s goes from the last layer back to the input; from the input on it is r + (k − 1)·j."
    ),
    "kernels_multiplied": Phrase("Fields grow by addition: a layer adds (k − 1)·j."),
    "kernels_added": Phrase("Neighbouring windows overlap: a layer adds (k − 1)·j, not k."),
    "dilation_times_kernel": Phrase("At a dilation of {d}, {k} taps span {d}·({k} − 1) + 1 positions, not {d}·{k}."),
    "start_forgotten": Phrase("The field starts at 1: the position itself counts, before any layer adds to it."),
    "pools_forgotten": Phrase("Pools have windows and strides as well, and widen the field."),
    "pool_windows_forgotten": Phrase("A pool's window widens the field itself, not only its stride."),
    "pool_strides_forgotten": Phrase("A pool's stride widens the steps of all layers behind it."),
    "dilation_ignored": Phrase("Dilated taps lie d apart, and span d·(k − 1) + 1 positions."),
    "own_layer_forgotten": Phrase("That is the field before this layer: it adds (k − 1)·j = {added} itself."),
    "own_window_only": Phrase(
        "That is the window of this layer alone, on its own input; the layers before it widen it."
    ),
    "padding_subtracted": Phrase("Padding moves a field, and does not change its size."),
    "narrower_path": Phrase("Where paths meet, the field is that of the one that sees most."),
}
"""What is wrong, where `jump` is the one before the last layer, of `k` taps at a dilation of `d`."""


def _sentence(name: str, steps: Steps) -> str:
    last, jump = steps[-1], jump_of(steps[:-1])
    return said(SENTENCES[name], jump=jump, d=last.dilation, k=last.kernel, added=(last.width - 1) * jump)


def without(steps: Steps, change: Callable[[Step], Step | None]) -> list[Step]:
    """Layers changed or left out."""
    return [changed for step in steps if (changed := change(step)) is not None]


def _candidates() -> Iterator[tuple[tuple[str, ...], Callable[[Steps], int]]]:
    """Every single mistake, and then every two that go together."""
    for name, alone in ALONE.items():
        yield (name,), alone
    for (left, change), (growth, grow), start in product(LEFT_OUT.items(), GROWTHS.items(), (1, 0)):
        names = tuple(name for name in (left, growth, "" if start else "start_forgotten") if name)
        if 0 < len(names) <= 2:
            yield names, _wrongly(change, grow, start)


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
        value = on_each_axis(make, axes)
        if may_fit(case.answer, value, case.quantity):
            yield Wrong(value, together(_sentence(one, axes[0]) for one in names), _line(names, axes[0]))

    return made


def _made_at_the_last(name: str) -> Callable[[Case], Iterator[Wrong]]:
    """What a wrong recurrence makes of a field where it is used at the last layer alone."""

    def made(case: Case) -> Iterator[Wrong]:
        axes = steps_to(case)
        if axes is None or len(axes[0]) < 2:
            return
        value = on_each_axis(lambda steps: int(_at_the_last(ADDING[name], steps)), axes)
        if may_fit(case.answer, value, case.quantity):
            yield Wrong(value, _sentence(name, axes[0]), Equation("r", _at_the_last(ADDING[name], axes[0])))

    return made


def _at_the_last(summand: Summand, steps: Steps) -> Term:
    """The sum of the last layer alone, from the right field before it."""
    before = steps[:-1]
    taps, apart = summand(steps[-1], jump_of(before), before[-1].stride)
    total: Term = _number(size_of(before)) + _number(taps) * _number(apart)
    return total


def _line(names: tuple[str, ...], steps: Steps) -> Equation | None:
    """The sum of a wrong recurrence that adds."""
    if not set(names) <= {*LEFT_OUT, *ADDING, "start_forgotten"}:
        return None
    for name in names:
        steps = without(steps, LEFT_OUT.get(name, LEFT_OUT[""]))
    return _added(steps, names)


def whole_field(case: Case) -> Equation | None:
    """The right field as one sum over the layers, where there are several of them."""
    axes = steps_to(case)
    return _added(axes[0], ()) if axes is not None and len(axes[0]) > 1 else None


def _added(steps: Steps, names: tuple[str, ...]) -> Equation | None:
    """A field as a sum: of every layer where they are few, and else of those that add, equal neighbours as one."""
    summand = ADDING[next((name for name in names if name in ADDING), "")]
    summands, jump, last = [], 1, 1
    for step in steps:
        summands.append((1, *summand(step, jump, last)))
        jump, last = jump * step.stride, step.stride
    if len(summands) > LONGEST_SUM:
        adding = [(taps, apart) for _, taps, apart in summands if taps * apart]
        summands = [(len(list(alike)), *one) for one, alike in groupby(adding)]
    if not 0 < len(summands) <= MOST_SUMMANDS:
        return None
    total = _number(0 if "start_forgotten" in names else 1)
    for times, taps, apart in summands:
        total = total + (_number(times) * _number(taps) if times > 1 else _number(taps)) * _number(apart)
    return Equation("r", total)


def _number(value: int) -> Term:
    """A number that sums write as it is, and do not compute with."""
    return Term.symbol(str(value), value)


def _narrower_path(case: Case) -> Iterator[Wrong]:
    axes = narrowest_steps_to(case)
    if axes:
        yield Wrong(on_each_axis(size_of, axes), _sentence("narrower_path", axes[0]))


def _whole_input_missed(case: Case) -> Iterator[Wrong]:
    reach = case.row.reach
    if reach is not None and not reach.windowed:
        path = reach.global_by.partition(": ")[2] or case.row.path
        sentence = said("{path} reads the whole map: every unit sees all of the input.", path=path)
        yield Wrong(case.answer.value, sentence)


# Jumps and starts

JUMP_RULE = Phrase("The jump is the product of the strides of all layers up to this one, its own among them.")
JUMPS: dict[str, Callable[[Steps], int]] = {
    "own_stride_only": lambda steps: steps[-1].stride,
    "strides_added": lambda steps: sum(step.stride for step in steps),
    "pool_strides_forgotten": lambda steps: jump_of(without(steps, LEFT_OUT["pools_forgotten"])),
    "own_stride_forgotten": lambda steps: jump_of(steps[:-1]),
}

START_RULE = Phrase("Every layer moves the start to the left by its padding times the jump before it: − p·j.")
STARTS: dict[str, Callable[[Steps], int]] = {
    "padding_forgotten": lambda steps: 0,
    "sign_forgotten": lambda steps: -start_of(steps),
    "jumps_forgotten": lambda steps: -sum(step.padding for step in steps),
    "own_padding_only": lambda steps: -steps[-1].padding,
}


def _against(rule: str, make: Callable[[Steps], int]) -> Callable[[Case], Iterator[Wrong]]:
    """What comes of a jump or a start where its rule is not kept."""

    def made(case: Case) -> Iterator[Wrong]:
        axes = steps_to(case)
        if axes is not None:
            yield Wrong(on_each_axis(make, axes), said(rule))

    return made


ORDER = (
    "start_forgotten",
    "kernel_times_jump",
    "own_stride_for_jump",
    "strides_ignored",
    "pools_forgotten",
    "dilation_ignored",
    "own_layer_forgotten",
    "last_stride_for_jump",
    "own_stride_in_jump",
    "pool_windows_forgotten",
    "pool_strides_forgotten",
    "field_times_stride",
    "kernels_added",
    "kernels_multiplied",
    "dilation_times_kernel",
    "backward_rule_forwards",
    "own_window_only",
    "padding_subtracted",
)
"""Mistakes that are made all the way, the likeliest first."""

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
    *(Mistake(name, ("jump",), _against(JUMP_RULE, make)) for name, make in JUMPS.items()),
    *(Mistake(name, ("start",), _against(START_RULE, make)) for name, make in STARTS.items()),
)
"""The likeliest first."""

FIELD_PAIRS: tuple[Mistake, ...] = tuple(
    Mistake("+".join(names), ("receptive_field",), _made(*names)) for names in CANDIDATES if len(names) == 2
)
"""Two mistakes at once."""
