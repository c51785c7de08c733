"""Verifications as JSON. The keys are a contract."""

from __future__ import annotations

from cnncalc.execution.verify.verification import Verification
from cnncalc.exporters.escaping import json_text


def verification_json(verification: Verification) -> str:
    """Every check, in execution order; shapes and fields as lists."""
    return (
        json_text(
            {
                "name": verification.name,
                "ok": verification.ok,
                "checks": [check._asdict() for check in verification.checks],
                "seconds": round(verification.seconds, 3),
                "peak_bytes": verification.peak_bytes,
            }
        )
        + "\n"
    )
