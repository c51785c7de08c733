"""Verifications as JSON. The keys are a contract."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.core.errors import Diagnostic
from cnncalc.execution.verify.verification import Verification
from cnncalc.exporters.escaping import json_text
from cnncalc.exporters.json import warning_objects


def verification_json(verification: Verification, warnings: Sequence[Diagnostic]) -> str:
    """Every check, in execution order; shapes and fields as lists."""
    return (
        json_text(
            {
                "name": verification.name,
                "ok": verification.ok,
                "checks": [check._asdict() for check in verification.checks],
                "seconds": round(verification.seconds, 3),
                "peak_bytes": verification.peak_bytes,
                "warnings": warning_objects(warnings),
            }
        )
        + "\n"
    )
