"""Marked sheets: verdicts and points."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from cnncalc.analysis.report import Report
from cnncalc.core.errors import Diagnostic
from cnncalc.homework.claims import ClaimMark
from cnncalc.homework.diagnosis import claim_diagnosis, diagnosis
from cnncalc.homework.key import Rules
from cnncalc.homework.questions import Mark, Verdict, key_of


class MarkedSheet(NamedTuple):
    """A sheet, marked; `problems` are the diagnostics of what could not be read."""

    name: str
    network: Report | None
    marks: tuple[Mark, ...]
    claims: tuple[ClaimMark, ...]
    problems: tuple[Diagnostic, ...]
    unread: tuple[str, ...] = ()  # what identifies the questions whose answers could not be read
    rules: Rules | None = None  # of a key; without one, every question of the sheet is worth a point
    label: str = ""  # its name in a class

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
        """The verdicts by network and question, however the question was worded; none where nothing was answered."""
        return {
            key: verdict
            for key, _, verdict, is_given in self._keyed()
            if is_given or self.rules is None or verdict is not Verdict.WRONG
        }

    def _keyed(self) -> Iterator[tuple[tuple[str, str], str, Verdict, bool]]:
        network = self.network.graph.name if self.network else ""
        for mark in self.marks:
            yield (network, key_of(mark.question)), mark.question.ask, mark.verdict, mark.answer.is_given
        for claim in self.claims:
            yield (network, claim.key), claim.name or claim.claim, claim.verdict, bool(claim.given or claim.sums)

    def credit(self, key: str, verdict: Verdict) -> Fraction:
        """The points of an answer to the question that this identifies."""
        if self.rules is not None:
            return self.rules.credit(key, verdict)
        return Fraction(verdict is Verdict.RIGHT)

    def worth(self, key: str) -> Fraction:
        """The points that this question is worth."""
        return Fraction(1) if self.rules is None else self.rules.worth(key)

    @property
    def points(self) -> Fraction:
        """The points of the whole sheet."""
        return sum((self.credit(key, verdict) for (_, key), _, verdict, _ in self._keyed()), Fraction(0))

    @property
    def max_points(self) -> Fraction:
        """The points that the whole sheet is worth: of its key, or of its own questions."""
        if self.rules is not None:
            return sum((one.worth for one in self.rules.asked.values()), Fraction(0))
        return Fraction(len(self.marks) + len(self.claims) + len(self.unread))

    @property
    def exit_code(self) -> int:
        """0 if it has all points, 1 if it has not, 2 if something could not be read."""
        return 2 if self.problems else int(self.points < self.max_points)
