"""Files of data that somebody else made: only regular ones are opened, and no claim of theirs asks for much at once."""

from __future__ import annotations

import io
import os
from errno import EISDIR
from stat import S_ISDIR, S_ISREG
from typing import Protocol

from cnncalc.core.inputs import note_read
from cnncalc.core.translation import Phrase

MOST_AT_ONCE = 4 << 20
"""Bytes of a piece. Values are read in smaller ones, and headers and tables of contents hardly ever have as many."""


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """The next bytes, or fewer at the end."""


class RegularFile(io.RawIOBase):
    """A file that is read in pieces, and closed when nobody holds it any more.

    Errors:  OSError; ValueError, no file can have this name
    """

    def __init__(self, path: str) -> None:
        self._descriptor = -1
        _check_regular(os.stat(path))  # before it is opened, as some devices act on that
        self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe would wait, if one stands there by now
        found = os.fstat(self._descriptor)
        self.nbytes = found.st_size
        _check_regular(found)
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

        Errors:  ValueError, they are too many
        """
        asked = MOST_AT_ONCE + 1 if size is None or size < 0 else min(size, MOST_AT_ONCE + 1)
        content = os.read(self._descriptor, asked)
        if len(content) > MOST_AT_ONCE:
            raise ValueError(Phrase("a part of it has more than {most:,} bytes", most=MOST_AT_ONCE))
        return content


def read_exactly(file: Readable, size: int) -> bytes:
    """So many bytes.

    Errors:  ValueError, the file ends before
    """
    content = file.read(size)
    if len(content) != size:
        raise ValueError(Phrase("it ends too early"))
    return content


def _check_regular(found: os.stat_result) -> None:
    """Object to what is no file: a pipe may never answer, and a device may never end.

    Errors:  OSError
    """
    if S_ISDIR(found.st_mode):
        raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
    if not S_ISREG(found.st_mode):
        raise OSError(Phrase("it is a pipe, a socket or a device, and no file"))
