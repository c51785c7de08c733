"""Options of several commands, and the parsers of their values."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnncalc.cli.completion import complete_architecture, complete_convention, complete_setting
from cnncalc.core.errors import COMMAND_LINE, InputError, Source, Span
from cnncalc.core.translation import Phrase

if TYPE_CHECKING:
    from cnncalc.core.tensor import Shape


class OutputFormat(str, Enum):  # noqa: UP042 - Typer shows the values of a str enum
    """The format of a result."""

    table = "table"
    json = "json"
    csv = "csv"
    markdown = "markdown"
    latex = "latex"


class PlainFormat(str, Enum):  # noqa: UP042
    """The format of a result without rows for a spreadsheet."""

    table = "table"
    json = "json"


class ElementType(str, Enum):  # noqa: UP042
    """Names of `DType` as choices of an option."""

    float32 = "float32"
    float16 = "float16"
    bfloat16 = "bfloat16"
    int8 = "int8"


ARCHITECTURE_HELP = Phrase(
    "A built-in name (see `cnncalc list`), a .yaml or .yml file (FILE:VARIANT picks one of its variants), "
    "a .py file, or - for YAML on standard input. A .py file is run: name only files that you trust."
)

Architecture = Annotated[
    str,
    typer.Argument(metavar="ARCH", help=ARCHITECTURE_HELP, autocompletion=complete_architecture, show_default=False),
]
InputShape = Annotated[
    str | None,
    typer.Option("--input", metavar="CxHxW", help="Input shape instead of the description's, e.g. 3x224x224."),
]
Batch = Annotated[int, typer.Option("--batch", help="Images in a batch: multiplies bytes, never counts.")]
Dtype = Annotated[ElementType, typer.Option("--dtype", help="Element type of activations and weights.")]
ConventionName = Annotated[
    str,
    typer.Option(
        "--convention",
        metavar="NAME",
        help="Whose counts: torch, fvcore, thop ...; see `cnncalc conventions`.",
        autocompletion=complete_convention,
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Override a param of the description; repeatable.",
        autocompletion=complete_setting,
    ),
]
FORMAT_HELP = Phrase("How to write the result; otherwise the ending of --output decides.")
Format = Annotated[OutputFormat | None, typer.Option("--format", help=FORMAT_HELP, show_default=False)]
Output = Annotated[
    str | None, typer.Option("--output", "-o", metavar="FILE", help="Write to a file instead of the screen.")
]
FormattedOutput = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write to a file, in the format of its ending where it has one: .json, .csv, .md, .tex. "
        "--format may not say another.",
    ),
]

Quiet = Annotated[bool, typer.Option("--quiet", help="No warnings on standard error; JSON keeps them.")]


def shape(text: str | None) -> Shape | None:
    """Parse an input shape: 3x224x224, 3,224,224 or 3×224×224.

    Errors:  bad-shape
    """
    if text is None:
        return None
    from cnncalc.core.arithmetic import LARGEST
    from cnncalc.language.bounds import MOST_AXES

    parts = text.lower().replace("×", "x").replace(",", "x").strip("()[] ").split("x")
    numbers = [int(part) for part in parts if part.strip().isascii() and part.strip().isdigit() and len(part) < 20]
    if len(numbers) != len(parts) or not 1 <= len(numbers) <= MOST_AXES or not all(1 <= n <= LARGEST for n in numbers):
        raise InputError.of(
            "bad-shape",
            "`{text}` is not an input shape",
            option_span("--input", text),
            help="write it as 3x224x224: channels first, without the batch",
            text=text,
        )
    return tuple(numbers)


def settings(pairs: list[str] | None) -> dict[str, str]:
    """`--set` values by name.

    Errors:  bad-setting
    """
    values = {}
    for pair in pairs or ():
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise InputError.of(
                "bad-setting",
                "`{text}` is not NAME=VALUE",
                option_span("--set", pair),
                help="write `--set width=32`",
                text=pair,
            )
        values[name.strip()] = value.strip()
    return values


def batch_size(batch: int) -> int:
    """A checked batch size.

    Errors:  bad-batch
    """
    from cnncalc.core.arithmetic import LARGEST

    if not 1 <= batch <= LARGEST:
        raise InputError.of(
            "bad-batch",
            "a batch has from 1 to {most:,} images, not {batch}",
            option_span("--batch", str(batch)),
            help="write `--batch 32`",
            most=LARGEST,
            batch=batch,
        )
    return batch


def levels(depth: int | None) -> int | None:
    """A checked number of levels to show.

    Errors:  bad-depth
    """
    if depth is not None and depth < 1:
        raise InputError.of(
            "bad-depth",
            "at least 1 level is shown, not {depth}",
            option_span("--depth", str(depth)),
            help="write `--depth 1`",
            depth=depth,
        )
    return depth


def word_span(word: str) -> Span:
    """The place of a word on the command line."""
    return Span(Source(COMMAND_LINE, word), 1, 1, len(word) + 1)


def option_span(option: str, text: str) -> Span:
    """The place of an option's value on the command line."""
    written = f"{option} {text}"
    return Span(Source(COMMAND_LINE, written), 1, len(option) + 2, len(written) + 1)


def report_of(
    architecture: str,
    input: str | None,
    batch: int,
    dtype: ElementType,
    convention: str,
    pairs: list[str] | None = None,
) -> Any:
    """The report of a network by the common options."""
    from cnncalc.language.load import load

    numbers = analyzer_of(batch, dtype, convention)
    return numbers(load(architecture, params=settings(pairs), input=shape(input)))


def analyzer_of(batch: int, dtype: ElementType, convention: str) -> Any:
    """The function that analyzes a graph by the common options.

    Errors:  bad-batch, unknown-convention
    """
    from cnncalc.analysis import conventions
    from cnncalc.analysis.infer import analyze
    from cnncalc.core.tensor import DType

    size, counting = batch_size(batch), conventions.convention(convention, option_span("--convention", convention))
    return lambda graph: analyze(graph, batch=size, dtype=DType(dtype.value), convention=counting)
