"""Whole-process CPU time of `cnncalc summarize resnet152`, and of a completed word, in turn with other commands.

Run with `python benchmarks/startup.py`; torchinfo is measured where it is installed (`pip install torchinfo torch`).
"""

from __future__ import annotations

import importlib.util
import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
ROUNDS = 21


def cpu_seconds(command: list[str], **env: str) -> float:
    """User and system time of one run of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **env})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(name: str, one: list[str], other: list[str], rounds: int, **env: str) -> None:
    """Print the medians of two commands that take turns, and the median of the ratios."""
    for command in (one, other):
        cpu_seconds(command, **env)  # once for the caches of the file system
    pairs = [(cpu_seconds(one, **env), cpu_seconds(other, **env)) for _ in range(rounds)]
    median: Callable[[list[float]], float] = statistics.median
    ratio = median([a / b for a, b in pairs])
    print(f"{name}: {median([a for a, _ in pairs]):.3f} s / {median([b for _, b in pairs]):.3f} s = {ratio:.3f}")


def main() -> None:
    python = sys.executable
    ours = [python, "-m", "cnncalc", "summarize", "resnet152"]
    bare = [python, str(HERE / "bare_command.py")]
    compare("against a bare command, 10 rows", ours, bare, ROUNDS)
    compare("against a bare command, 111 rows", ours, [*bare, "--rows", "111"], ROUNDS)
    for line in ("summarize vgg", "explain vgg16 conv1"):
        words = {"COMP_WORDS": f"cnncalc {line}", "COMP_CWORD": str(len(line.split()))}
        shells = {"_CNNCALC_COMPLETE": "complete_bash", "_BARE_COMPLETE": "complete_bash"}
        small = [python, str(HERE / "bare_completion.py")]
        compare(f"{line}<TAB> against a bare completion", [python, "-m", "cnncalc"], small, ROUNDS, **words, **shells)
    if importlib.util.find_spec("torchinfo"):
        compare("against torchinfo on the meta device", ours, [python, str(HERE / "torchinfo_meta.py")], 5)


if __name__ == "__main__":
    main()
