"""Marking of answers: right, right under another convention, or wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from cnncalc.analysis.quantities import QUANTITIES
from cnncalc.analysis.report import Report
from cnncalc.core.errors import COMMAND_LINE, Diagnostic, InputError
from cnncalc.core.os_errors import quotation, system_reason
from cnncalc.core.tensor import Shape
from cnncalc.core.translation import Phrase, said
from cnncalc.homework.claims import ClaimMark, answer_as_claim, claimed_answer, mark_claim
from cnncalc.homework.diagnosis import claim_diagnosis, diagnosis
from cnncalc.homework.mistakes.search import alternatives, slips
from cnncalc.homework.questions import Alternative, Amount, Answer, Mark, Question, Verdict, fits, is_cut_off
from cnncalc.homework.reading.numbers import is_in_bytes, meaning_of_comma, read_answer, with_binary_prefix
from cnncalc.homework.reading.sheet import Entry, Networks, Sheet, read_file
from cnncalc.homework.reading.statements import side
from cnncalc.homework.targets import Subject, expected_value, merge_axes, output_of, spell_amount

MOST_DIAGNOSED = 200
"""Wrong answers of a sheet for which mistakes are searched."""

MOST_SUGGESTIONS = 20
"""Unreadable asks of a sheet for which a similar one is suggested."""


class MarkedSheet(NamedTuple):
    """A sheet, marked; `problems` are the diagnostics of what could not be read."""

    name: str
    network: Report | None
    marks: tuple[Mark, ...]
    claims: tuple[ClaimMark, ...]
    problems: tuple[Diagnostic, ...]

    def with_diagnoses(self, *, hide: bool) -> MarkedSheet:
        """The same with what to tell about each mark; with `hide`, without the right values."""
        return self._replace(
            marks=tuple([one._replace(diagnosis=tuple(diagnosis(one, hide=hide))) for one in self.marks]),
            claims=tuple([one._replace(diagnosis=tuple(claim_diagnosis(one, hide=hide))) for one in self.claims]),
        )

    def count(self, verdict: Verdict) -> int:
        """Number of answers and claims with this verdict."""
        return [one.verdict for one in self.marks].count(verdict) + [one.verdict for one in self.claims].count(verdict)

    def verdicts(self) -> dict[tuple[str, str], Verdict]:
        """The verdicts by network and question, however the question was worded."""
        return {key: verdict for key, _, verdict in self._keyed()}

    def _keyed(self) -> Iterator[tuple[tuple[str, str], str, Verdict]]:
        network = self.network.graph.name if self.network else ""
        for mark in self.marks:
            yield (network, f"{place_of(mark.question)}.{mark.question.quantity}"), mark.question.ask, mark.verdict
        for claim in self.claims:
            yield (network, claim.key), claim.name or claim.claim, claim.verdict

    @property
    def exit_code(self) -> int:
        """0 if all is right, 1 if something is not, 2 if something could not be read."""
        if self.problems:
            return 2
        return int(self.count(Verdict.RIGHT) < len(self.marks) + len(self.claims))


def questions_of(sheets: Iterable[MarkedSheet]) -> dict[tuple[str, str], str]:
    """The questions of several sheets in order of appearance, each in its first wording.

    The same ask about another network is another question; if there are several networks, the wording names them.
    """
    asks: dict[tuple[str, str], str] = {}
    for marked in sheets:
        for key, ask, _ in marked._keyed():
            asks.setdefault(key, ask)
    one = len({network for network, _ in asks}) < 2
    return {key: ask if one else f"{key[0]}: {ask}" for key, ask in asks.items()}


def mark_file(path: str, networks: Networks, *, diagnose: bool = True) -> MarkedSheet:
    """One of many sheets, marked; an error becomes a problem of the sheet, so that the others are marked too."""
    try:
        return mark_sheet(read_file(path, networks), diagnose=diagnose)
    except (OSError, ValueError) as error:
        unreadable = InputError.of(
            "cannot-mark",
            "{path} cannot be marked: {reason}",
            help="mark it alone to see more: `cnncalc check {path}`",
            path=path,
            reason=system_reason(error) if isinstance(error, OSError) else quotation(str(error)),
        )
        return MarkedSheet(path, None, (), (), unreadable.diagnostics)


def mark_sheet(sheet: Sheet, *, diagnose: bool = True) -> MarkedSheet:
    """Every answer and claim of a sheet, marked; `diagnose` searches for the mistakes behind wrong ones."""
    problems = list(sheet.problems)
    if sheet.network is None:
        return MarkedSheet(sheet.name, None, (), (), tuple(problems))
    subject = Subject(sheet.network)
    marks: list[Mark] = []
    claims: list[ClaimMark] = []
    seen: dict[Any, Entry] = {}
    about_several: list[Entry] = []
    answered = [(entry, claimed_answer(subject, entry)) for entry in sheet.claims]
    entries = (*sheet.answers, *(answer for _, answer in answered if answer is not None))
    comma = meaning_of_comma(entry.text or "" for entry in entries if side(entry.ask).quantity in QUANTITIES)
    for entry in entries:
        try:
            question = _question(subject, entry, suggest=len(problems) < MOST_SUGGESTIONS)
            _check_first_answer(question, entry, seen)
            answer = read_answer(entry.text or "", question.quantity, entry.span, comma)
        except InputError as error:
            claimed = answer_as_claim(subject, entry)
            about_several += [] if claimed is None else [claimed]
            problems += error.diagnostics if claimed is None else ()
            continue
        wrong = sum(one.verdict is Verdict.WRONG for one in marks[-MOST_DIAGNOSED - 1 :])
        marks.append(mark(question, answer, diagnose=diagnose and wrong <= MOST_DIAGNOSED))
    for entry in (*about_several, *(claim for claim, answer in answered if answer is None)):
        try:
            claim = mark_claim(subject, entry, suggest=len(problems) < MOST_SUGGESTIONS)
            _check_first(claim.key, entry, seen)
            claims.append(claim)
        except InputError as error:
            problems += error.diagnostics
    return MarkedSheet(sheet.name, sheet.network, tuple(marks), tuple(claims), tuple(problems))


def _question(subject: Subject, entry: Entry, *, suggest: bool) -> Question:
    """The question that was answered, also if it is in words: `fc6 的参数量`, `the parameters of fc6`.

    Errors:  unknown-layer-name, unknown-quantity, no-such-number
    """
    try:
        return subject.question(entry.ask, entry.ask_span, suggest=suggest)
    except InputError:
        asked = side(entry.ask)
        if not asked.quantity or entry.ask.endswith(f".{asked.quantity}"):
            raise
        return subject.question(f"{asked.layer}.{asked.quantity}", entry.ask_span, suggest=suggest)._replace(
            ask=entry.ask
        )


def _check_first_answer(question: Question, entry: Entry, seen: dict[Any, Entry]) -> None:
    """Check that a question was not answered already, maybe under another name.

    Errors:  duplicate-answer
    """
    _check_first((place_of(question), question.quantity), entry, seen)


def _check_first(key: Any, entry: Entry, seen: dict[Any, Entry]) -> None:
    """Check that something was not answered or claimed already.

    Errors:  duplicate-answer
    """
    first = seen.setdefault(key, entry)
    if first is not entry:
        span = first.ask_span
        line = None if span is None or span.source.name == COMMAND_LINE else span.line
        if first.ask == entry.ask:
            said = Phrase("`{ask}` is answered twice" if line is None else "`{ask}` is answered on line {line} already")
        elif line is None:
            said = Phrase("`{ask}` is answered twice: `{first}`")
        else:
            said = Phrase("`{ask}` is answered on line {line}: `{first}`")
        raise InputError.of(
            "duplicate-answer",
            said,
            entry.ask_span,
            help="keep one of them",
            ask=entry.ask,
            first=first.ask,
            line=line,
        )


def place_of(question: Question) -> str:
    """The layer or the range of layers that a question is about."""
    rows = question.network.rows
    return question.row.path if question.row is not None else f"{rows[0].path}…{rows[-1].path}"


def mark(question: Question, answer: Answer, *, diagnose: bool = True) -> Mark:
    """One answer, marked."""
    expected = expected_value(question)
    if not _is_given(answer):
        return Mark(question, answer, expected, Verdict.WRONG)
    if answer.counts:
        return _wrong_mark(question, answer, expected, diagnose=diagnose)
    if _is_right(question, answer, expected):
        return Mark(question, answer, expected, Verdict.RIGHT)
    alternative = next(_alternatives(question, answer, expected), None)
    if alternative is not None:
        return Mark(question, answer, expected, Verdict.CONVENTION, alternative)
    return _wrong_mark(question, answer, expected, diagnose=diagnose)


def _wrong_mark(question: Question, answer: Answer, expected: Amount, *, diagnose: bool) -> Mark:
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
    if question.quantity in ("params", "buffers") and is_in_bytes(answer):
        return False
    return _agrees(answer, expected) or _sees_all(question, answer)


def _sees_all(question: Question, answer: Answer) -> bool:
    """Whether an answer is the window that a unit with a global field would have on an unbounded input."""
    reach = question.row.reach if question.row else None
    if question.quantity != "receptive_field" or reach is None or reach.windowed:
        return False
    return _agrees(answer, merge_axes([axis.size for axis in reach.axes]))


def _agrees(answer: Answer, value: Amount) -> bool:
    """Whether an answer is a value; one number stands for all axes if they agree."""
    given = answer.value
    if isinstance(given, tuple) and not isinstance(value, tuple):
        return len(given) <= 3 and set(given) == {value}
    if isinstance(value, tuple) and not isinstance(given, tuple) and len(set(value)) == 1:
        return given == value[0]
    return fits(answer, value)


def _is_shape(question: Question, answer: Answer) -> bool:
    """Whether an answer is the output's shape, with its channels first or last.

    For a vector, or a map of one position, axes of 1 are optional.
    """
    spec = output_of(question)
    flat = len(spec.shape) == 1 or set(spec.spatial) == {1}
    if not isinstance(answer.value, tuple):
        return flat and fits(answer, spec.shape[0] if len(spec.shape) == 1 else spec.channels)
    if flat:
        return [extent for extent in answer.value if extent != 1] == [extent for extent in spec.shape if extent != 1]
    return answer.value in _orders(spec.shape, (spec.channels, *spec.spatial))


def _orders(shape: Shape, channels_first: Shape) -> tuple[Shape, ...]:
    channels, *spatial = channels_first
    return shape, channels_first, (*spatial, channels)


def _alternatives(question: Question, answer: Answer, expected: Amount) -> Iterator[Alternative]:
    """The conventions under which an answer is right."""
    yield from _shape_alternatives(question, answer)
    yield from _unit_alternatives(question, answer, expected)
    yield from _field_alternatives(question, answer)
    if question.quantity in ("params", "buffers") and is_in_bytes(answer):
        return
    if _has_digits_of_decimal(answer, expected):
        return
    prefix = answer.unit.strip()[:1].upper()
    found = alternatives(question)
    exactly = [one for one in found if _agrees(answer, one.value) or _is_turned(answer, one.value)]
    yield from (one for one in exactly if not one.prefix)
    plain = (
        (expected, expected_value(question._replace(quantity="macs"))) if question.quantity == "flops" else (expected,)
    )
    if not any(is_cut_off(answer, value) for value in plain):
        yield from (_cut_off_alternative(one) for one in found if one.printed and is_cut_off(answer, one.value))
    yield from (one for one in exactly if prefix and one.prefix == prefix)


def _cut_off_alternative(alternative: Alternative) -> Alternative:
    """The same with the last digits of its value cut off, as papers do."""
    words = said(
        "{convention}: {value}, cut off and not rounded",
        convention=alternative.convention,
        value=spell_amount(alternative.value),
    )
    return alternative._replace(convention=words, hint=alternative.hint or alternative.convention)


def _is_turned(answer: Answer, value: Amount) -> bool:
    return isinstance(value, tuple) and len(value) > 1 and answer.value == (*value[1:], value[0])


def _shape_alternatives(question: Question, answer: Answer) -> Iterator[Alternative]:
    """Shapes that are right but for an axis too many or too few."""
    if question.quantity not in ("output", "size"):
        return
    spec = output_of(question)
    if not spec.spatial:
        return
    if question.quantity == "size":
        if answer.value in _orders(spec.shape, (spec.channels, *spec.spatial)):
            yield Alternative(said("with the channels"), spec.shape)
        return
    if _agrees(answer, merge_axes(spec.spatial)) or _agrees(answer, spec.spatial):
        yield Alternative(said("the size of the map, without its channels"), spec.spatial)
    given, orders = answer.value, _orders(spec.shape, (spec.channels, *spec.spatial))
    if isinstance(given, tuple) and given[:1] == (1,) and given[1:] in orders:
        yield Alternative(said("with the batch as first axis"), given)


def _unit_alternatives(question: Question, answer: Answer, expected: Amount) -> Iterator[Alternative]:
    """Bytes for counts, and MB for MiB."""
    if isinstance(expected, tuple):
        return
    binary = with_binary_prefix(answer)
    if question.quantity in ("params", "buffers") and is_in_bytes(answer):
        nbytes = question.network.dtype.nbytes
        for one in (answer, binary):
            if one is not None and fits(one, expected * nbytes):
                convention = said("in bytes, {nbytes} for each", nbytes=nbytes)
                yield Alternative(convention, int(expected) * nbytes)
    elif question.quantity in ("memory", "param_memory") and binary is not None and fits(binary, expected):
        yield Alternative(said("a prefix means a power of 1,024, as KiB, MiB and GiB do"), int(expected))


def _has_digits_of_decimal(answer: Answer, expected: Amount) -> bool:
    """Whether MiB follows the digits of MB, which is likelier than a convention that comes near."""
    found = re.match("([kmgt])i", answer.unit.strip().lower())
    if found is None or isinstance(answer.value, tuple):
        return False
    ratio = Fraction(1000, 1024) ** (1 + "kmgt".index(found[1]))
    return fits(answer._replace(value=answer.value * ratio, step=answer.step * ratio), expected)


def _field_alternatives(question: Question, answer: Answer) -> Iterator[Alternative]:
    """The whole input as the field of a unit that sees it through a gate alone."""
    reach = question.row.reach if question.row else None
    if question.quantity != "receptive_field" or reach is None:
        return
    if reach.global_by and reach.windowed and (answer.value == () or _agrees(answer, merge_axes(reach.frame))):
        yield Alternative(said("through {layer}, every unit sees the whole input", layer=reach.global_by), reach.frame)
