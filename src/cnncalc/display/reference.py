"""`cnncalc layers` on a screen: the reference of layer types, from their own docstrings and options."""

from __future__ import annotations

import re
from inspect import getdoc

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cnncalc.core.breaking import wrapped_lines
from cnncalc.core.translation import _, running_text
from cnncalc.display.ledger import flush_left
from cnncalc.language.options import expectation
from cnncalc.layers.base import Layer
from cnncalc.layers.catalogue import ADDRESSES, resolve


def show_all(console: Console) -> None:
    """Print every layer type with its shapes."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(_("Type"), no_wrap=True, style="cyan")
    table.add_column(_("Shape"), overflow="fold")
    family = ""
    for name, address in ADDRESSES.items():
        module = address.partition(":")[0]
        if family and module != family:
            table.add_section()
        family = module
        table.add_row(name, Text(_fact(resolve(name), "Shape")))
    console.print(table)
    closing = (
        _("cnncalc layers TYPE shows the options of one."),
        _("Shapes are channels first, without the batch."),
    )
    console.print(Text(running_text(closing), style="dim"))


def show_one(console: Console, name: str, layer: type[Layer]) -> None:
    """Print what one layer does, its shapes and its options."""
    summary = " ".join((getdoc(layer) or "").partition("\n\n")[0].split())
    console.print(Text.assemble((name, "bold cyan"), "  ", _(summary)))
    for fact, title in (("Shape", _("Shape")), ("Errors", _("Errors")), ("Source", _("Source"))):
        if found := _fact(layer, fact):
            lines = "\n".join(wrapped_lines(found, console.width - 10)).replace("\n", "\n" + " " * 10)
            console.print(Text.assemble((f"  {flush_left(title, 8)}", "bold"), lines))
    if not layer.model_fields:
        console.print("\n" + _("It takes no options."))
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(_("Option"), no_wrap=True, style="cyan")
    table.add_column(_("Default"), no_wrap=True)
    table.add_column(_("Expects"))
    for option, field in layer.model_fields.items():
        required = field.is_required()
        table.add_row(
            option,
            _("required") if required else Text(_written(field.default)),
            _explained(layer, option),
        )
    console.print(table)


def _explained(layer: type[Layer], option: str) -> Text:
    """What an option means, where that is written down, and what it takes."""
    expected, meaning = f"{expectation(layer, option)}", f"{layer.meaning(option)}"
    return Text.assemble(f"{meaning}\n", (expected, "dim")) if meaning else Text(expected)


def _fact(layer: type[Layer], name: str) -> str:
    """One labelled stretch of a layer's docstring, in the language in use where it is in words."""
    return _(labelled(getdoc(layer) or "", name))


def labelled(description: str, name: str) -> str:
    """What stands behind a label, on its line and those that are set in below it."""
    found = re.search(rf"^{name}:(.*(?:\n +.*)*)", description, re.MULTILINE)
    return " ".join(found[1].split()) if found else ""


def _written(value: object) -> str:
    if isinstance(value, tuple):
        return _written(value[0]) if len(value) == 1 else f"[{', '.join(map(_written, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
