"""One number, by rule and by measurement; and all of them together."""

from __future__ import annotations

from typing import Any, NamedTuple

from cnncalc.core.tensor import Shape
from cnncalc.core.translation import Phrase

TOTAL = Phrase("total")
"""Where a check of the whole network stands instead of a path."""


UNMEASURED = Phrase("not measured")
"""What stands for a measurement where a probe cannot see what the rule speaks of."""


class Check(NamedTuple):
    """What a rule says of a layer, what was measured, and whether the two agree; None where nothing was measured."""

    path: str
    quantity: str
    rule: Any
    measured: Any
    ok: bool | None


class Verification(NamedTuple):
    """Everything that was checked, and what it took.

    Of `frame`, the extents of the input, as many rows as `watched` were disturbed: those in the middle.
    """

    name: str
    checks: tuple[Check, ...]
    seconds: float
    peak_bytes: int
    frame: Shape = ()
    watched: Shape = ()

    @property
    def ok(self) -> bool:
        """Whether every rule agrees with its measurement, where there is one."""
        return not self.mismatches

    @property
    def mismatches(self) -> list[Check]:
        """The checks that failed."""
        return [check for check in self.checks if check.ok is False]

    @property
    def unmeasured(self) -> list[Check]:
        """The checks for which there was nothing to be measured."""
        return [check for check in self.checks if check.ok is None]
