"""The search for mistakes: computes the wrong answers that each gives for this very layer, and compares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import combinations
from typing import Any

from cnncalc.core.translation import running_text, said
from cnncalc.explain.layer import Equation
from cnncalc.homework.alternatives.catalogue import alternatives
from cnncalc.homework.mistakes.base import Case, Mistake, WrongAnswer, changed_equation, may_fit, possible_changes
from cnncalc.homework.mistakes.fields import FIELD_MISTAKES, FIELD_PAIRS
from cnncalc.homework.mistakes.figures import DIGIT_MISTAKES, QUANTITY_MISTAKES, WRITTEN_MISTAKES, unit_mistakes
from cnncalc.homework.mistakes.filters import FILTER_MISTAKES
from cnncalc.homework.mistakes.fractions import FRACTION_MISTAKES
from cnncalc.homework.mistakes.layers import LAYER_MISTAKES, NEIGHBOURS
from cnncalc.homework.mistakes.shapes import SHAPE_MISTAKES
from cnncalc.homework.mistakes.sizes import SIZE_MISTAKES
from cnncalc.homework.mistakes.sketch import NoSuchSum, SketchKey
from cnncalc.homework.mistakes.totals import NETWORK_MISTAKES, NUMBER_MISTAKES
from cnncalc.homework.questions import Answer, Extents, Question, Slip, is_coarse

__all__ = ["MISTAKES", "alternatives", "slips"]

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
"""Most mistakes that are shown for an answer."""

NOT_COMBINED = (
    *("kernel_of_another_layer", "channels_of_another_layer", "pooling_given_parameters", "separable_times_kernel"),
    *("padding_doubled", "pool_before_forgotten", "flattened_before_pool"),
)
"""Mistakes that are not combined with another, because they give too many numbers."""

COMBINABLE = tuple(mistake for mistake in MISTAKES if mistake.change is not None and mistake.name not in NOT_COMBINED)
"""Mistakes of which two can be combined."""

PRECISE = Fraction(1, 500)
"""Largest step of an answer, relative to its value, for which two mistakes at once are searched."""

LARGE = 1000
"""Least number for which another quantity is likelier than two mistakes."""


def slips(question: Question, answer: Answer) -> tuple[Slip, ...]:
    """The mistakes that give this answer, the likeliest first; none where it is right, or where none is known.

    If no single mistake is found, two at once are tried, and then those that analyze the whole network again.
    """
    case = Case(question, answer)
    in_wrong_unit = tuple(Slip("unit", *wrong) for wrong in unit_mistakes(case))
    if in_wrong_unit:
        return in_wrong_unit
    if answer.value == () or (case.right and is_coarse(answer)) or may_fit(answer, case.right, case.quantity):
        return ()
    then = (_other_quantity_slips, _double_slips) if _is_large(answer) else (_double_slips, _other_quantity_slips)
    for look in (_single_slips, *then, _network_slips, _shape_slips):
        found = tuple(_distinct_slips(look(case)))
        if found:
            return found[:MOST_SHOWN]
    return ()


def _single_slips(case: Case) -> Iterator[Slip]:
    return _matching_slips(case, MISTAKES)


def _other_quantity_slips(case: Case) -> Iterator[Slip]:
    return _matching_slips(case, QUANTITY_MISTAKES)


def _shape_slips(case: Case) -> Iterator[Slip]:
    """Mistakes in a shape as a whole, or in its channels and in its size separately."""
    if not case.of_layer:
        return
    as_such = list(_matching_slips(case, SHAPE_MISTAKES))
    yield from as_such
    given = case.answer.value
    if as_such or case.quantity != "output" or not isinstance(given, tuple) or len(given) != len(case.right) > 1:
        return
    ways = [_slip_in_parts(case, given[0], given[1:]), _slip_in_parts(case, given[-1], given[:-1])]
    yield from (slip for slip in ways if slip is not None)


def _slip_in_parts(case: Case, channels: int | Fraction, size: Extents) -> Slip | None:
    """The slip in the channels and in the size of a shape; None where neither is right or explained."""
    one, two = case.part("channels", Fraction(channels)), case.part("size", size)
    slips = [next(_single_slips(part), None) if part.answer.value != part.right else None for part in (one, two)]
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
    equation = next((slip.equation for slip in slips if slip is not None), None)
    return Slip("+".join([*names, "part_of_the_shape"]), case.answer.value, running_text(sentences), equation)


def _network_slips(case: Case) -> Iterator[Slip]:
    return _matching_slips(case, NETWORK_MISTAKES)


def _double_slips(case: Case) -> Iterator[Slip]:
    if not _is_precise(case.answer):
        return
    yield from _matching_slips(case, FIELD_PAIRS)
    if case.sketch is None or case.symbols is None:
        return
    ways = [
        (mistake, number, change, case.sketch.difference(change.sketch))
        for mistake in COMBINABLE
        if case.quantity in mistake.quantities
        for number, change in enumerate(possible_changes(mistake, case, case.sketch))
    ]
    for (one, first, change, wrong), (two, second, other, besides) in combinations(ways, 2):
        if one is two or not wrong or not besides or wrong.keys() & besides.keys():
            continue
        try:
            value = case.value_of(case.sketch.with_difference({**wrong, **besides}))
        except NoSuchSum:
            continue
        if value != case.right and may_fit(case.answer, value, case.quantity):
            equation = _equation_of_two(case, (one, first), (two, second))
            sentences = running_text((change.sentence, other.sentence))
            yield Slip(f"{one.name}+{two.name}", value, sentences, equation)


def _equation_of_two(case: Case, *ways: tuple[Mistake, int]) -> Equation | None:
    """The equation of two mistakes at once, in symbols."""
    assert case.symbols is not None
    both: dict[SketchKey, Any] = {}
    for mistake, number in ways:
        changes = possible_changes(mistake, case, case.symbols)
        if number >= len(changes):
            return None
        both |= case.symbols.difference(changes[number].sketch)
    return changed_equation(case, case.symbols.with_difference(both))


def _matching_slips(case: Case, mistakes: Iterable[Mistake]) -> Iterator[Slip]:
    for mistake in mistakes:
        if case.quantity not in mistake.quantities:
            continue
        for wrong in _wrong_answers(mistake.wrong_answers, case):
            if wrong.value != case.right and may_fit(case.answer, wrong.value, case.quantity):
                yield Slip(mistake.name, *wrong)


def _wrong_answers(make: Callable[[Case], Iterable[WrongAnswer]], case: Case) -> Iterator[WrongAnswer]:
    try:
        yield from make(case)
    except NoSuchSum:
        return


def _distinct_slips(found: Iterable[Slip]) -> Iterator[Slip]:
    """Each mistake once."""
    seen = set()
    for slip in found:
        if slip.name not in seen:
            seen.add(slip.name)
            yield slip
            if len(seen) == MOST_SHOWN:
                return


def _is_large(answer: Answer) -> bool:
    """Whether an answer is too large to equal another quantity by chance."""
    return not isinstance(answer.value, tuple) and answer.value >= LARGE


def _is_precise(answer: Answer) -> bool:
    """Whether an answer has enough digits to distinguish two mistakes from chance."""
    if isinstance(answer.value, tuple):
        return True
    return answer.step <= abs(answer.value) * PRECISE or answer.step == 0 or answer.value < LARGE
