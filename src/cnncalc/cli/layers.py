"""`cnncalc layers`."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli.completion import complete_reference
from cnncalc.cli.options import word_span
from cnncalc.core.errors import InputError
from cnncalc.core.translation import Listed

OTHER_WORDS = {
    "residual": "shortcut skip skip_connection resblock",
    "branches": "branch inception parallel paths",
    "repeat": "each for loop times",
    "block": "def function module",
    "when": "condition if",
    "params": "arguments variables width",
    "import": "include",
}
"""Construct of the language -> other words for it."""


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
    from cnncalc.layers.catalogue import ADDRESSES, resolve

    if name in names():
        emit_screen(lambda console: show_construct(console, name, documented(name)), None)
        return
    if name in ADDRESSES:
        emit_screen(lambda console: show_one(console, name, resolve(name)), None)
        return
    alike = [type for type in ADDRESSES if name.lower() in type]
    meant = next((construct for construct, words in OTHER_WORDS.items() if name.lower() in words.split()), None)
    owner = next((type for type in ADDRESSES if name in resolve(type).model_fields), None)
    if meant or owner or len(alike) > 1:
        raise InputError.of(
            "unknown-layer",
            "there is no layer `{name}`",
            word_span(name),
            help="write `{command}`"
            if meant
            else "the layers of this name are {alike}"
            if len(alike) > 1
            else "it is an option of layers, as shown by `cnncalc layers {owner}`",
            name=name,
            command=f"cnncalc layers {meant}",
            alike=Listed(alike, ","),
            owner=owner,
        )
    layer_class(name, word_span(name), tuple(names()), "cnncalc layers ")  # there is none, which it says
