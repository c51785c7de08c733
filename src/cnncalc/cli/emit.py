"""Where results go: the screen, or a file that appears whole or not at all."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from io import StringIO
from pathlib import Path
from signal import SIG_DFL, SIG_IGN, SIGHUP, SIGTERM, getsignal, signal
from stat import S_IMODE, S_ISDIR, S_ISREG
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, TextIO

from cnncalc.core.errors import InputError, closed_pipe
from cnncalc.core.translation import Phrase

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
        raise cannot_print(error) from None


def cannot_print(error: OSError) -> InputError:
    """The objection to a standard output that takes no more."""
    if sys.stdout is not None:  # what is still buffered must not raise again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):
        return closed_pipe()
    from cnncalc.core.os_errors import system_reason

    return InputError.of(
        "cannot-write",
        "cannot write to standard output: {reason}",
        help="make room, or write to a file with --output",
        reason=Phrase("it is closed") if sys.stdout is None else system_reason(error),
    )


def write_file(path: str, content: str | bytes) -> None:
    """Write a file in one step: beside its place first, then moved there.

    Errors:  cannot-write
    """
    write_files({path: content})


def write_files(contents: Mapping[str, str | bytes]) -> None:
    """Write several files, or none of them: all are written beside their places before the first is moved.

    Errors:  cannot-write, input-as-output
    """
    drafts: list[tuple[str, Path, Path]] = []
    in_place: list[tuple[str, Path, bytes]] = []
    with _ended_by_signals():
        try:
            for path, content in contents.items():
                with _objecting(path):
                    whole = content.encode() if isinstance(content, str) else content
                    target = Path(path)
                    status = _status(target)
                    _refuse_input(path, target)
                    if status is not None and not S_ISREG(status.st_mode):  # a device or a pipe
                        in_place.append((path, target, whole))
                        continue
                    target = target.resolve()  # what a link points to is replaced, not the link
                    draft = target.with_name(f".{target.name[:50]}.{os.urandom(8).hex()}.part")
                    drafts.append((path, draft, target))
                    if not _draft(draft, whole, status):
                        in_place.append((path, target, whole))
                        drafts.pop()[1].unlink()
            for path, target, whole in in_place:
                with _objecting(path):
                    target.write_bytes(whole)
            for path, draft, target in drafts:
                with _objecting(path):
                    draft.replace(target)
        finally:
            for _, draft, _ in drafts:
                with suppress(OSError):
                    draft.unlink(missing_ok=True)


def _status(target: Path) -> os.stat_result | None:
    """What stands at a place that may be written to; None where nothing does.

    Errors:  OSError where no file can stand, or one that is only to be read
    """
    try:
        status = target.stat()
    except FileNotFoundError:
        return None
    if S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    read_only = not status.st_mode & 0o222  # which means nothing to root, but something to who set it
    if read_only or not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return status


def _refuse_input(path: str, target: Path) -> None:
    """Object to an output in the place of a file that this command has read.

    Errors:  input-as-output
    """
    from cnncalc.core.inputs import was_read

    if was_read(target):
        raise InputError.of(
            "input-as-output",
            "{path} is read by this command, and would be written over",
            help="name another file with --output",
            path=path,
        )


def _draft(draft: Path, content: bytes, status: os.stat_result | None) -> bool:
    """Write a new file that nobody could foresee, with the owner and the permissions of the one it is to replace.

    False where the owner cannot be kept: such a file is written to in place.

    Errors:  OSError
    """
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    with open(descriptor, "wb") as file:
        if status is not None:
            made = os.fstat(descriptor)
            if (made.st_uid, made.st_gid) != (status.st_uid, status.st_gid):
                try:
                    os.fchown(descriptor, status.st_uid, status.st_gid)
                except PermissionError:
                    return False
            os.fchmod(descriptor, S_IMODE(status.st_mode))
        file.write(content)
    return True


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let what would end the process at once run the `finally` clauses first; the exit code is the shells'."""

    def leave(number: int, frame: object) -> None:
        signal(number, SIG_IGN)  # a second one must not cut the clauses short
        sys.exit(128 + number)

    if current_thread() is not main_thread():  # signals are the main thread's business
        yield
        return
    ending = [number for number in (SIGTERM, SIGHUP) if getsignal(number) is SIG_DFL]
    for number in ending:
        signal(number, leave)
    try:
        yield
    finally:
        for number in ending:
            signal(number, SIG_DFL)


def _remedy(error: Exception) -> str:
    """What to do about a file that cannot be written."""
    match getattr(error, "errno", None):
        case errno.ENOSPC | errno.EDQUOT:
            return Phrase("make room, or name a file on another disk")
        case errno.EACCES | errno.EPERM:
            return Phrase("name another file, or make this one and its folder writable")
        case errno.ENOENT:
            return Phrase("make the folder first, or name a file in another")
    return Phrase("name a file in a folder that you may write to")


@contextmanager
def _objecting(path: str) -> Iterator[None]:
    """What the system says about a file, as an objection.

    Errors:  cannot-write
    """
    try:
        yield
    except (OSError, ValueError) as error:
        from cnncalc.core.os_errors import system_reason

        missing = isinstance(error, FileNotFoundError)
        raise InputError.of(
            "cannot-write",
            "cannot write {path}: {reason}" if path else "--output names no file",
            help=_remedy(error),
            path=path,
            reason=Phrase("its folder does not exist") if missing else system_reason(error),
        ) from None
