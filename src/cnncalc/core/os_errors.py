"""Errors of the operating system and of file readers, in our own words if they are known."""

from __future__ import annotations

import errno

from cnncalc.core.translation import Phrase

REASONS = {
    "ENOENT": Phrase("there is no file or folder of this name"),
    "EACCES": Phrase("you have no permission for it"),
    "EPERM": Phrase("you have no permission for it"),
    "EISDIR": Phrase("it is a folder"),
    "ENOTDIR": Phrase("a part of its path is a file and no folder"),
    "ENAMETOOLONG": Phrase("its name is too long"),
    "ELOOP": Phrase("its links lead back to each other"),
    "ENOSPC": Phrase("the disk is full"),
    "EDQUOT": Phrase("your share of the disk is full"),
    "EFBIG": Phrase("the file would be too large"),
    "EROFS": Phrase("the disk can only be read"),
    "EMFILE": Phrase("too many files are open"),
    "ENFILE": Phrase("too many files are open"),
    "EBUSY": Phrase("another program is using it"),
    "ETXTBSY": Phrase("another program is using it"),
    "EIO": Phrase("the disk did not answer"),
    "EBADF": Phrase("it is closed"),
}
"""Reasons by the name of the error, which does not depend on the system's language."""

OF_READERS = (
    ("CRC", Phrase("a part of it is damaged, its checksum (CRC) is wrong")),
    ("not a zip", Phrase("it is no archive")),
    ("truncated", Phrase("it ends too early")),
    ("EOF", Phrase("it ends too early")),
    ("encrypted", Phrase("it is locked with a password")),
)
"""Reasons by words in the messages of zipfile and Pillow; the first match counts."""


def system_reason(error: Exception) -> str:
    """The reason why a file cannot be opened, read or written."""
    if error.args and isinstance(error.args[0], Phrase):
        return error.args[0]
    if isinstance(error, ValueError):  # raised by Python itself: a null or a lone surrogate
        return Phrase("no file can have this name")
    assert isinstance(error, OSError)
    return REASONS.get(errno.errorcode.get(error.errno or 0, "")) or quotation(error.strerror or str(error))


def reader_reason(error: Exception) -> str:
    """The reason why the content of a file cannot be read."""
    if error.args and isinstance(error.args[0], Phrase):  # raised by cnncalc itself
        return error.args[0]
    words = str(error).partition("\n")[0] or type(error).__name__
    return next((known for part, known in OF_READERS if part.lower() in words.lower()), None) or quotation(words)


def quotation(sentence: str) -> str:
    """A message of another program, in quotation marks."""
    return Phrase("“{sentence}”", sentence=" ".join(sentence.split()))
