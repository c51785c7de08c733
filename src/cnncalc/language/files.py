"""Reading of description files and of standard input."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from io import UnsupportedOperation
from pathlib import Path
from stat import S_ISFIFO

from cnncalc.core.errors import InputError
from cnncalc.core.inputs import note_read
from cnncalc.core.os_errors import system_reason
from cnncalc.core.regular import RegularFile
from cnncalc.core.suggest import closest_name
from cnncalc.core.translation import Phrase
from cnncalc.language.text.document import MOST_CHARACTERS

MOST_BYTES = 4 * MOST_CHARACTERS + 1
"""One byte more than a text may have."""


def file_and_variant(architecture: str) -> tuple[str, str | None]:
    """The two parts of `nets/vgg.yaml:vgg16`."""
    for ending in (".yaml:", ".yml:"):
        if ending in architecture:
            path, _, variant = architecture.rpartition(":")
            return path, variant
    return architecture, None


def text_of_file(path: str, *, pipe: bool = False) -> str:
    """The text of a regular file, or of a `pipe` if the user named it.

    Errors:  cannot-read, not-text
    """
    return decode(content_of_file(path, pipe=pipe), path)


def content_of_file(path: str, *, pipe: bool = False) -> bytes:
    """Up to `MOST_BYTES` of a file; devices and sockets are not opened, as they may never answer.

    Errors:  cannot-read
    """
    try:
        if pipe and S_ISFIFO(os.stat(path).st_mode):
            with open(path, "rb") as stream:
                return stream.read(MOST_BYTES)
        with RegularFile(path) as file:
            return file.read(MOST_BYTES)
    except FileNotFoundError:
        near = nearby_descriptions(path)
        meant = closest_name(Path(path).stem, near)
        raise InputError.of(
            "cannot-read",
            "there is no file {path}",
            help="did you mean `{meant}`?" if meant else "check the path",
            path=path,
            meant=meant and near[meant],
        ) from None
    except (OSError, ValueError) as error:
        raise InputError.of(
            "cannot-read",
            "cannot read {path}: {reason}",
            help="name a text file",
            path=path,
            reason=system_reason(error),
        ) from None


def standard_input() -> str:
    """The text on standard input.

    Errors:  cannot-read, not-text
    """
    try:
        if sys.stdin is None:
            raise OSError
        with suppress(UnsupportedOperation):  # a caller may have put a stream in its place
            note_read(sys.stdin.fileno())
        content = sys.stdin.buffer.read(MOST_BYTES)
    except OSError as error:
        raise InputError.of(
            "cannot-read",
            "cannot read standard input: {reason}",
            help="pipe a description into it: `cnncalc summarize - < file.yaml`",
            reason=Phrase("it is closed") if sys.stdin is None else system_reason(error),
        ) from None
    return decode(content, "<stdin>")


def decode(content: bytes, name: str) -> str:
    """Decode UTF-8 text.

    Errors:  not-text
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError.of(
            "not-text",
            "{name} is not UTF-8 text: byte {position} is 0x{byte:02x}",
            help="save the file as UTF-8",
            name=name,
            position=error.start,
            byte=content[error.start],
        ) from None
    if "\x00" in text:
        raise InputError.of("not-text", "{name} is a binary file", help="name a text file", name=name)
    return text


def nearby_descriptions(path: str) -> dict[str, str]:
    """Descriptions in the folder of a missing one: their paths by file stem."""
    near: dict[str, str] = {}
    with suppress(OSError):
        paths = (p for p in Path(path).parent.iterdir() if p.suffix in (".yaml", ".yml", ".py"))
        near = {p.stem: str(p) for p in paths if p.exists()}  # a broken link would suggest itself
    return near
