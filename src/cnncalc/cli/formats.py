"""The format of a result: by `--format`, or by the ending of the file that it is written to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from os.path import splitext
from typing import TypeVar

from cnncalc.cli.options import option_span
from cnncalc.core.errors import InputError
from cnncalc.core.translation import Listed

ENDINGS = {
    ".json": "json",
    ".csv": "csv",
    ".md": "markdown",
    ".markdown": "markdown",
    ".tex": "latex",
    ".npy": "npy",
    ".npz": "npz",
}
"""Endings of files that name a format."""

UNWRITTEN = (
    *(".pdf", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".html", ".htm", ".xml", ".zip"),
    *(".xlsx", ".xls", ".ods", ".doc", ".docx", ".odt", ".ppt", ".pptx", ".onnx", ".pt", ".pth"),
)
"""Endings of files that hold something which no command writes."""

NAMES = {"json": "JSON", "csv": "CSV", "markdown": "Markdown", "latex": "LaTeX", "npy": "NPY", "npz": "NPZ"}
"""Formats as they are called."""

F = TypeVar("F", bound=Enum)


def chosen_format(format: F | None, output: str | None, formats: type[F]) -> F:
    """The format that was asked for; by default the first.

    Errors:  wrong-ending
    """
    named = format_of_ending(output, [one.value for one in formats], format)
    if format is not None:
        return format
    return formats(named) if named else next(iter(formats))


def format_of_ending(
    output: str | None, known: Iterable[str], format: Enum | None = None, plain: str = ".txt"
) -> str | None:
    """The format that the ending of an output names; None for the screen and for other endings, as `plain`.

    Errors:  wrong-ending if the command does not have it in `known`, or `--format` says another
    """
    ending = splitext(output or "")[1].lower()
    named = ENDINGS.get(ending)
    if ending in UNWRITTEN:
        raise InputError.of(
            "wrong-ending",
            "this command writes no {ending} files",
            option_span("--output", output or ""),
            help="name a file that ends in {endings}",
            ending=ending,
            endings=_endings(plain, known),
        )
    if output is None or named is None:
        return None
    if named not in known:
        raise InputError.of(
            "wrong-ending",
            "{ending} files hold {format}, which this command does not write",
            option_span("--output", output),
            help="name a file that ends in {endings}",
            ending=ending,
            format=NAMES[named],
            endings=_endings(plain, known),
        )
    if format is not None and format.value != named:
        raise InputError.of(
            "wrong-ending",
            "`--format {format}` is not what {ending} files hold",
            option_span("--output", output),
            help="leave out --format, or name a file that ends in {wanted}",
            format=format.value,
            ending=ending,
            wanted=_ending(format.value) if format.value in NAMES else plain,
        )
    return named


def refuse_without_effect(format: Enum, output: str | None, given: Mapping[str, bool]) -> None:
    """Reject options for tables with a format that has none.

    Errors:  usage
    """
    named = [option for option, is_given in given.items() if is_given]
    if named and format.value in ("json", "csv"):
        raise InputError.of(
            "usage",
            "{option} shapes a table, and {format} always has every layer and every number"
            if "--depth" in given
            else "{option} shapes a table, and {format} always has every number",
            option_span(named[0], ""),
            help="leave it out, or name a file that ends in .md"
            if format_of_ending(output, [format.value])
            else "leave it out, or write `--format markdown`",
            option=named[0],
            format=NAMES[format.value],
        )


def _endings(plain: str, known: Iterable[str]) -> Listed:
    return Listed((plain, *(_ending(one) for one in known if one in NAMES)), ",")


def _ending(format: str) -> str:
    """The first ending of a format."""
    return next(ending for ending, named in ENDINGS.items() if named == format)
