"""`cnncalc list`."""

from __future__ import annotations


def list_architectures() -> None:
    """The built-in architectures, family by family.

    \b
    Example:
      cnncalc list
    """
    from cnncalc.cli.emit import emit_screen
    from cnncalc.display.collection import show
    from cnncalc.language import collection

    emit_screen(lambda console: show(console, collection.entries()), None)
