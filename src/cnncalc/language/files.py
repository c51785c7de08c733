"""Descriptions as files: their text, and what is wrong where there is none."""

from __future__ import annotations

import sys
from contextlib import suppress
from io import UnsupportedOperation
from pathlib import Path

from cnncalc.core.errors import InputError
from cnncalc.core.inputs import note_read
from cnncalc.core.messages import Phrase
from cnncalc.core.reasons import of_the_system
from cnncalc.core.suggest import closest
from cnncalc.language.document import MOST_CHARACTERS


def file_and_variant(architecture: str) -> tuple[str, str | None]:
    """`nets/vgg.yaml:vgg16` as its two parts."""
    for ending in (".yaml:", ".yml:"):
        if ending in architecture:
            path, _, variant = architecture.rpartition(":")
            return path, variant
    return architecture, None


def text_of_file(path: str) -> str:
    """The text of a file the user named.

    Errors:  cannot-read, not-text
    """
    try:
        with open(path, "rb") as file:
            note_read(file.fileno())
            content = file.read(4 * MOST_CHARACTERS + 1)
    except FileNotFoundError:
        near = _descriptions_near(path)
        meant = closest(Path(path).stem, near)
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
            reason=of_the_system(error),
        ) from None
    return _decoded(content, path)


def standard_input() -> str:
    """The text on standard input.

    Errors:  cannot-read, not-text
    """
    try:
        if sys.stdin is None:
            raise OSError
        with suppress(UnsupportedOperation):  # it may be no file, but a stream of the caller's
            note_read(sys.stdin.fileno())
        content = sys.stdin.buffer.read(4 * MOST_CHARACTERS + 1)
    except OSError as error:
        raise InputError.of(
            "cannot-read",
            "cannot read standard input: {reason}",
            help="pipe a description into it: `cnncalc summarize - < file.yaml`",
            reason=Phrase("it is closed") if sys.stdin is None else of_the_system(error),
        ) from None
    return _decoded(content, "<stdin>")


def _decoded(content: bytes, name: str) -> str:
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


def _descriptions_near(path: str) -> dict[str, str]:
    """Descriptions in the folder where one was looked for: their paths by their names without the ending."""
    folder = Path(path).parent
    return {p.stem: str(p) for p in folder.glob("*") if p.suffix in (".yaml", ".yml", ".py")} if folder.is_dir() else {}
