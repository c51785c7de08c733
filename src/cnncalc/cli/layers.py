"""`cnncalc layers`."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli.options import complete_layer


def layers(
    type: Annotated[
        str | None,
        typer.Argument(metavar="[TYPE]", help="A layer type.", autocompletion=complete_layer, show_default=False),
    ] = None,
) -> None:
    """The layer types; with a type, its shapes, options and defaults.

    \b
    Examples:
      cnncalc layers
      cnncalc layers conv2d
    """
    from cnncalc.cli.emit import emit_screen
    from cnncalc.display.reference import show_all, show_one

    if type is None:
        emit_screen(show_all, None)
        return
    from cnncalc.core.errors import COMMAND_LINE, Source, Span
    from cnncalc.language.options import layer_class

    found = layer_class(type, Span(Source(COMMAND_LINE, type), 1, 1, len(type) + 1), command="cnncalc layers ")
    emit_screen(lambda console: show_one(console, type, found), None)
