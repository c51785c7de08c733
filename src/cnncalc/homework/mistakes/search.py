"""The search for mistakes: computes the wrong answers that each gives for this very layer, and compares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import combinations

from cnncalc.core.translation import running_text, said
from cnncalc.homework.alternatives.catalogue import alternatives
from cnncalc.homework.mistakes.base import (
    Case,
    Change,
    Mistake,
    WrongAnswer,
    equation_of,
    may_fit,
    rewritten_values,
    value_after,
)
from cnncalc.homework.mistakes.fields import FIELD_MISTAKES, FIELD_PAIRS
from cnncalc.homework.mistakes.figures import DIGIT_MISTAKES, QUANTITY_MISTAKES, WRITTEN_MISTAKES, unit_mistakes
from cnncalc.homework.mistakes.filters import FILTER_MISTAKES
from cnncalc.homework.mistakes.fractions import FRACTION_MISTAKES
from cnncalc.homework.mistakes.layers import LAYER_MISTAKES, NEIGHBOURS
from cnncalc.homework.mistakes.networks import CARRIED_MISTAKES, INPUT_MISTAKES, NETWORK_MISTAKES, everywhere
from cnncalc.homework.mistakes.others import OTHER_MISTAKES
from cnncalc.homework.mistakes.parts import PART_MISTAKES
from cnncalc.homework.mistakes.prior import likeliest_first
from cnncalc.homework.mistakes.recurrent import RECURRENT_MISTAKES
from cnncalc.homework.mistakes.shapes import SHAPE_MISTAKES
from cnncalc.homework.mistakes.sizes import SIZE_MISTAKES
from cnncalc.homework.mistakes.totals import NUMBER_MISTAKES
from cnncalc.homework.mistakes.working import AnyAmount, NoSuchSum
from cnncalc.homework.questions import Answer, Extents, Question, Slip, is_coarse
from cnncalc.homework.targets import is_sequence, spell_amount

__all__ = ["MISTAKES", "alternatives", "slips"]

REWRITINGS = (*FILTER_MISTAKES, *SIZE_MISTAKES, *RECURRENT_MISTAKES, *OTHER_MISTAKES)
"""Mistakes that change one step in the working of a layer."""

BY_LIKELIHOOD = (*REWRITINGS, *CARRIED_MISTAKES, *FRACTION_MISTAKES, *FIELD_MISTAKES)
"""Mistakes in how a layer's number is worked out, and in the sizes that it is worked out from."""

OTHERWISE = (*LAYER_MISTAKES, *DIGIT_MISTAKES, *NUMBER_MISTAKES, *WRITTEN_MISTAKES, *NEIGHBOURS)
"""Mistakes in what is counted and in how it is written, in the order in which they are looked for."""

MISTAKES: tuple[Mistake, ...] = (*BY_LIKELIHOOD, *OTHERWISE)
"""Every mistake that is made once."""

MOST_SHOWN = 3
"""Most mistakes that are shown for an answer."""

NOT_COMBINED = (
    *("kernel_of_another_layer", "channels_of_another_layer", "pooling_given_parameters", "separable_times_kernel"),
    *("padding_doubled", "pool_before_forgotten", "flattened_before_pool", "hidden_for_input"),
    "option_of_another_layer",
)
"""Mistakes that are not combined with another, because they give too many numbers."""

COMBINABLE = tuple(mistake for mistake in REWRITINGS if mistake.name not in NOT_COMBINED)
"""Mistakes of which two can be combined, and that may be made in every layer."""

EVERYWHERE = tuple(map(everywhere, COMBINABLE))

PRECISE = Fraction(1, 500)
"""Largest step of an answer, relative to its value, for which two mistakes at once are searched."""

LARGE = 1000
"""Least number for which another quantity is likelier than two mistakes."""


def slips(question: Question, answer: Answer) -> tuple[Slip, ...]:
    """The mistakes that give this answer, the likeliest first; none where it is right, or where none is known.

    If no single mistake is found, the whole network is analyzed again with something changed, then a part of the sum
    is left out; two mistakes at once are a guess.
    """
    case = Case(question, answer)
    in_wrong_unit = tuple(Slip("unit", *wrong) for wrong in unit_mistakes(case))
    if in_wrong_unit:
        return in_wrong_unit
    features_alone = is_sequence(question) and not isinstance(answer.value, tuple)
    is_right = not features_alone and may_fit(answer, case.right, case.quantity)
    if answer.value == () or (case.right and is_coarse(answer)) or is_right:
        return ()
    other = _matching_slips(case, QUANTITY_MISTAKES)
    ways = (
        _single_slips(case),
        _matching_slips(case, NETWORK_MISTAKES),
        _matching_slips(case, PART_MISTAKES),
        _matching_slips(case, INPUT_MISTAKES),
        *([other] if _is_large(answer) else []),
        _matching_slips(case, EVERYWHERE),
        _double_slips(case),
        other,
        _shape_slips(case),
    )
    for way in ways:
        found = tuple(_distinct_slips(way))
        if found:
            return found[:MOST_SHOWN]
    return ()


