"""One number, by rule and by measurement; and all of them together."""

from __future__ import annotations

from typing import Any, NamedTuple

from cnncalc.core.messages import Phrase

TOTAL = Phrase("total")
"""Where a check of the whole network stands instead of a path."""


class Check(NamedTuple):
    """What a rule says of a layer, what was measured, and whether the two agree."""

    path: str
    quantity: str
    rule: Any
    measured: Any
    ok: bool


class Verification(NamedTuple):
    """Everything that was checked, and what it took."""

    name: str
    checks: tuple[Check, ...]
    seconds: float
    peak_bytes: int

    @property
    def ok(self) -> bool:
        """Whether every rule agrees with its measurement."""
        return all(check.ok for check in self.checks)

    @property
    def mismatches(self) -> list[Check]:
        """The checks that failed."""
        return [check for check in self.checks if not check.ok]
