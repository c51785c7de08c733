"""Reading of untrusted data files: only regular files are opened, and no size in a header leads to a large read."""

from __future__ import annotations

import io
import os
from errno import EISDIR
from stat import S_ISDIR, S_ISREG
from typing import Protocol

from cnncalc.core.inputs import note_read
from cnncalc.core.translation import Phrase

MOST_AT_ONCE = 4 << 20
"""Bytes of one read. Values are read in smaller pieces, and headers are hardly ever as long."""


class Readable(Protocol):
    """A source of bytes."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, or fewer at the end."""


class RegularFile(io.RawIOBase):
    """A regular file that is read in pieces, and closed once nothing refers to it.

    Errors:  OSError; ValueError, no file can have this name
    """

    def __init__(self, path: str) -> None:
        self._descriptor = -1
        _check_regular(os.stat(path))  # before opening: some devices react to it
        self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # would not wait for a pipe put there meanwhile
        status = os.fstat(self._descriptor)
        self.nbytes = status.st_size
        _check_regular(status)
        note_read(self._descriptor)

    def close(self) -> None:
        if not self.closed and self._descriptor >= 0:
            os.close(self._descriptor)
        super().close()

    def fileno(self) -> int:
        return self._descriptor

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return os.lseek(self._descriptor, offset, whence)

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes, or fewer at the end.

        Errors:  ValueError, if there are more than `MOST_AT_ONCE`
        """
        asked = MOST_AT_ONCE + 1 if size is None or size < 0 else min(size, MOST_AT_ONCE + 1)
        content = os.read(self._descriptor, asked)
        if len(content) > MOST_AT_ONCE:
            raise ValueError(Phrase("a part of it has more than {most:,} bytes", most=MOST_AT_ONCE))
        return content


def read_exactly(file: Readable, size: int) -> bytes:
    """Exactly `size` bytes.

    Errors:  ValueError, if the file ends early
    """
    content = file.read(size)
    if len(content) != size:
        raise ValueError(Phrase("it ends too early"))
    return content


def _check_regular(status: os.stat_result) -> None:
    """Require a regular file: a pipe may never answer, and a device may never end.

    Errors:  OSError
    """
    if S_ISDIR(status.st_mode):
        raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
    if not S_ISREG(status.st_mode):
        raise OSError(Phrase("it is a pipe, a socket or a device, and no file"))