def _single_slips(case: Case) -> Iterator[Slip]:
    return _matching_slips(case, (*likeliest_first(BY_LIKELIHOOD, case.quantity), *OTHERWISE))


def _shape_slips(case: Case) -> Iterator[Slip]:
    """Mistakes in a shape as a whole, or in its channels and in its size separately."""
    if not case.of_layer:
        return
    as_such = list(_matching_slips(case, SHAPE_MISTAKES))
    yield from as_such
    given = case.answer.value
    if as_such or case.quantity != "output" or not isinstance(given, tuple) or len(given) != len(case.right) > 1:
        return
    ways = [(given[0], given[1:]), (given[-1], given[:-1])]
    right = [way for way in ways if way[0] == case.right[0] or way[1] == case.right[1:]]
    found = [_slip_in_parts(case, channels, size) for channels, size in right[:1] or ways]
    yield from (slip for slip in found if slip is not None)


def _slip_in_parts(case: Case, channels: int | Fraction, size: Extents) -> Slip | None:
    """The slip in the channels and in the size of a shape; None where neither is right or explained."""
    one, two = case.part("channels", Fraction(channels)), case.part("size", size)
    slips = [next(_single_slips(part), None) if part.answer.value != part.right else None for part in (one, two)]
    right = [part.answer.value == part.right for part in (one, two)]
    if not any(slips) and not any(right):
        return None
    names = [slip.name for slip in slips if slip is not None]
    sentences = [slip.sentence for slip in slips if slip is not None]
    unexplained = [slip is None and not ok for slip, ok in zip(slips, right, strict=True)]
    if len(size) != len(case.right) - 1 and not any(slips):  # a vector has no parts
        return None
    if any(unexplained):
        sentences.append(_words_of_parts(one, two, wrong_channels=unexplained[0], alone=not any(slips)))
    equation = next((slip.equation for slip in slips if slip is not None), None)
    return Slip("+".join([*names, "part_of_the_shape"]), case.answer.value, running_text(sentences), equation)


def _words_of_parts(channels: Case, size: Case, *, wrong_channels: bool, alone: bool) -> str:
    """Which part of a shape is wrong, `alone` or beside a slip; only maps have rows and columns."""
    given, right = size.answer.value, size.right
    assert isinstance(given, tuple)
    both_differ = all(one != other for one, other in zip(given, right, strict=False))
    if len(given) == len(right) == 2 and (wrong_channels or both_differ):
        if not alone:
            return said("The channels are wrong as well." if wrong_channels else "Rows and columns are wrong as well.")
        return said(
            "Rows and columns are right, but not the channels."
            if wrong_channels
            else "The channels are right, but not the rows and columns."
        )
    texts = [spell_amount(part.answer.value) for part in (channels, size)]
    kept, wrong = reversed(texts) if wrong_channels else texts
    return said("{kept} is right, but not {wrong}." if alone else "{wrong} is wrong as well.", kept=kept, wrong=wrong)


def _double_slips(case: Case) -> Iterator[Slip]:
    if not _is_precise(case.answer):
        return
    yield from map(_as_guess, _matching_slips(case, FIELD_PAIRS))
    if "pairs" not in case.memo:
        case.memo["pairs"] = list(_pairs(case))
    for value, (one, first), (two, second) in case.memo["pairs"]:
        if may_fit(case.answer, value, case.quantity):
            equation = equation_of(case, first.step, second.step)
            yield _as_guess(Slip(f"{one}+{two}", value, running_text(map(case.sentence, (first, second))), equation))


def _as_guess(slip: Slip) -> Slip:
    """Two mistakes at once, of which many give some number."""
    return slip._replace(sentence=said("A guess, two mistakes at once: {sentences}", sentences=slip.sentence))


def _pairs(case: Case) -> Iterator[tuple[AnyAmount, tuple[str, Change], tuple[str, Change]]]:
    """Every two mistakes in a layer's working that give another value than either of them."""
    ways = [
        (mistake.name, change, value) for mistake in COMBINABLE for value, change in rewritten_values(case, mistake)
    ]
    for (one, first, alone), (two, second, by_itself) in combinations(ways, 2):
        if one != two and case.right not in (alone, by_itself):
            value = value_after(case, first.step, second.step)
            if value not in (None, case.right, alone, by_itself):
                yield value, (one, first), (two, second)


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
