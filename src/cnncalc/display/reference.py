"""`cnncalc layers` on a screen: layer types, from their docstrings and options, and constructs of the language."""

from __future__ import annotations

import re
from inspect import getdoc

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cnncalc.core.breaking import wrapped_lines
from cnncalc.core.translation import Listed, _, running_text, said
from cnncalc.display.ledger import flush_left
from cnncalc.display.screen import Cell
from cnncalc.language.expectation import expectation
from cnncalc.language.reference.catalogue import SECTIONS
from cnncalc.language.reference.construct import Construct
from cnncalc.language.reference.file import EVERY_LAYER
from cnncalc.language.reference.groups import GROUPS
from cnncalc.layers.base import Layer
from cnncalc.layers.catalogue import ADDRESSES, resolve


def show_all(console: Console) -> None:
    """Print every layer type with its shapes, and the constructs of the language."""
    name_width = max(map(len, ADDRESSES))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(_("Type"), no_wrap=True, style="cyan")
    table.add_column(_("Shape"), overflow="fold")
    family = ""
    for name, address in ADDRESSES.items():
        module = address.partition(":")[0]
        if family and module != family:
            table.add_section()
        family = module
        table.add_row(name, Cell(Text(_fact(resolve(name), "Shape"))))
    console.print(table)
    for section in SECTIONS:
        constructs = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        constructs.add_column(Text(f"{section.title}"), no_wrap=True, style="cyan", min_width=name_width)
        constructs.add_column(_("Meaning"))
        for name, construct in section.constructs.items():
            constructs.add_row("\n".join((name, *construct.also)), Cell(Text(f"{construct.summary}")))
        console.print(constructs)
    closing = (
        _("cnncalc layers NAME shows one layer type with its options, or one construct with an example."),
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
            _("required") if required else Text(value_text(field.default)),
            Cell(_option_text(layer, option)),
        )
    console.print(table)


def show_construct(console: Console, name: str, construct: Construct) -> None:
    """Print what a construct of the language is, its keys and an example."""
    console.print(Text.assemble((name, "bold cyan"), "  ", f"{construct.summary}"))
    console.print(Text(f"{construct.details}"))
    if construct.keys:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        table.add_column(_("Key"), no_wrap=True, style="cyan")
        table.add_column(_("Meaning"))
        for key, meaning in construct.keys.items():
            table.add_row(Text(key), Cell(Text(f"{meaning}")))
        console.print(table)
    if name in GROUPS.constructs:
        keys = Listed((f"`{key}`" for key in EVERY_LAYER.constructs), ",")
        console.print(Text(said("It takes the keys of every layer, too: {keys}.", keys=keys)))
    console.print(Text.assemble("\n", (_("Example"), "bold")))
    console.print(Text("".join(f"  {line}\n" for line in construct.example.splitlines())), end="", soft_wrap=True)


def _option_text(layer: type[Layer], option: str) -> Text:
    """The meaning of an option, and the values that it takes."""
    return Text.assemble(f"{layer.meaning(option)}\n", (f"{expectation(layer, option)}", "dim"))


def _fact(layer: type[Layer], name: str) -> str:
    """One labelled part of a layer's docstring, in the language in use."""
    return _(labelled_text(getdoc(layer) or "", name))


def labelled_text(description: str, name: str) -> str:
    """The text after a label, on its line and the indented lines below it."""
    found = re.search(rf"^{name}:(.*(?:\n +.*)*)", description, re.MULTILINE)
    return " ".join(found[1].split()) if found else ""


def value_text(value: object) -> str:
    """A default as it is written in a description."""
    if isinstance(value, tuple):
        return value_text(value[0]) if len(value) == 1 else f"[{', '.join(map(value_text, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
