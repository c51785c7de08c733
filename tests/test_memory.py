"""What a run takes beside what is predicted of it, in a process of its own; and what is said where it is too much."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.cases import CASES
from tests.support.command import environment

ROOT = Path(__file__).parents[1]
MEBIBYTE = 1 << 20
HARD: dict[str, Any] = yaml.safe_load((CASES / "memory.yaml").read_text(encoding="utf-8"))

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of a process where Linux keeps it")


def text_of(case: dict[str, Any]) -> str:
    """The description of a hard case."""
    layers = case.get("layers")
    if layers is None:
        repeated = case["repeated"]
        ((type_name, options),) = repeated["layer"].items()
        names = [f"branch{number}" for number in range(repeated["times"])]
        layers = [{type_name: {"name": name, "from": "input", **options}} for name in names]
        then = repeated["then"] if isinstance(repeated["then"], dict) else {repeated["then"]: {}}
        layers += [{merge: {"from": names, **given} for merge, given in then.items()}]
    return yaml.safe_dump({"name": "hard", "input": case["input"], "layers": layers})


def measured(case: dict[str, Any]) -> tuple[float, float]:
    """Mebibytes predicted and taken."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.peak", json.dumps(case)],
        capture_output=True,
        cwd=ROOT,
        env=environment(),
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    predicted, taken = map(int, done.stdout.split())
    return predicted / MEBIBYTE, taken / MEBIBYTE


def assert_told(predicted: float, taken: float) -> None:
    """Never less than is taken; at most 15 % more, or 64 MiB where 256 MiB or less are predicted."""
    assert taken <= predicted <= (1.15 * taken if predicted > 256 else taken + 64)


@on_linux
@pytest.mark.parametrize("name", HARD)
def test_hard_cases_take_what_is_predicted(name: str) -> None:
    case = HARD[name]
    given = {"built_in": case["built_in"]} if "built_in" in case else {"text": text_of(case)}
    assert_told(*measured({**given, **case.get("run", {})}))
