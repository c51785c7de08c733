"""Verifications as JSON. The keys are a contract."""

from __future__ import annotations

import json

from cnncalc.execution.checks import Verification


def verification_json(verification: Verification) -> str:
    """Every check, in execution order; shapes and fields as lists."""
    return (
        json.dumps(
            {
                "name": verification.name,
                "ok": verification.ok,
                "checks": [check._asdict() for check in verification.checks],
                "seconds": round(verification.seconds, 3),
                "peak_bytes": verification.peak_bytes,
            },
            ensure_ascii=False,
            indent=1,
        )
        + "\n"
    )
