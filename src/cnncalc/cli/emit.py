"""Where results go: the screen, or a file that appears whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from cnncalc.core.errors import InputError, closed_pipe

if TYPE_CHECKING:
    from rich.console import Console


def is_terminal() -> bool:
    """Whether somebody watches the error stream, so that a bar is worth showing."""
    return sys.stderr is not None and sys.stderr.isatty()


def emit_text(text: str, output: str | None) -> None:
    """Write finished text."""
    if output is not None:
        write_file(output, text)
        return
    with _standard_output() as stream:
        stream.write(text)


def emit_screen(show: Callable[[Console], None], output: str | None) -> None:
    """Print on the terminal, or without colour and at full width into a file."""
    from cnncalc.display.screen import console

    if output is None:
        with _standard_output() as stream:
            show(console(stream))
        return
    text = StringIO()
    show(console(text))
    write_file(output, text.getvalue())


@contextmanager
def _standard_output() -> Iterator[TextIO]:
    """Standard output, while it is written to.

    Errors:  closed-pipe, cannot-write
    """
    try:
        if sys.stdout is None:
            raise OSError("it is closed")
        yield sys.stdout
        sys.stdout.flush()
    except OSError as error:
        if sys.stdout is not None:  # what is still buffered must not raise again at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise closed_pipe() from None
        raise InputError.of(
            "cannot-write",
            "cannot write to standard output: {reason}",
            help="make room, or write to a file with --output",
            reason=error.strerror or str(error),
        ) from None


def write_file(path: str, content: str | bytes) -> None:
    """Write a file in one step: beside its place first, then moved there.

    Errors:  cannot-write
    """
    try:
        _write_whole(Path(path), content.encode() if isinstance(content, str) else content)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError.of(
            "cannot-write",
            "cannot write {path}: {reason}" if path else "--output names no file",
            help="name a file in a folder that you may write to",
            path=path,
            reason=reason,
        ) from None


def _write_whole(target: Path, content: bytes) -> None:
    if target.exists() and not target.is_file():  # a device or a named pipe is written to, not replaced
        target.write_bytes(content)
        return
    target = target.resolve()  # what a link points to is replaced, not the link
    draft = target.with_name(f".{target.name[:50]}.{os.getpid()}.part")
    try:
        draft.write_bytes(content)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
