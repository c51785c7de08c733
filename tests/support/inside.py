"""The command line inside this process: a tenth of the time of a process of its own, for tests that run it often."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import NamedTuple

import pytest

from cnncalc.__main__ import main
from cnncalc.core.translation import set_language


class Written(NamedTuple):
    """What a command left behind."""

    code: object
    out: str
    err: str


class _Stream(TextIOWrapper):
    """What stands for a pipe, or for a terminal."""

    def __init__(self, terminal: bool) -> None:
        super().__init__(BytesIO(), encoding="utf-8", errors="backslashreplace", newline="")
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def written(self) -> str:
        """All of it, line ends as they are."""
        self.flush()
        return self.buffer.getvalue().decode("utf-8")  # type: ignore[attr-defined,no-any-return]


def inside(arguments: Sequence[str], folder: Path, *, terminal: bool = False, width: int = 100) -> Written:
    """Run `cnncalc` with these arguments in a folder; an exception that it lets through is the test's."""
    out, err = _Stream(terminal), _Stream(terminal)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["cnncalc", *arguments])
        patch.setattr(sys, "stdin", _Stream(terminal))
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        patch.setenv("COLUMNS", str(width))
        patch.setenv("TERM", "xterm")
        for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
            patch.delenv(name, raising=False)
        try:
            main()
        except SystemExit as left:
            return Written(left.code or 0, out.written(), err.written())
        finally:
            set_language(None)
    return Written(0, out.written(), err.written())
