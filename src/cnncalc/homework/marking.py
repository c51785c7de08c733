"""Answers, marked: right, right under another convention, or wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from cnncalc.analysis.report import Report
from cnncalc.core.errors import COMMAND_LINE, Diagnostic, InputError
from cnncalc.core.os_errors import of_the_system, quoted
from cnncalc.core.tensor import Shape
from cnncalc.core.translation import Phrase, said
from cnncalc.homework.claims import ClaimMark, answer_in, mark_claim
from cnncalc.homework.mistakes.search import readings, slips
from cnncalc.homework.questions import Amount, Answer, Mark, Question, Reading, Verdict, fits, is_cut_off
from cnncalc.homework.reading.numbers import in_bytes, read_answer, with_binary_prefix
from cnncalc.homework.reading.sheet import Given, Networks, Sheet, read_file
from cnncalc.homework.reading.statements import side
from cnncalc.homework.targets import Asked, exact, made, one_of, spelled

MOST_DIAGNOSED = 200
"""Wrong answers of a sheet whose mistakes are looked for."""

MOST_SUGGESTIONS = 20
"""Asks that mean nothing, for which the nearest that does is looked up."""


class Marked(NamedTuple):
    """A sheet, marked; `problems` are what could not be read in it."""

    name: str
    network: Report | None
    marks: tuple[Mark, ...]
    claims: tuple[ClaimMark, ...]
    problems: tuple[Diagnostic, ...]

    def count(self, verdict: Verdict) -> int:
        """How many answers and claims got this verdict."""
        return [one.verdict for one in self.marks].count(verdict) + [one.verdict for one in self.claims].count(verdict)

    def verdicts(self) -> dict[tuple[str, str], Verdict]:
        """The verdict of every question, by the network and what is asked, whatever it was called."""
        return {key: verdict for key, _, verdict in self._keyed()}

    def _keyed(self) -> Iterator[tuple[tuple[str, str], str, Verdict]]:
        network = self.network.graph.name if self.network else ""
        for mark in self.marks:
            yield (network, f"{where(mark.question)}.{mark.question.quantity}"), mark.question.ask, mark.verdict
        for claim in self.claims:
            yield (network, claim.key), claim.name or claim.claim, claim.verdict

    @property
    def exit_code(self) -> int:
        """0 where all is right, 1 where something is not, 2 where something could not be read."""
        if self.problems:
            return 2
        return int(self.count(Verdict.RIGHT) < len(self.marks) + len(self.claims))


def questions_of(sheets: Iterable[Marked]) -> dict[tuple[str, str], str]:
    """What was asked in several sheets, in the order in which it is met, and what it was called first.

    The same ask about another network is another question; where there are several, it says which one is meant.
    """
    asks: dict[tuple[str, str], str] = {}
    for marked in sheets:
        for key, ask, _ in marked._keyed():
            asks.setdefault(key, ask)
    one = len({network for network, _ in asks}) < 2
    return {key: ask if one else f"{key[0]}: {ask}" for key, ask in asks.items()}


def mark_file(path: str, networks: Networks, *, diagnose: bool = True) -> Marked:
    """One of many sheets, marked: whatever there is about it, the others get their marks."""
    try:
        return mark_sheet(read_file(path, networks), diagnose=diagnose)
    except (OSError, ValueError) as error:
        objection = InputError.of(
            "cannot-mark",
            "{path} cannot be marked: {reason}",
            help="mark it alone to see more: `cnncalc check {path}`",
            path=path,
            reason=of_the_system(error) if isinstance(error, OSError) else quoted(str(error)),
        )
        return Marked(path, None, (), (), objection.diagnostics)


def mark_sheet(sheet: Sheet, *, diagnose: bool = True) -> Marked:
    """Every answer and claim of a sheet, marked; `diagnose` looks for the mistakes that explain the wrong ones."""
    problems = list(sheet.problems)
    if sheet.network is None:
        return Marked(sheet.name, None, (), (), tuple(problems))
    asked = Asked(sheet.network)
    marks: list[Mark] = []
    claims: list[ClaimMark] = []
    seen: dict[Any, Given] = {}
    answered = [(given, answer_in(given)) for given in sheet.claims]
    for given in (*sheet.answers, *(answer for _, answer in answered if answer is not None)):
        try:
            question = _question(asked, given, suggest=len(problems) < MOST_SUGGESTIONS)
            _once(question, given, seen)
            answer = read_answer(given.text or "", question.quantity, given.span)
        except InputError as error:
            problems += error.diagnostics
            continue
        wrong = sum(one.verdict is Verdict.WRONG for one in marks[-MOST_DIAGNOSED - 1 :])
        marks.append(mark(question, answer, diagnose=diagnose and wrong <= MOST_DIAGNOSED))
    for given in (claim for claim, answer in answered if answer is None):
        try:
            claim = mark_claim(asked, given, suggest=len(problems) < MOST_SUGGESTIONS)
            _first(claim.key, given, seen)
            claims.append(claim)
        except InputError as error:
            problems += error.diagnostics
    return Marked(sheet.name, sheet.network, tuple(marks), tuple(claims), tuple(problems))


def _question(asked: Asked, given: Given, *, suggest: bool) -> Question:
    """The question that was answered, also where it is said in words: `fc6 的参数量`, `the parameters of fc6`.

    Errors:  unknown-layer-name, unknown-quantity, no-such-number
    """
    try:
        return asked.question(given.ask, given.ask_span, suggest=suggest)
    except InputError:
        layer, quantity = side(given.ask)
        if not quantity or given.ask.endswith(f".{quantity}"):
            raise
        return asked.question(f"{layer}.{quantity}", given.ask_span, suggest=suggest)._replace(ask=given.ask)


def _once(question: Question, given: Given, seen: dict[Any, Given]) -> None:
    """Object to a question that was answered already, maybe under another name.

    Errors:  duplicate-answer
    """
    _first((where(question), question.quantity), given, seen)


def _first(key: Any, given: Given, seen: dict[Any, Given]) -> None:
    """Object to what was answered or claimed already.

    Errors:  duplicate-answer
    """
    first = seen.setdefault(key, given)
    if first is not given:
        span = first.ask_span
        line = None if span is None or span.source.name == COMMAND_LINE else span.line
        if first.ask == given.ask:
            said = Phrase("`{ask}` is answered twice" if line is None else "`{ask}` is answered on line {line} already")
        elif line is None:
            said = Phrase("`{ask}` is answered twice: `{first}`")
        else:
            said = Phrase("`{ask}` is answered on line {line}: `{first}`")
        raise InputError.of(
            "duplicate-answer",
            said,
            given.ask_span,
            help="keep one of them",
            ask=given.ask,
            first=first.ask,
            line=line,
        )


def where(question: Question) -> str:
    """The layer or the stretch of layers that a question is about."""
    rows = question.network.rows
    return question.row.path if question.row is not None else f"{rows[0].path}…{rows[-1].path}"


def mark(question: Question, answer: Answer, *, diagnose: bool = True) -> Mark:
    """One answer, marked."""
    expected = exact(question)
    if not _is_given(answer):
        return Mark(question, answer, expected, Verdict.WRONG)
    if answer.counts:
        return _wrong(question, answer, expected, diagnose=diagnose)
    if _is_right(question, answer, expected):
        return Mark(question, answer, expected, Verdict.RIGHT)
    reading = next(_readings(question, answer, expected), None)
    if reading is not None:
        return Mark(question, answer, expected, Verdict.CONVENTION, reading)
    return _wrong(question, answer, expected, diagnose=diagnose)


def _wrong(question: Question, answer: Answer, expected: Amount, *, diagnose: bool) -> Mark:
    found = slips(question, answer) if diagnose else ()
    return Mark(question, answer, expected, Verdict.WRONG, slips=found, searched=diagnose)


def _is_given(answer: Answer) -> bool:
    return answer.text != ""


def _is_right(question: Question, answer: Answer, expected: Amount) -> bool:
    if answer.value == ():
        reach = question.row.reach if question.row else None
        return reach is not None and not reach.windowed
    if question.quantity == "output":
        return _is_shape(question, answer)
    if question.quantity in ("params", "buffers") and in_bytes(answer):
        return False
    return _agrees(answer, expected) or _sees_all(question, answer)


def _sees_all(question: Question, answer: Answer) -> bool:
    """Whether an answer is the window that what sees everything would have, if the input went on beyond its border."""
    reach = question.row.reach if question.row else None
    if question.quantity != "receptive_field" or reach is None or reach.windowed:
        return False
    return _agrees(answer, one_of([axis.size for axis in reach.axes]))


def _agrees(answer: Answer, value: Amount) -> bool:
    """Whether an answer is a value; one number stands for all axes where they agree."""
    given = answer.value
    if isinstance(given, tuple) and not isinstance(value, tuple):
        return len(given) <= 3 and set(given) == {value}
    if isinstance(value, tuple) and not isinstance(given, tuple) and len(set(value)) == 1:
        return given == value[0]
    return fits(answer, value)


def _is_shape(question: Question, answer: Answer) -> bool:
    """Whether an answer is the output's shape, with its channels first or last.

    Of a vector, or of a map of one position, axes of 1 may be there or not.
    """
    spec = made(question)
    flat = len(spec.shape) == 1 or set(spec.spatial) == {1}
    if not isinstance(answer.value, tuple):
        return flat and fits(answer, spec.shape[0] if len(spec.shape) == 1 else spec.channels)
    if flat:
        return [extent for extent in answer.value if extent != 1] == [extent for extent in spec.shape if extent != 1]
    return answer.value in _orders(spec.shape, (spec.channels, *spec.spatial))


def _orders(shape: Shape, channels_first: Shape) -> tuple[Shape, ...]:
    channels, *spatial = channels_first
    return shape, channels_first, (*spatial, channels)


def _readings(question: Question, answer: Answer, expected: Amount) -> Iterator[Reading]:
    """Conventions under which an answer is right."""
    yield from _of_shape(question, answer)
    yield from _of_unit(question, answer, expected)
    yield from _of_field(question, answer)
    if question.quantity in ("params", "buffers") and in_bytes(answer):
        return
    if _has_digits_of_decimal(answer, expected):
        return
    prefix = answer.unit.strip()[:1].upper()
    found = readings(question)
    exactly = [one for one in found if _agrees(answer, one.value) or _is_turned(answer, one.value)]
    yield from (one for one in exactly if not one.prefix)
    plain = (expected, exact(question._replace(quantity="macs"))) if question.quantity == "flops" else (expected,)
    if not any(is_cut_off(answer, value) for value in plain):
        yield from (_cut_off(one) for one in found if one.printed and is_cut_off(answer, one.value))
    yield from (one for one in exactly if prefix and one.prefix == prefix)


def _cut_off(reading: Reading) -> Reading:
    """A convention under which the last digits of the right value are left out, as papers do."""
    words = said(
        "{convention}: {value}, cut off and not rounded", convention=reading.convention, value=spelled(reading.value)
    )
    return reading._replace(convention=words, hint=reading.hint or reading.convention)


def _is_turned(answer: Answer, value: Amount) -> bool:
    return isinstance(value, tuple) and len(value) > 1 and answer.value == (*value[1:], value[0])


def _of_shape(question: Question, answer: Answer) -> Iterator[Reading]:
    """Shapes with an axis too many or too few, which are right as far as they go."""
    if question.quantity not in ("output", "size"):
        return
    spec = made(question)
    if not spec.spatial:
        return
    if question.quantity == "size":
        if answer.value in _orders(spec.shape, (spec.channels, *spec.spatial)):
            yield Reading(said("with the channels"), spec.shape)
        return
    if _agrees(answer, one_of(spec.spatial)) or _agrees(answer, spec.spatial):
        yield Reading(said("the size of the map, without its channels"), spec.spatial)
    given, orders = answer.value, _orders(spec.shape, (spec.channels, *spec.spatial))
    if isinstance(given, tuple) and given[:1] == (1,) and given[1:] in orders:
        yield Reading(said("with the batch as first axis"), given)


def _of_unit(question: Question, answer: Answer, expected: Amount) -> Iterator[Reading]:
    """Bytes where numbers were asked for, and MB where MiB are meant."""
    if isinstance(expected, tuple):
        return
    binary = with_binary_prefix(answer)
    if question.quantity in ("params", "buffers") and in_bytes(answer):
        nbytes = question.network.dtype.nbytes
        for reading in (answer, binary):
            if reading is not None and fits(reading, expected * nbytes):
                convention = said("in bytes, {nbytes} for each", nbytes=nbytes)
                yield Reading(convention, int(expected) * nbytes)
    elif question.quantity in ("memory", "param_memory") and binary is not None and fits(binary, expected):
        yield Reading(said("a prefix means a power of 1,024, as KiB, MiB and GiB do"), int(expected))


def _has_digits_of_decimal(answer: Answer, expected: Amount) -> bool:
    """Whether MiB are written behind the digits of MB, which is likelier than any convention that comes near."""
    found = re.match("([kmgt])i", answer.unit.strip().lower())
    if found is None or isinstance(answer.value, tuple):
        return False
    ratio = Fraction(1000, 1024) ** (1 + "kmgt".index(found[1]))
    return fits(answer._replace(value=answer.value * ratio, step=answer.step * ratio), expected)


def _of_field(question: Question, answer: Answer) -> Iterator[Reading]:
    """The receptive field of what sees everything, but through a gate only."""
    reach = question.row.reach if question.row else None
    if question.quantity != "receptive_field" or reach is None:
        return
    if reach.global_by and reach.windowed and (answer.value == () or _agrees(answer, one_of(reach.frame))):
        yield Reading(said("through {layer}, every unit sees the whole input", layer=reach.global_by), reach.frame)
