"""`cnncalc list`."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Annotated, Any

import typer

from cnncalc.cli.options import FORMAT_HELP, FormattedOutput, PlainFormat


def list_architectures(
    figures: Annotated[bool, typer.Option("--figures", help="Compute parameters and MACs of every network.")] = False,
    format: Annotated[PlainFormat | None, typer.Option("--format", help=FORMAT_HELP, show_default=False)] = None,
    output: FormattedOutput = None,
) -> None:
    """The built-in architectures, family by family.

    \b
    Examples:
      cnncalc list
      cnncalc list --figures
      cnncalc list --format json
    """
    from cnncalc.cli.emit import emit_screen, emit_text, is_terminal
    from cnncalc.cli.formats import chosen_format
    from cnncalc.language import collection

    format = chosen_format(format, output, PlainFormat)
    entries = collection.entries()
    totals = {}
    if figures:
        from cnncalc.analysis.infer import analyze
        from cnncalc.language.load import load

        bar: AbstractContextManager[Any] = nullcontext(lambda name: None)
        if is_terminal():
            from cnncalc.display.progress import progress

            bar = progress(len(entries))
        with bar as tick:
            for entry in entries:
                tick(entry.name)
                totals[entry.name] = analyze(load(entry.name)).totals()
    if format is PlainFormat.json:
        from cnncalc.exporters.collection import collection_json

        emit_text(collection_json(entries, totals), output)
    else:
        from cnncalc.display.collection import show

        emit_screen(lambda console: show(console, entries, totals), output)
