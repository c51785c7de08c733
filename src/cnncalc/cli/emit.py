"""Where results go: the screen, or a file that appears whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from errno import EISDIR
from io import StringIO
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING, TextIO

from cnncalc.core.errors import InputError, closed_pipe
from cnncalc.core.messages import Phrase

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
            raise OSError
        yield sys.stdout
        sys.stdout.flush()
    except OSError as error:
        if sys.stdout is not None:  # what is still buffered must not raise again at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise closed_pipe() from None
        from cnncalc.core.reasons import of_the_system

        raise InputError.of(
            "cannot-write",
            "cannot write to standard output: {reason}",
            help="make room, or write to a file with --output",
            reason=Phrase("it is closed") if sys.stdout is None else of_the_system(error),
        ) from None


def write_file(path: str, content: str | bytes) -> None:
    """Write a file in one step: beside its place first, then moved there.

    Errors:  cannot-write
    """
    write_files({path: content})


def write_files(contents: Mapping[str, str | bytes]) -> None:
    """Write several files, or none of them: all are written beside their places before the first is moved.

    Errors:  cannot-write
    """
    drafts: list[tuple[str, Path, Path]] = []
    special: list[tuple[str, Path, bytes]] = []
    try:
        for path, content in contents.items():
            with _objecting(path):
                whole = content.encode() if isinstance(content, str) else content
                target = Path(path)
                if _is_special(target):
                    special.append((path, target, whole))
                    continue
                target = target.resolve()  # what a link points to is replaced, not the link
                draft = target.with_name(f".{target.name[:50]}.{os.getpid()}.part")
                drafts.append((path, draft, target))
                draft.write_bytes(whole)
        for path, target, whole in special:
            with _objecting(path):
                target.write_bytes(whole)
        for path, draft, target in drafts:
            with _objecting(path):
                draft.replace(target)
    finally:
        for _, draft, _ in drafts:
            with suppress(OSError):
                draft.unlink(missing_ok=True)


def _is_special(target: Path) -> bool:
    """Whether a device or a named pipe stands there, which is written to and not replaced.

    Errors:  OSError where no file can stand
    """
    try:
        kind = target.stat().st_mode
    except FileNotFoundError:
        return False
    if S_ISDIR(kind):
        raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
    return not S_ISREG(kind)


@contextmanager
def _objecting(path: str) -> Iterator[None]:
    """What the system says about a file, as an objection.

    Errors:  cannot-write
    """
    try:
        yield
    except (OSError, ValueError) as error:
        from cnncalc.core.reasons import of_the_system

        missing = isinstance(error, FileNotFoundError)
        raise InputError.of(
            "cannot-write",
            "cannot write {path}: {reason}" if path else "--output names no file",
            help="name a file in a folder that you may write to",
            path=path,
            reason=Phrase("its folder does not exist") if missing else of_the_system(error),
        ) from None
