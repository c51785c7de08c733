"""Where results go: the screen, or a file that appears whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from cnncalc.core.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console


def emit_text(text: str, output: str | None) -> None:
    """Write finished text."""
    if output is not None:
        write_file(output, text)
        return
    sys.stdout.write(text)
    sys.stdout.flush()


def emit_screen(show: Callable[[Console], None], output: str | None) -> None:
    """Print on the terminal, or without colour and at full width into a file."""
    from cnncalc.display.screen import console

    if output is None:
        show(console())
        sys.stdout.flush()
        return
    text = StringIO()
    show(console(text))
    write_file(output, text.getvalue())


def write_file(path: str, text: str) -> None:
    """Write a file in one step: beside its place first, then moved there.

    Errors:  cannot-write
    """
    target = Path(path)
    if target.exists() and not target.is_file():  # a device or a named pipe is written to, not replaced
        _guarded(path, lambda: target.write_text(text, encoding="utf-8"))
        return
    draft = target.with_name(f".{target.name[:100]}.{os.getpid()}.part")

    def write() -> None:
        try:
            draft.write_text(text, encoding="utf-8")
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)

    _guarded(path, write)


def _guarded(path: str, write: Callable[[], object]) -> None:
    try:
        write()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError.of(
            "cannot-write",
            "cannot write {path}: {reason}",
            help="name a file in a folder that you may write to",
            path=path,
            reason=reason,
        ) from None
