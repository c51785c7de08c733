"""Checks of numbers by rule and as measured, and all checks of a network."""

from __future__ import annotations

from typing import Any, NamedTuple

from cnncalc.core.tensor import Shape
from cnncalc.core.translation import Phrase

TOTAL = Phrase("total")
"""Stands in place of a path in checks of the whole network."""


UNMEASURED = Phrase("not measured")
"""Stands in place of a measurement where no probe can measure."""


LEFT_OUT = Phrase("stated output")
"""The quantity of the check of an opaque layer, of which nothing is measured."""


class Check(NamedTuple):
    """A number by rule, the measurement, and whether both agree; None where nothing was measured."""

    path: str
    quantity: str
    rule: Any
    measured: Any
    ok: bool | None


class Verification(NamedTuple):
    """All checks of a network, with the time and the peak memory of the run.

    Of the input extents `frame`, the middle `perturbed_extents` were perturbed.
    """

    name: str
    checks: tuple[Check, ...]
    seconds: float
    peak_bytes: int
    frame: Shape = ()
    perturbed_extents: Shape = ()

    @property
    def ok(self) -> bool:
        """Whether every rule agrees with its measurement, if there is one."""
        return not self.mismatches

    @property
    def mismatches(self) -> list[Check]:
        """The checks that failed."""
        return [check for check in self.checks if check.ok is False]

    @property
    def unmeasured(self) -> list[Check]:
        """The checks without a measurement."""
        return [check for check in self.checks if check.ok is None]
