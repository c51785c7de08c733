"""`cnncalc list`."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Annotated, Any

import typer

from cnncalc.cli.completion import complete_fact, complete_family
from cnncalc.cli.options import FORMAT_HELP, FormattedOutput, PlainFormat, option_span, word_span
from cnncalc.core.translation import Phrase, _

COLUMNS = ("year", "title", "params", "macs", "accuracy")
"""What `--columns` accepts besides the name."""


def list_architectures(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME | FAMILY",
            help="A network, or a family: the word before its variants, as resnet.",
            autocompletion=complete_family,
            show_default=False,
        ),
    ] = None,
    figures: Annotated[bool, typer.Option("--figures", help="Compute parameters and MACs of every network.")] = False,
    columns: Annotated[
        str | None,
        typer.Option(
            "--columns",
            metavar="A,B,C",
            help="Columns of the table: year, title, params, macs, accuracy.",
            autocompletion=complete_fact,
        ),
    ] = None,
    format: Annotated[PlainFormat | None, typer.Option("--format", help=FORMAT_HELP, show_default=False)] = None,
    output: FormattedOutput = None,
) -> None:
    """The built-in architectures, family by family.

    \b
    Examples:
      cnncalc list
      cnncalc list resnet
      cnncalc list mobilenet --columns year,params,macs
      cnncalc list --figures
      cnncalc list --format json
    """
    from cnncalc.cli.emit import emit_screen, emit_text, is_terminal
    from cnncalc.cli.formats import chosen_format
    from cnncalc.language import collection

    format = chosen_format(format, output, PlainFormat)
    chosen = _chosen(columns, figures, format)
    entries = collection.entries(name, None if name is None else word_span(name))
    totals = {}
    if figures or {"params", "macs"}.intersection(chosen):
        from cnncalc.analysis.infer import analyze
        from cnncalc.language.load import load

        shown: AbstractContextManager[Any] = nullcontext()
        if is_terminal():
            from cnncalc.display.progress import progress

            shown = progress("", len(entries))
        with shown as bar:
            tick = bar.during(_("Computing figures")) if bar else lambda name: None
            for entry in entries:
                tick(entry.name)
                totals[entry.name] = analyze(load(entry.name)).totals()
    if format is PlainFormat.json:
        from cnncalc.exporters.collection import collection_json

        emit_text(collection_json(entries, totals), output)
    else:
        from cnncalc.display.collection import show

        emit_screen(lambda console: show(console, entries, totals, chosen, pinned=columns is not None), output)


def _titles() -> dict[str, Phrase]:
    """The titles of the columns by their keys, and of the name."""
    titles = (Phrase("Name"), Phrase("Year"), Phrase("Title"), Phrase("Params"), Phrase("MACs"), Phrase("Accuracy"))
    return dict(zip(("name", *COLUMNS), titles, strict=True))


def _chosen(columns: str | None, figures: bool, format: PlainFormat) -> list[str]:
    """The keys of the columns to show, besides the name.

    Errors:  usage, unknown-column
    """
    if columns is None:
        return [key for key in COLUMNS if figures or key not in ("params", "macs")]
    from cnncalc.analysis.table import keys_of

    if format is PlainFormat.json:
        from cnncalc.core.errors import InputError

        raise InputError.of(
            "usage",
            "--columns shapes a table, and JSON always has every fact",
            option_span("--columns", columns),
            help="leave it out; `--figures` adds parameters and MACs",
        )
    keys = [key for key in keys_of(columns, _titles()) if key != "name"]
    return [*keys, *(key for key in ("params", "macs") if figures and key not in keys)]
