"""The files that a command has read, so that it writes over none of them."""

from __future__ import annotations

import os
from pathlib import Path
from stat import S_ISREG

_read: set[tuple[int, int]] = set()


def note_read(descriptor: int) -> None:
    """Remember an open file, whatever the name or link it was reached by."""
    status = os.fstat(descriptor)
    if S_ISREG(status.st_mode):
        _read.add((status.st_dev, status.st_ino))


def was_read(path: Path) -> bool:
    """Whether this file has been read.

    Errors:  OSError where it cannot be looked at; a file that does not exist was not read
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        return False
    return (status.st_dev, status.st_ino) in _read
