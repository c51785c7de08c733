"""Files of data that somebody else made: only regular ones are opened, and no claim of theirs asks for much at once."""

from __future__ import annotations

import io
import os
from errno import EISDIR
from stat import S_ISDIR, S_ISREG
from typing import IO

from cnncalc.core.messages import Phrase

MOST_AT_ONCE = 4 << 20
"""Bytes of a piece. Values are read in smaller ones, and headers and tables of contents hardly ever have as many."""


class RegularFile(io.BufferedReader):
    """A file that is read in pieces, and closed when nobody holds it any more."""

    @property
    def nbytes(self) -> int:
        """How long it is."""
        return os.fstat(self.fileno()).st_size

    def __del__(self) -> None:
        self.close()

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes, or fewer at the end.

        Errors:  ValueError, they are too many
        """
        content = super().read(MOST_AT_ONCE + 1 if size is None or size < 0 else min(size, MOST_AT_ONCE + 1))
        if len(content) > MOST_AT_ONCE:
            raise ValueError(Phrase("a part of it has more than {most:,} bytes", most=MOST_AT_ONCE))
        return content


def open_regular(path: str) -> RegularFile:
    """Open a file, unless it is something else by this name: a pipe may never answer, and a device may never end.

    Errors:  OSError; ValueError, no file can have this name
    """
    _check_regular(os.stat(path))  # before it is opened, as some devices act on that
    return RegularFile(io.FileIO(path, opener=_opened))


def exactly(file: IO[bytes], size: int) -> bytes:
    """So many bytes.

    Errors:  ValueError, the file ends before
    """
    content = file.read(size)
    if len(content) != size:
        raise ValueError(Phrase("it ends too early"))
    return content


def _opened(path: str, flags: int) -> int:
    descriptor = os.open(path, flags | os.O_NONBLOCK)  # something else may stand there by now
    try:
        _check_regular(os.fstat(descriptor))
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _check_regular(found: os.stat_result) -> None:
    if S_ISDIR(found.st_mode):
        raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
    if not S_ISREG(found.st_mode):
        raise OSError(Phrase("it is a pipe, a socket or a device, and no file"))
