"""`cnncalc show`."""

from __future__ import annotations

from typing import Annotated

import typer

from cnncalc.cli.completion import complete_name
from cnncalc.cli.options import Output


def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A built-in name.", autocompletion=complete_name)],
    output: Output = None,
) -> None:
    """The YAML description of a built-in architecture: a start for one of your own.

    \b
    Examples:
      cnncalc show resnet50
      cnncalc show nin --output my_nin.yaml
    """
    from cnncalc.cli.completion import DESCRIPTIONS
    from cnncalc.cli.emit import emit_text
    from cnncalc.cli.formats import format_of_ending
    from cnncalc.core.errors import InputError
    from cnncalc.language import collection

    format_of_ending(output, (), plain=".yaml")
    if name.endswith(DESCRIPTIONS):
        raise InputError.of(
            "unknown-architecture",
            "built-in descriptions are shown, and `{name}` is the name of a file",
            help="open it in an editor; `cnncalc summarize {name}` shows its numbers",
            name=name,
        )
    emit_text(collection.find(name).span.source.text, output)
