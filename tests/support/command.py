"""The command line as a user meets it: a process of its own, with real exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

SOURCES = Path(__file__).parents[2] / "src"
HANGS_AFTER = 60
"""Seconds; only a hang takes as long."""

MOST_BYTES = 200 * 10**6
"""Memory that an input may take at most to be refused."""


class Finished(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str
    peak_bytes: int


def environment(**more: str) -> dict[str, str]:
    """An environment in which every machine prints the same."""
    kept = {
        name: value for name, value in os.environ.items() if name not in ("COLUMNS", "FORCE_COLOR", "TTY_COMPATIBLE")
    }
    return {**kept, "PYTHONPATH": str(SOURCES), "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8", **more}


# Runs a command as the only child, so that the peak of the children is the command's own.
_MEASURING = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:])
print("\\npeak", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024, file=sys.stderr)
sys.exit(done.returncode)
"""


def cnncalc(
    *arguments: str | Path, stdin: bytes = b"", folder: Path | None = None, env: Mapping[str, str] | None = None
) -> Finished:
    """Run `cnncalc` with these arguments in a folder."""
    done = subprocess.run(
        [sys.executable, "-c", _MEASURING, sys.executable, "-m", "cnncalc", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        cwd=folder,
        env=environment(**(env or {})),
        timeout=HANGS_AFTER,
        check=False,
    )
    err, _, peak = done.stderr.decode().rpartition("\npeak ")
    return Finished(done.returncode, done.stdout.decode(), err, int(peak))


def objects(done: Finished, code: str, *fragments: str) -> None:
    """The command refused: exit code 2, a diagnostic with a remedy, nothing on standard output, and cheaply."""
    assert "Traceback" not in done.err
    assert done.code == 2, (done.code, done.err)
    assert f"error[{code}]: " in done.err, done.err
    assert "= help: " in done.err, done.err
    for fragment in fragments:
        assert fragment in done.err, done.err
    assert done.out == ""
    assert done.peak_bytes < MOST_BYTES
