"""The files that a command has read, so that it overwrites none of them."""

from __future__ import annotations

import os
from pathlib import Path
from stat import S_ISREG

_read: set[tuple[int, int]] = set()


def note_read(descriptor: int) -> None:
    """Remember an open file by its inode, whatever name or link led to it."""
    status = os.fstat(descriptor)
    if S_ISREG(status.st_mode):
        _read.add((status.st_dev, status.st_ino))


def was_read(path: Path) -> bool:
    """Whether this file has been read.

    Errors:  OSError if its status cannot be read; a file that does not exist was not read
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        return False
    return (status.st_dev, status.st_ino) in _read
