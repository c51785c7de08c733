"""The command line in a child of its own: how it ended, what it printed, and how long and how much it took."""

from __future__ import annotations

import os
import re
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple

MOST_SECONDS = 10.0
"""Processor time of a case that computes no network; the slowest description takes half of it."""

MOST_BYTES = 700 * 2**20
"""Memory of such a case, besides what the imports have taken before."""

LEFT_AFTER = 30
"""Seconds of processor time after which a case is ended; after as many times four on the clock."""

ADDRESS_SPACE = 3 * 2**30
"""Beyond what the parent has: a case that asks for more gets a `MemoryError`, and not the machine."""

_UNCAUGHT = 70
"""Exit code of an exception that nobody caught, as sysexits.h has it."""

_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What no terminal should see, besides the line break."""

_WARNED = re.compile(r"^\S+:\d+: \w*Warning: ", re.MULTILINE)


class Outcome(NamedTuple):
    """What became of a case; `code` is None where it had to be ended."""

    code: int | None
    out: str
    err: str
    seconds: float
    peak_bytes: int

    def faults(self, computes: bool) -> list[str]:
        """What is wrong with it; the time and memory of a network that is computed are its own."""
        found = []
        if self.code is None:
            if not computes:
                found.append(f"did not end in {LEFT_AFTER} seconds")
        elif self.code not in (0, 1, 2):
            found.append(f"exit code {self.code}")
        if "Traceback (most recent call last)" in self.err:
            found.append(f"traceback: {self.err.strip().splitlines()[-1][:200]}")
        if _WARNED.search(self.err):
            found.append("Python warning on stderr")
        if not computes and self.code is not None and self.seconds > MOST_SECONDS:
            found.append(f"took {self.seconds:.1f} seconds")
        if not computes and self.peak_bytes > MOST_BYTES:
            found.append(f"took {self.peak_bytes >> 20} MiB")
        for name, text in (("stdout", self.out), ("stderr", self.err)):
            if sign := _CONTROLS.search(text):
                found.append(f"control character U+{ord(sign[0]):04X} on {name}")
        return found


def warm() -> None:
    """Import everything once, so that a child pays for nothing but its case."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a fork has no threads
    os.environ["COLUMNS"] = "100"
    from cnncalc.cli.app import COMMANDS

    for name in COMMANDS.values():
        import_module(f"cnncalc.cli.{name}")
    for path in (Path(import_module("cnncalc").__file__ or "").parent).rglob("*.py"):
        if not {"oracles", "__main__"} & {*path.parts, path.stem}:
            package = path.relative_to(path.parents[len(path.parents) - 1])
            parts = package.with_suffix("").parts
            import_module(".".join(parts[len(parts) - 1 - parts[::-1].index("cnncalc") :]).removesuffix(".__init__"))


def watch(words: Sequence[str], folder: Path) -> Outcome:
    """Run `cnncalc` with these words in a folder, through its real `main`."""
    from cnncalc.__main__ import main

    def command() -> None:
        sys.argv = ["cnncalc", *words]
        main()

    return in_a_child(command, folder)


def in_a_child(work: Callable[[], None], folder: Path) -> Outcome:
    """Do something in a process of its own, with bounds, in a folder."""
    printed = [folder / ".stdout", folder / ".stderr"]
    began = monotonic()
    inherited = _resident_bytes()
    child = os.fork()
    if child == 0:
        _be_the_child(work, folder, printed)
    while True:
        done, status, usage = os.wait4(child, os.WNOHANG)
        if done:
            break
        if monotonic() - began > 4 * LEFT_AFTER:
            os.kill(child, signal.SIGKILL)
        sleep(0.002)
    out, err = (path.read_bytes().decode(errors="replace") for path in printed)
    ended = os.WIFEXITED(status)
    code = os.WEXITSTATUS(status) if ended else None
    return Outcome(code, out, err, usage.ru_utime + usage.ru_stime, max(0, usage.ru_maxrss * 1024 - inherited))


def _resident_bytes() -> int:
    """What this process holds, which a child of it starts with."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _be_the_child(work: Callable[[], None], folder: Path, printed: Sequence[Path]) -> None:
    """The child: it never returns."""
    code = _UNCAUGHT
    try:
        for number, path in zip((1, 2), printed, strict=True):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        sys.stdin = os.fdopen(0, "r", closefd=False)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
        os.chdir(folder)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (LEFT_AFTER, LEFT_AFTER + 5))
        held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() + ADDRESS_SPACE
        resource.setrlimit(resource.RLIMIT_AS, (held, held))
        work()
        code = 0
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 0 if left.code is None else 1
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)
