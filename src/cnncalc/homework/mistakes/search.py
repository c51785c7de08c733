"""Known mistakes: what each would make of this very layer is computed, and an answer that fits gives it away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import combinations
from typing import Any

from cnncalc.core.translation import said, together
from cnncalc.explain.layer import Equation
from cnncalc.homework.mistakes.case import Case, Mistake, Wrong, may_fit, shown, tried
from cnncalc.homework.mistakes.fields import FIELD_MISTAKES, FIELD_PAIRS
from cnncalc.homework.mistakes.figures import DIGIT_MISTAKES, QUANTITY_MISTAKES, WRITTEN_MISTAKES, of_another_unit
from cnncalc.homework.mistakes.filters import FILTER_MISTAKES
from cnncalc.homework.mistakes.fractions import FRACTION_MISTAKES
from cnncalc.homework.mistakes.layers import LAYER_MISTAKES, NEIGHBOURS
from cnncalc.homework.mistakes.rewrite import NoSuchSum, Part
from cnncalc.homework.mistakes.shapes import SHAPE_MISTAKES
from cnncalc.homework.mistakes.sizes import SIZE_MISTAKES
from cnncalc.homework.mistakes.totals import NETWORK_MISTAKES, NUMBER_MISTAKES
from cnncalc.homework.questions import Answer, Extents, Question, Slip, is_coarse
from cnncalc.homework.readings.catalogue import readings

__all__ = ["MISTAKES", "readings", "slips"]

MISTAKES: tuple[Mistake, ...] = (
    *FILTER_MISTAKES,
    *SIZE_MISTAKES,
    *FRACTION_MISTAKES,
    *FIELD_MISTAKES,
    *LAYER_MISTAKES,
    *DIGIT_MISTAKES,
    *NUMBER_MISTAKES,
    *WRITTEN_MISTAKES,
    *NEIGHBOURS,
)
"""Every single mistake, the likeliest first."""

MOST_SHOWN = 3
"""Mistakes that are named of those that would give an answer."""

SINGLE = (
    *("kernel_of_another_layer", "channels_of_another_layer", "pooling_given_parameters", "separable_times_kernel"),
    *("padding_doubled", "pool_before_forgotten", "flattened_before_pool"),
)
"""Mistakes that are not looked for beside another: they make too many numbers."""

TOGETHER = tuple(mistake for mistake in MISTAKES if mistake.change is not None and mistake.name not in SINGLE)
"""Mistakes of which two can be made at once."""

PRECISE = Fraction(1, 500)
"""How coarse an answer may be, by its last digit, for two mistakes to be looked for in it."""

LARGE = 1000
"""Numbers from which on another quantity is likelier than two mistakes."""


def slips(question: Question, answer: Answer) -> tuple[Slip, ...]:
    """The mistakes that give this answer, the likeliest first; none where it is right, or nothing known gives it.

    Two at once are looked for where no single one is found, and then what takes counting the whole network again.
    """
    case = Case(question, answer)
    strange = tuple(Slip("unit", *wrong) for wrong in of_another_unit(case))
    if strange:
        return strange
    if answer.value == () or (case.right and is_coarse(answer)) or may_fit(answer, case.right, case.quantity):
        return ()
    then = (_elsewhere, _double) if _is_large(answer) else (_double, _elsewhere)
    for look in (_single, *then, _throughout, _in_parts):
        found = tuple(_distinct(look(case)))
        if found:
            return found[:MOST_SHOWN]
    return ()


def _single(case: Case) -> Iterator[Slip]:
    return _found(case, MISTAKES)


def _elsewhere(case: Case) -> Iterator[Slip]:
    return _found(case, QUANTITY_MISTAKES)


def _in_parts(case: Case) -> Iterator[Slip]:
    """What can be said of a shape as such, or of its channels and of its rows and columns by themselves."""
    if not case.of_layer:
        return
    as_such = list(_found(case, SHAPE_MISTAKES))
    yield from as_such
    given = case.answer.value
    if as_such or case.quantity != "output" or not isinstance(given, tuple) or len(given) != len(case.right) > 1:
        return
    ways = [_parts(case, given[0], given[1:]), _parts(case, given[-1], given[:-1])]
    yield from (slip for slip in ways if slip is not None)


def _parts(case: Case, channels: int | Fraction, size: Extents) -> Slip | None:
    """What is wrong with channels, and with rows and columns; None where neither is right or explained."""
    one, two = case.part("channels", Fraction(channels)), case.part("size", size)
    slips = [next(_single(part), None) if part.answer.value != part.right else None for part in (one, two)]
    right = [part.answer.value == part.right for part in (one, two)]
    if not any(slips) and not any(right):
        return None
    names = [slip.name for slip in slips if slip is not None]
    sentences = [slip.sentence for slip in slips if slip is not None]
    if not any(slips):
        sentences.append(
            said("The channels are right, but not the rows and columns.")
            if right[0]
            else said("Rows and columns are right, but not the channels.")
        )
    elif slips[0] is None and not right[0]:
        sentences.append(said("The channels are wrong as well."))
    elif slips[1] is None and not right[1]:
        sentences.append(said("Rows and columns are wrong as well."))
    line = next((slip.line for slip in slips if slip is not None), None)
    return Slip("+".join([*names, "part_of_the_shape"]), case.answer.value, together(sentences), line)


def _throughout(case: Case) -> Iterator[Slip]:
    return _found(case, NETWORK_MISTAKES)


def _double(case: Case) -> Iterator[Slip]:
    if not _is_precise(case.answer):
        return
    yield from _found(case, FIELD_PAIRS)
    if case.sketch is None or case.symbols is None:
        return
    ways = [
        (mistake, number, change, case.sketch.difference(change.sketch))
        for mistake in TOGETHER
        if case.quantity in mistake.quantities
        for number, change in enumerate(tried(mistake, case, case.sketch))
    ]
    for (one, first, change, wrong), (two, second, other, besides) in combinations(ways, 2):
        if one is two or not wrong or not besides or wrong.keys() & besides.keys():
            continue
        try:
            value = case.value_of(case.sketch.with_difference({**wrong, **besides}))
        except NoSuchSum:
            continue
        if value != case.right and may_fit(case.answer, value, case.quantity):
            line = _line_of_two(case, (one, first), (two, second))
            sentences = together((change.sentence, other.sentence))
            yield Slip(f"{one.name}+{two.name}", value, sentences, line)


def _line_of_two(case: Case, *ways: tuple[Mistake, int]) -> Equation | None:
    """The sum of two mistakes, in symbols."""
    assert case.symbols is not None
    both: dict[Part, Any] = {}
    for mistake, number in ways:
        changes = tried(mistake, case, case.symbols)
        if number >= len(changes):
            return None
        both |= case.symbols.difference(changes[number].sketch)
    return shown(case, case.symbols.with_difference(both))


def _found(case: Case, mistakes: Iterable[Mistake]) -> Iterator[Slip]:
    for mistake in mistakes:
        if case.quantity not in mistake.quantities:
            continue
        for wrong in _made(mistake.made, case):
            if wrong.value != case.right and may_fit(case.answer, wrong.value, case.quantity):
                yield Slip(mistake.name, *wrong)


def _made(make: Callable[[Case], Iterable[Wrong]], case: Case) -> Iterator[Wrong]:
    try:
        yield from make(case)
    except NoSuchSum:
        return


def _distinct(found: Iterable[Slip]) -> Iterator[Slip]:
    """Every mistake once."""
    seen = set()
    for slip in found:
        if slip.name not in seen:
            seen.add(slip.name)
            yield slip
            if len(seen) == MOST_SHOWN:
                return


def _is_large(answer: Answer) -> bool:
    """Whether an answer is a number that is no other quantity by chance."""
    return not isinstance(answer.value, tuple) and answer.value >= LARGE


def _is_precise(answer: Answer) -> bool:
    """Whether an answer has enough digits to tell two mistakes at once from chance."""
    if isinstance(answer.value, tuple):
        return True
    return answer.step <= abs(answer.value) * PRECISE or answer.step == 0 or answer.value < LARGE
