"""Writes results to the screen, or to a file that is complete or not there at all."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from io import StringIO
from pathlib import Path
from signal import SIG_DFL, SIG_IGN, SIGHUP, SIGTERM, getsignal, signal
from stat import S_IMODE, S_ISDIR, S_ISREG
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, TextIO

from cnncalc.core.errors import InputError
from cnncalc.core.translation import Phrase

if TYPE_CHECKING:
    from rich.console import Console

    from cnncalc.core.errors import Diagnostic


NOTHING: Mapping[str, str] = {}


def is_terminal() -> bool:
    """Whether standard error is a terminal, where a progress bar can be shown."""
    return sys.stderr is not None and sys.stderr.isatty()


def emit_text(text: str, output: str | None) -> None:
    """Write finished text."""
    if output is not None:
        write_file(output, text)
        return
    with _standard_output() as stream:
        stream.write(text)


def emit_screen(show: Callable[[Console], None], output: str | None) -> None:
    """Print on the terminal, or to a file without colour and at full width."""
    from cnncalc.display.screen import console

    if output is None:
        with _standard_output() as stream:
            show(console(stream))
        return
    text = StringIO()
    show(console(text))
    write_file(output, text.getvalue())


def emit_warnings(warnings: Sequence[Diagnostic]) -> None:
    """Print warnings on standard error, equal ones once."""
    if warnings and sys.stderr is not None:
        from cnncalc.display.diagnostics import show_warnings

        show_warnings([*{one.key(): one for one in warnings}.values()])


@contextmanager
def _standard_output() -> Iterator[TextIO]:
    """Standard output, with errors of writing as diagnostics.

    Errors:  cannot-write; BrokenPipeError if the reader left, which ends the command in silence
    """
    try:
        if sys.stdout is None:
            raise OSError
        yield sys.stdout
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_output()
        raise
    except OSError as error:
        raise cannot_print(error) from None


def _discard_output() -> None:
    """Send what is still buffered nowhere, so that it does not raise again at exit."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def cannot_print(error: OSError) -> InputError:
    """The diagnostic for a standard output that cannot be written to."""
    _discard_output()
    from cnncalc.core.os_errors import system_reason

    return InputError.of(
        "cannot-write",
        "cannot write to standard output: {reason}",
        help="make room, or write to a file with --output",
        reason=Phrase("it is closed") if sys.stdout is None else system_reason(error),
    )


def write_file(path: str, content: str | bytes) -> None:
    """Write a file atomically: a draft in its folder is moved to its place.

    Errors:  cannot-write
    """
    write_files({path: content})


def write_files(contents: Mapping[str, str | bytes]) -> None:
    """Write several files or none: all drafts are written before the first is moved to its place.

    Errors:  cannot-write, input-as-output
    """
    drafts: list[tuple[str, Path, Path]] = []
    in_place: list[tuple[str, Path, bytes]] = []
    with _clean_up_on_signals():
        try:
            for path, content in contents.items():
                with _diagnose_write_errors(path):
                    whole = content.encode() if isinstance(content, str) else content
                    target = Path(path)
                    status = _status(target)
                    _refuse_input(path, target)
                    if status is not None and not S_ISREG(status.st_mode):  # a device or a pipe
                        in_place.append((path, target, whole))
                        continue
                    target = target.resolve()  # replace the target of a link, not the link
                    draft = target.with_name(f".{target.name[:50]}.{os.urandom(8).hex()}.part")
                    drafts.append((path, draft, target))
                    if not _draft(draft, whole, status):
                        in_place.append((path, target, whole))
                        drafts.pop()[1].unlink()
            for path, target, whole in in_place:
                with _diagnose_write_errors(path):
                    target.write_bytes(whole)
            for path, draft, target in drafts:
                with _diagnose_write_errors(path):
                    draft.replace(target)
        finally:
            for _, draft, _ in drafts:
                with suppress(OSError):
                    draft.unlink(missing_ok=True)


def write_folder(
    folder: str, contents: Mapping[str, str], besides: Mapping[str, str] = NOTHING, *, replace: bool
) -> None:
    """Write files into a folder, which is made where there is none, and files `besides` it; all of them or none.

    A link in the place of a file is not followed; files that are there are only written over to `replace` them.

    Errors:  cannot-write, file-exists
    """
    paths = {**{os.path.join(folder, name): text for name, text in contents.items()}, **besides}
    with _diagnose_write_errors(folder):
        made = not os.path.isdir(folder)
        if made:
            os.mkdir(folder)
    written = False
    try:
        taken = [path for path in paths if os.path.islink(path) or (not replace and os.path.exists(path))]
        if taken:
            raise InputError.of(
                "file-exists",
                "{path} is there already, and would be written over",
                help="name another folder, or remove the file",
                path=taken[0],
            )
        write_files(paths)
        written = True
    finally:
        if made and not written:
            with suppress(OSError):
                os.rmdir(folder)


def _status(target: Path) -> os.stat_result | None:
    """The status of a file that may be written over; None where there is none.

    Errors:  OSError for a folder or a read-only file
    """
    try:
        status = target.stat()
    except FileNotFoundError:
        return None
    if S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    read_only = not status.st_mode & 0o222  # root may write to it, but its owner has protected it
    if read_only or not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return status


def _refuse_input(path: str, target: Path) -> None:
    """Reject an output that is a file which this command has read.

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
    """Write a new file with the owner and the permissions of the one that it will replace.

    False where the owner cannot be kept: such a file is written in place.

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
def _clean_up_on_signals() -> Iterator[None]:
    """Let signals that would end the process run `finally` clauses first, with the exit code of a shell."""

    def leave(number: int, frame: object) -> None:
        signal(number, SIG_IGN)  # a second signal must not interrupt the clauses
        sys.exit(128 + number)

    if current_thread() is not main_thread():  # only the main thread gets signals
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
    """The remedy for a file that cannot be written."""
    match getattr(error, "errno", None):
        case errno.ENOSPC | errno.EDQUOT:
            return Phrase("make room, or name a file on another disk")
        case errno.EACCES | errno.EPERM:
            return Phrase("name another file, or make this one and its folder writable")
        case errno.ENOENT:
            return Phrase("make the folder first, or name a file in another")
        case errno.EEXIST | errno.ENOTDIR:
            return Phrase("name another folder: a file has its name")
    return Phrase("name a file in a folder that you may write to")


@contextmanager
def _diagnose_write_errors(path: str) -> Iterator[None]:
    """Report an error of writing a file as a diagnostic.

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
