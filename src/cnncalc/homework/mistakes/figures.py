"""Mistakes in how a figure is written: cut off, with digits that are not known, or in a unit of something else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from cnncalc.core.term import Term
from cnncalc.core.translation import Phrase, running_text, said
from cnncalc.explain.layer import Equation
from cnncalc.homework.mistakes.base import COUNTS, FIELDS, WORK, Case, Mistake, WrongAnswer, may_fit
from cnncalc.homework.mistakes.working import AnyAmount
from cnncalc.homework.questions import Answer, askable_quantities, fits, is_cut_off
from cnncalc.homework.reading.numbers import counted_thing, is_in_bytes, with_binary_prefix
from cnncalc.homework.targets import expected_value, has_field_number

LEAST_ROUNDED = 1000
"""Least figure whose zeros at the end may stand for rounding."""

THING_WORDS = {
    "weights": Phrase("parameters"),
    "operations": Phrase("operations"),
    "bytes": Phrase("bytes"),
    "pixels": Phrase("positions"),
    "channels": Phrase("channels"),
}
"""Words for what a unit counts."""


# Digits


def _cut_off(case: Case) -> Iterator[WrongAnswer]:
    for given, step in _figures(case):
        if given + step / 2 <= case.right < given + step:
            digit = int((case.right - given) * 10 / step)
            sentence = said(
                "That is cut off, not rounded: the next digit is {digit}, which takes the last one up.", digit=digit
            )
            yield WrongAnswer(
                _given_number(case), sentence, hint=said("That is cut off, not rounded: look at the next digit.")
            )
    if case.quantity == "flops":
        macs = expected_value(case.question._replace(quantity="macs"))
        if is_cut_off(case.answer, macs):
            sentence = said(
                "These are the MACs, {macs:,}, cut off and not rounded; a MAC is one multiply and one add.", macs=macs
            )
            yield WrongAnswer(_given_number(case), sentence, hint=said("These are the MACs, cut off and not rounded."))


def _figure_rounded_up(case: Case) -> Iterator[WrongAnswer]:
    for given, step in _figures(case):
        if given - step < case.right < given - step / 2:
            digit = int((case.right - given + step) * 10 / step)
            sentence = said("That is rounded up, but the next digit is {digit}: the last one stays.", digit=digit)
            yield WrongAnswer(
                _given_number(case), sentence, hint=said("That is rounded up: look at the next digit once more.")
            )


def _figures(case: Case) -> Iterator[tuple[Fraction, Fraction]]:
    """The figure that was given and the weight of its last digit: as it is, with MB for MiB, and without end zeros."""
    answer = case.answer
    if isinstance(answer.value, tuple) or answer.value <= 0:
        return
    if answer.step > 1:
        yield answer.value, answer.step
    binary = with_binary_prefix(answer) if counted_thing(case.quantity) == "bytes" else None
    if binary is not None and not isinstance(binary.value, tuple):
        yield binary.value, binary.step
    digits = _digits(answer)
    zeros = len(digits) - len(digits.rstrip("0"))
    if zeros and len(digits) - zeros > 1 and answer.value >= LEAST_ROUNDED:
        yield answer.value, answer.step * 10**zeros


def _given_number(case: Case) -> Fraction:
    assert not isinstance(case.answer.value, tuple)
    return case.answer.value


def _digits(answer: Answer) -> str:
    """All digits of an answer; none where it is no decimal number."""
    if isinstance(answer.value, tuple) or not answer.step:
        return ""
    return str(abs(int(answer.value / answer.step)))


def _written_out(case: Case) -> Iterator[WrongAnswer]:
    """A rounded figure with zeros for the digits that are not known."""
    answer, digits = case.answer, _digits(case.answer)
    zeros = len(digits) - len(digits.rstrip("0"))
    if isinstance(answer.value, tuple) or answer.value < LEAST_ROUNDED or not zeros:
        return
    if len(digits) - zeros < 2 and zeros < 3:
        return
    rounded = answer._replace(step=answer.step * 10**zeros)
    if fits(rounded, case.right):
        sentence = said(
            "That is right as a rounded figure, but written out it claims all of its {n} digits: write {short}.",
            n=len(digits),
            short=_short_figure(answer.value, rounded.step, "B" if counted_thing(case.quantity) == "bytes" else ""),
        )
        yield WrongAnswer(answer.value, sentence)


def _short_figure(value: Fraction, step: Fraction, unit: str) -> str:
    """A figure with a prefix, to its known digits: 138M, 61.1M, 0.12M; 553 MB."""
    power = max(power for power in (3, 6, 9, 12) if value >= 10**power)
    while step > 10**power:
        power += 3
    decimals = 0
    while step < Fraction(10) ** (power - decimals):
        decimals += 1
    figure = f"{float(value / 10**power):.{decimals}f}"
    return f"{figure}{' ' if unit else ''}{'kMGTP'[power // 3 - 1]}{unit}"


# Units and quantities


def unit_mistakes(case: Case) -> Iterator[WrongAnswer]:
    """Answers in a unit that does not count what was asked for, though their digits may be right."""
    answer = case.answer
    if case.quantity in ("params", "buffers") and is_in_bytes(answer):
        yield WrongAnswer(case.right, _bytes_sentence(case), _bytes_equation(case))
    elif answer.counts:
        sentence = said(
            "`{unit}` counts {theirs}; {ask} counts {ours}.",
            unit=answer.unit,
            theirs=THING_WORDS[answer.counts],
            ask=_ask(case, case.quantity),
            ours=THING_WORDS[counted_thing(case.quantity)],
        )
        others = [other for other in askable_quantities() if counted_thing(other) == answer.counts]
        found = [wrong.sentence for wrong in _other_quantities(case, others)][:1]
        yield WrongAnswer(case.right, running_text((sentence, *found)))


def _bytes_sentence(case: Case) -> str:
    facts = {
        "unit": case.answer.unit,
        "ask": _ask(case, case.quantity),
        "n": case.report.dtype.nbytes,
        "dtype": case.report.dtype.value,
    }
    if may_fit(case.answer, case.right, case.quantity):
        return said(
            "The digits are right, but `{unit}` counts bytes; {ask} counts values, "
            "each of which takes {n} bytes in {dtype}.",
            **facts,
        )
    return said("`{unit}` counts bytes; {ask} counts values, each of which takes {n} bytes in {dtype}.", **facts)


def _bytes_equation(case: Case) -> Equation:
    count = Term.symbol(case.quantity, int(case.right))
    return Equation("memory", count * Term.symbol("bytes", case.report.dtype.nbytes))


def _another_quantity(case: Case) -> Iterator[WrongAnswer]:
    single = not isinstance(case.answer.value, tuple)
    if case.quantity in COUNTS:
        alike = list(COUNTS)
    else:
        alike = [one for one in askable_quantities() if one not in COUNTS and not (single and one == "output")]
    yield from _other_quantities(case, alike)


def _other_quantities(case: Case, quantities: Sequence[str]) -> Iterator[WrongAnswer]:
    """Other quantities of the same layer or network that equal the answer."""
    for quantity in quantities:
        value = _value_of(case, quantity) if quantity != case.quantity else None
        if value and value != case.right and may_fit(case.answer, value, quantity):
            sentence = said("That is {other}, not {own}.", other=_ask(case, quantity), own=_ask(case, case.quantity))
            yield WrongAnswer(value, sentence)


def _ask(case: Case, quantity: str) -> str:
    return f"{case.question.ask.rpartition('.')[0] or case.name}.{quantity}"


def _value_of(case: Case, quantity: str) -> AnyAmount | None:
    row = case.question.row
    if quantity in FIELDS and (row is None or not has_field_number(row, quantity)):
        return None
    rows = case.report.rows if row is None else (row,)
    if quantity in WORK and not all(one.knows_macs for one in rows):
        return None
    return expected_value(case.question._replace(quantity=quantity))


DIGIT_MISTAKES: tuple[Mistake, ...] = (
    Mistake("cut_off", COUNTS, _cut_off),
    Mistake("figure_rounded_up", COUNTS, _figure_rounded_up),
)
"""Figures rounded in the wrong way."""

WRITTEN_MISTAKES: tuple[Mistake, ...] = (Mistake("written_out", COUNTS, _written_out),)
"""Rounded figures that are written out in full."""

QUANTITY_MISTAKES: tuple[Mistake, ...] = (Mistake("another_quantity", askable_quantities(), _another_quantity),)
"""Mistakes that are tried where no equation gives the answer."""
