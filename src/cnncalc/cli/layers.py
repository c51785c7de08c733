"""`cnncalc layers`."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli.completion import complete_reference
from cnncalc.cli.options import word_span


def layers(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="A layer type, or a construct of the language.",
            autocompletion=complete_reference,
            show_default=False,
        ),
    ] = None,
) -> None:
    """The layer types and the constructs of the language; with a name, the options and defaults of one.

    \b
    Examples:
      cnncalc layers
      cnncalc layers conv2d
      cnncalc layers residual
    """
    from cnncalc.cli.emit import emit_screen
    from cnncalc.display.reference import show_all, show_construct, show_one

    if name is None:
        emit_screen(show_all, None)
        return
    from cnncalc.language.options import layer_class
    from cnncalc.language.reference.catalogue import documented, names

    if name in names():
        emit_screen(lambda console: show_construct(console, name, documented(name)), None)
        return
    if (owner := _owner(name)) is not None:
        from cnncalc.core.errors import InputError

        raise InputError.of(
            "unknown-layer",
            "there is no layer `{name}`",
            word_span(name),
            help="it is an option of layers, as shown by `cnncalc layers {owner}`",
            name=name,
            owner=owner,
        )
    found = layer_class(name, word_span(name), tuple(names()), "cnncalc layers ")
    emit_screen(lambda console: show_one(console, name, found), None)


def _owner(name: str) -> str | None:
    """The first layer type that has an option of this name; None if none has."""
    from cnncalc.layers.catalogue import ADDRESSES, resolve

    if name in ADDRESSES:
        return None
    return next((kind for kind in ADDRESSES if name in resolve(kind).model_fields), None)
