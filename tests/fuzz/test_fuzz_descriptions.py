"""A short run of the fuzzer; by hand it runs for as long as it is told to."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support.command import SOURCES, environment


def test_nothing_is_found_in_a_few_seconds() -> None:
    """In a process of its own: a fork of pytest's would be as large as all that pytest has imported."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.fuzz_descriptions", "--minutes", "0.1", "--seed", "2026"],
        cwd=SOURCES.parent,
        env=environment(PYTHONPATH=os.pathsep.join((str(SOURCES), str(SOURCES.parent)))),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 findings" in done.stdout
