"""Item analysis: how many of a class were right on each question, and which mistakes were made how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cnncalc.core.translation import said
from cnncalc.homework.claims import ClaimMark
from cnncalc.homework.diagnosis import reveals
from cnncalc.homework.grading import questions_of
from cnncalc.homework.marked import MarkedSheet
from cnncalc.homework.questions import Mark, Verdict, key_of

MOST_FREQUENT = 3
"""Mistakes of a question that are named."""


class Frequent(NamedTuple):
    """Equal mistakes, or answers under the same convention: how often, the first of the answers, and a sentence.

    `name` is that of the mistake; empty for a convention, and where none is known. `hint` does not reveal the answer.
    """

    times: int
    verdict: Verdict
    name: str
    given: str
    sentence: str
    hint: str


class Item(NamedTuple):
    """One question: how many answers got each verdict, and how many sheets have none that can be read."""

    ask: str
    verdicts: Counter[Verdict]
    missing: int
    frequent: tuple[Frequent, ...]

    @property
    def asked(self) -> int:
        """How many were asked."""
        return sum(self.verdicts.values()) + self.missing


def items_of(sheets: Sequence[MarkedSheet]) -> list[Item]:
    """The questions of a class, in the order of the key or of the sheets."""
    found: dict[tuple[str, str], list[Frequent]] = {}
    verdicts: dict[tuple[str, str], Counter[Verdict]] = {}
    asked: Counter[tuple[str, str]] = Counter()
    for marked in sheets:
        name = marked.network.graph.name if marked.network else ""
        own = marked.verdicts()
        asked.update((name, key) for key in marked.rules.asked) if marked.rules else asked.update(own)
        for question, verdict in own.items():
            verdicts.setdefault(question, Counter())[verdict] += 1
        for key, one in _lapses(marked):
            found.setdefault((name, key), []).append(one)
    return [
        Item(
            ask,
            verdicts.get(key, Counter()),
            max(0, asked[key] - sum(verdicts.get(key, Counter()).values())),
            tuple(_most_frequent(found.get(key, ()))),
        )
        for key, ask in questions_of(sheets).items()
    ]


def _lapses(marked: MarkedSheet) -> Iterator[tuple[str, Frequent]]:
    """What is not plainly right on a sheet, by the question."""
    for mark in marked.marks:
        if mark.answer.is_given and mark.verdict is not Verdict.RIGHT:
            yield key_of(mark.question), _lapse(mark)
    for claim in marked.claims:
        if claim.given and claim.verdict is Verdict.WRONG:
            yield claim.key, _wrong_claim(claim)


def _lapse(mark: Mark) -> Frequent:
    if mark.alternative is not None:
        told = mark.alternative.hint or mark.alternative.convention
        hint = "" if reveals(told, mark) else told
        return Frequent(1, mark.verdict, "", mark.answer.text, mark.alternative.convention, hint)
    if not mark.slips:
        return Frequent(1, mark.verdict, "", mark.answer.text, "", "")
    slip = mark.slips[0]
    told = slip.hint or slip.sentence
    return Frequent(1, mark.verdict, slip.name, mark.answer.text, slip.sentence, "" if reveals(told, mark) else told)


def _wrong_claim(claim: ClaimMark) -> Frequent:
    return Frequent(1, claim.verdict, "", claim.given, "", "")


def _most_frequent(lapses: Sequence[Frequent]) -> Iterator[Frequent]:
    """Equal lapses counted, the most frequent first."""
    times: Counter[tuple[Verdict, str]] = Counter()
    first: dict[tuple[Verdict, str], Frequent] = {}
    for one in lapses:
        same = (one.verdict, one.name or one.sentence or one.given)
        times[same] += 1
        first.setdefault(same, one)
    for same, count in times.most_common(MOST_FREQUENT):
        yield first[same]._replace(times=count)


def frequent_text(one: Frequent, *, hide: bool) -> str:
    """A mistake in a line: `3 × 416: Every filter spans all 6 channels that it reads, not just one.`"""
    sentence = one.hint if hide else one.sentence
    answered = said("{n} × {given}", n=one.times, given=one.given)
    return said("{quantity}: {result}", quantity=answered, result=sentence) if sentence else answered
