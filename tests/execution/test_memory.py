"""What a run takes beside what is predicted of it, in a process of its own; and what is said where it is too much."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml

from cnncalc.execution.engine import threads
from cnncalc.execution.engine.workers import Workers
from tests.support.cases import CASES
from tests.support.command import environment

ROOT = Path(__file__).parents[2]
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


def assert_told(case: dict[str, Any]) -> None:
    """Never less than is taken; at most 15 % more, or 64 MiB where 256 MiB or less are predicted."""
    predicted, taken = measured(case)
    assert taken <= predicted <= (1.15 * taken if predicted > 256 else taken + 64)


@on_linux
@pytest.mark.parametrize("name", HARD)
def test_hard_cases_take_what_is_predicted(name: str) -> None:
    case = HARD[name]
    given = {"built_in": case["built_in"]} if "built_in" in case else {"text": text_of(case)}
    assert_told({**given, **case.get("run", {})})


LIMITED = """
import resource, sys
import numpy.random, psutil, pydantic, rich.progress, yaml
from cnncalc.__main__ import main
from cnncalc.execution.memory import room

room.free_bytes = lambda: 1 << 60
most = psutil.Process().memory_info().vms + (int(sys.argv.pop(1)) << 20)
resource.setrlimit(resource.RLIMIT_AS, (most, most))
main()
"""
"""The command on so many more mebibytes of addresses, after it has been told that there is room for everything."""


@on_linux
@pytest.mark.parametrize("command", ["run", "verify"])
@pytest.mark.parametrize(
    ("network", "mebibytes", "where"),
    [
        ("vgg11 --input 3x64x64", 300, ""),  # while weights are drawn
        ("unet", 230, " in down1.conv"),
        ("unet", 320, " in "),
    ],
)
def test_memory_that_runs_out_all_the_same_is_said(command: str, network: str, mebibytes: int, where: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(mebibytes), command, *network.split()],
        capture_output=True,
        env=environment(),
        check=False,
        text=True,
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith(f"error[not-enough-memory]: the memory ran out{where}")
    assert "Traceback" not in done.stderr


def test_a_system_without_more_threads_gets_by_with_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Thread] = []
    start = Thread.start

    def limited(self: Thread) -> None:
        if len(started) == 2:
            raise RuntimeError("can't start new thread")
        started.append(self)
        start(self)

    monkeypatch.setattr(Thread, "start", limited)
    done: list[int] = []
    with Workers(8) as workers:
        assert workers.threads == 3
        workers.map_blocks(64, 1 << 20, lambda part: done.extend(range(64)[part]))
    assert sorted(done) == list(range(64))


def test_addresses_that_are_limited_leave_room_for_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "usable_cpus", lambda: 64)
    assert threads.usable_threads() == 64 or threads.address_room() is not None
    monkeypatch.setattr(threads, "address_room", lambda: 4 << 30)
    assert threads.usable_threads() * threads.THREAD_ADDRESSES <= 1 << 30
    monkeypatch.setattr(threads, "address_room", lambda: 100 << 20)
    assert threads.usable_threads() == 1
