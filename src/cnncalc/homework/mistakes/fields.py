"""Mistakes in receptive fields: the usual wrong recurrences, over the steps to the layer that is asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby, product

from cnncalc.core.term import Term
from cnncalc.core.translation import Phrase, running_text, said
from cnncalc.explain.layer import Equation
from cnncalc.homework.mistakes.base import Case, Mistake, WrongAnswer, may_fit
from cnncalc.homework.mistakes.field_steps import (
    Axes,
    FieldStep,
    Growth,
    Steps,
    accumulate,
    jump_of,
    narrowest_steps_to,
    on_each_axis,
    size_of,
    start_of,
    steps_behind,
    steps_to,
)
from cnncalc.homework.targets import spell_amount

LONGEST_SUM = 6
"""Most layers for which a field is written with a summand each."""

MOST_SUMMANDS = 14
"""Most summands for which a field is written as a sum, equal neighbours as one."""

Summand = Callable[[FieldStep, int, int], tuple[int, int]]
"""What a layer adds to a field, as taps and their distance, from the layer, the jump and the stride before it."""

SUMMANDS: dict[str, Summand] = {
    "": lambda step, jump, last: (step.width - 1, jump),
    "kernel_times_jump": lambda step, jump, last: (step.width, jump),
    "own_stride_for_jump": lambda step, jump, last: (step.width - 1, step.stride),
    "last_stride_for_jump": lambda step, jump, last: (step.width - 1, last),
    "own_stride_in_jump": lambda step, jump, last: (step.width - 1, jump * step.stride),
    "strides_ignored": lambda step, jump, last: (step.width - 1, 1),
    "dilation_times_kernel": lambda step, jump, last: (step.dilation * step.kernel - 1, jump),
}
"""Additive recurrences by their mistake; the right one has none and is first."""


def _additive_growth(summand: Summand) -> Growth:
    def growth(size: int, jump: int, last: int, step: FieldStep) -> int:
        taps, apart = summand(step, jump, last)
        return size + taps * apart

    return growth


GROWTHS: dict[str, Growth] = {
    **{name: _additive_growth(summand) for name, summand in SUMMANDS.items()},
    "field_times_stride": lambda r, j, last, w: r * w.stride,
    "backward_rule_forwards": lambda r, j, last, w: (r - 1) * w.stride + w.width,
    "kernels_multiplied": lambda r, j, last, w: r * w.width,
}
"""All recurrences by their mistake."""

OVERSIGHTS: dict[str, Callable[[FieldStep], FieldStep | None]] = {
    "": lambda step: step,
    "pools_forgotten": lambda step: None if step.pools else step,
    "pool_windows_forgotten": lambda step: step._replace(kernel=1) if step.pools else step,
    "pool_strides_forgotten": lambda step: step._replace(stride=1) if step.pools else step,
    "dilation_ignored": lambda step: step._replace(dilation=1),
}
"""Steps with something overlooked, by the mistake; None where the whole layer is."""

WHOLE_CHAIN: dict[str, Callable[[Steps], int]] = {
    "own_layer_forgotten": lambda steps: size_of(steps[:-1]),
    "own_window_only": lambda steps: steps[-1].width,
    "kernels_added": lambda steps: sum(step.width for step in steps),
    "padding_subtracted": lambda steps: size_of(steps) + 2 * start_of(steps),
}
"""Mistakes in the chain of steps as a whole, which are not combined with others."""


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
        "A layer's own stride widens the fields of the layers after it, not its own: its jump is {jump}."
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
    "pool_strides_forgotten": Phrase("A pool's stride widens the steps of all layers after it."),
    "dilation_ignored": Phrase("Dilated taps lie d apart, and span d·(k − 1) + 1 positions."),
    "own_layer_forgotten": Phrase("That is the field before this layer: it adds (k − 1)·j = {added} itself."),
    "own_window_only": Phrase(
        "That is the window of this layer alone, on its own input; the layers before it widen it."
    ),
    "padding_subtracted": Phrase("Padding moves a field, and does not change its size."),
    "narrower_path": Phrase("Where paths meet, the field is that of the one that sees most."),
}
"""What is wrong; the last layer has `k` taps at a dilation of `d`, and `jump` is the jump before it."""


def _sentence(name: str, axes: Axes) -> str:
    """The sentence about a mistake, with the numbers of every axis where they differ."""

    def spelled(make: Callable[[Steps], int]) -> str:
        return spell_amount(on_each_axis(make, axes))

    return said(
        SENTENCES[name],
        jump=spelled(lambda steps: jump_of(steps[:-1])),
        d=spelled(lambda steps: steps[-1].dilation),
        k=spelled(lambda steps: steps[-1].kernel),
        added=spelled(lambda steps: (steps[-1].width - 1) * jump_of(steps[:-1])),
    )


def change_steps(steps: Steps, change: Callable[[FieldStep], FieldStep | None]) -> list[FieldStep]:
    """The steps with a change; those that it turns into None are left out."""
    return [changed for step in steps if (changed := change(step)) is not None]


def _candidates() -> Iterator[tuple[tuple[str, ...], Callable[[Steps], int]]]:
    """Every single mistake, and every two that can be combined."""
    for name, alone in WHOLE_CHAIN.items():
        yield (name,), alone
    for (left, change), (growth, grow), start in product(OVERSIGHTS.items(), GROWTHS.items(), (1, 0)):
        names = tuple(name for name in (left, growth, "" if start else "start_forgotten") if name)
        if 0 < len(names) <= 2:
            yield names, _wrong_size(change, grow, start)


def _wrong_size(change: Callable[[FieldStep], FieldStep | None], grow: Growth, start: int) -> Callable[[Steps], int]:
    return lambda steps: accumulate(change_steps(steps, change), grow, start)


CANDIDATES = dict(_candidates())


def _field_mistake(*names: str) -> Callable[[Case], Iterator[WrongAnswer]]:
    """The wrong answers of one mistake in a field, or of two at once."""
    make = CANDIDATES[names]

    def wrong_answers(case: Case) -> Iterator[WrongAnswer]:
        axes = steps_to(case)
        if axes is None:
            return
        value = on_each_axis(make, axes)
        if may_fit(case.answer, value, case.quantity):
            yield WrongAnswer(
                value, running_text(_sentence(one, axes) for one in names), _wrong_equation(names, axes[0])
            )

    return wrong_answers


def _last_layer_mistake(name: str) -> Callable[[Case], Iterator[WrongAnswer]]:
    """The wrong answers of a recurrence that is wrong at the last layer alone."""

    def wrong_answers(case: Case) -> Iterator[WrongAnswer]:
        axes = steps_to(case)
        if axes is None or len(axes[0]) < 2:
            return
        value = on_each_axis(lambda steps: int(_last_layer_sum(SUMMANDS[name], steps)), axes)
        if may_fit(case.answer, value, case.quantity):
            yield WrongAnswer(value, _sentence(name, axes), Equation("r", _last_layer_sum(SUMMANDS[name], axes[0])))

    return wrong_answers


def _last_layer_sum(summand: Summand, steps: Steps) -> Term:
    """The sum for the last layer, from the right field before it."""
    before = steps[:-1]
    taps, apart = summand(steps[-1], jump_of(before), before[-1].stride)
    total: Term = _literal(size_of(before)) + _literal(taps) * _literal(apart)
    return total


def _wrong_equation(names: tuple[str, ...], steps: Steps) -> Equation | None:
    """The equation of a wrong recurrence; None where it is not additive."""
    if not set(names) <= {*OVERSIGHTS, *SUMMANDS, "start_forgotten"}:
        return None
    for name in names:
        steps = change_steps(steps, OVERSIGHTS.get(name, OVERSIGHTS[""]))
    return _sum_equation(steps, names)


def field_equation(case: Case) -> Equation | None:
    """The right field as one sum over the layers; None for a single layer."""
    axes = steps_to(case)
    return _sum_equation(axes[0], ()) if axes is not None and len(axes[0]) > 1 else None


def _sum_equation(steps: Steps, names: tuple[str, ...]) -> Equation | None:
    """A field as a sum over its layers; if these are many, without zeros, and with equal neighbours as one."""
    summand = SUMMANDS[next((name for name in names if name in SUMMANDS), "")]
    summands, jump, last = [], 1, 1
    for step in steps:
        summands.append((1, *summand(step, jump, last)))
        jump, last = jump * step.stride, step.stride
    if len(summands) > LONGEST_SUM:
        adding = [(taps, apart) for _, taps, apart in summands if taps * apart]
        summands = [(len(list(alike)), *one) for one, alike in groupby(adding)]
    if not 0 < len(summands) <= MOST_SUMMANDS:
        return None
    total = _literal(0 if "start_forgotten" in names else 1)
    for times, taps, apart in summands:
        total = total + (_literal(times) * _literal(taps) if times > 1 else _literal(taps)) * _literal(apart)
    return Equation("r", total)


def _literal(value: int) -> Term:
    """A number that sums show as it is, and do not evaluate."""
    return Term.symbol(str(value), value)


def _back_to_front(case: Case) -> Iterator[WrongAnswer]:
    """What the last layer sees of the map that this one reads."""
    found = steps_behind(case) if steps_to(case) is not None else None
    if found is not None:
        last, axes = found
        sentence = said(
            "Computed from the back, that is what {last} sees of the map that {own} reads; "
            "what {own} sees is counted on the input of the network.",
            last=last,
            own=case.row.path,
        )
        yield WrongAnswer(on_each_axis(size_of, axes), sentence, _sum_equation(axes[0], ()))


def _layer_left_out(case: Case) -> Iterator[WrongAnswer]:
    yield from _with_step(case, 0, Phrase("{path} is left out."))


def _layer_counted_twice(case: Case) -> Iterator[WrongAnswer]:
    yield from _with_step(case, 2, Phrase("{path} is counted twice."))


def _with_step(case: Case, times: int, sentence: Phrase) -> Iterator[WrongAnswer]:
    """The field with one of the layers so many times."""
    axes = steps_to(case) or ()
    for place, step in enumerate(axes[0] if axes else ()):
        if not times and step.path == case.row.path:
            continue  # its own layer forgotten
        changed = [[*axis[:place], *[axis[place]] * times, *axis[place + 1 :]] for axis in axes]
        value = on_each_axis(size_of, changed)
        if may_fit(case.answer, value, case.quantity):
            yield WrongAnswer(value, said(sentence, path=step.path), _sum_equation(changed[0], ()))


def _narrower_path(case: Case) -> Iterator[WrongAnswer]:
    axes = narrowest_steps_to(case)
    if axes:
        yield WrongAnswer(on_each_axis(size_of, axes), _sentence("narrower_path", axes))


def _whole_input_missed(case: Case) -> Iterator[WrongAnswer]:
    reach = case.row.reach
    if reach is not None and not reach.windowed:
        path = reach.global_by.partition(": ")[2] or case.row.path
        sentence = said("{path} reads the whole map: every unit sees all of the input.", path=path)
        yield WrongAnswer(case.answer.value, sentence)


# Jumps and starts

JUMP_RULE = Phrase("The jump is the product of the strides of all layers up to this one, its own among them.")
JUMPS: dict[str, Callable[[Steps], int]] = {
    "own_stride_only": lambda steps: steps[-1].stride,
    "strides_added": lambda steps: sum(step.stride for step in steps),
    "pool_strides_forgotten": lambda steps: jump_of(change_steps(steps, OVERSIGHTS["pools_forgotten"])),
    "own_stride_forgotten": lambda steps: jump_of(steps[:-1]),
}

START_RULE = Phrase("Every layer moves the start to the left by its padding times the jump before it: − p·j.")
STARTS: dict[str, Callable[[Steps], int]] = {
    "padding_forgotten": lambda steps: 0,
    "sign_forgotten": lambda steps: -start_of(steps),
    "jumps_forgotten": lambda steps: -sum(step.padding for step in steps),
    "own_padding_only": lambda steps: -steps[-1].padding,
}


def _rule_mistake(rule: str, make: Callable[[Steps], int]) -> Callable[[Case], Iterator[WrongAnswer]]:
    """The wrong answers of a jump or a start that breaks its rule."""

    def wrong_answers(case: Case) -> Iterator[WrongAnswer]:
        axes = steps_to(case)
        if axes is not None:
            yield WrongAnswer(on_each_axis(make, axes), said(rule))

    return wrong_answers


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
"""Mistakes at every step, the likeliest first."""

LAST_LAYER = (
    "kernel_times_jump",
    "own_stride_for_jump",
    "strides_ignored",
    "last_stride_for_jump",
    "own_stride_in_jump",
)
"""Recurrences that are used wrongly for the last layer, after a right field."""

FIELD_MISTAKES: tuple[Mistake, ...] = (
    *(Mistake(name, ("receptive_field",), _field_mistake(name)) for name in ORDER),
    Mistake("back_to_front", ("receptive_field",), _back_to_front),
    Mistake("narrower_path", ("receptive_field",), _narrower_path),
    *(Mistake(name, ("receptive_field",), _last_layer_mistake(name)) for name in LAST_LAYER),
    Mistake("step_left_out", ("receptive_field",), _layer_left_out),
    Mistake("step_counted_twice", ("receptive_field",), _layer_counted_twice),
    Mistake("whole_input_missed", ("receptive_field",), _whole_input_missed),
    *(Mistake(name, ("jump",), _rule_mistake(JUMP_RULE, make)) for name, make in JUMPS.items()),
    *(Mistake(name, ("start",), _rule_mistake(START_RULE, make)) for name, make in STARTS.items()),
)
"""The likeliest first."""

FIELD_PAIRS: tuple[Mistake, ...] = tuple(
    Mistake("+".join(names), ("receptive_field",), _field_mistake(*names)) for names in CANDIDATES if len(names) == 2
)
"""Two mistakes at once."""
