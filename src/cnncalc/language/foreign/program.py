"""Programs of other frameworks that are given in the place of a description: their layers, as one to copy."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from textwrap import dedent
from typing import Any

from cnncalc.core.errors import Diagnostic, InputError, Source, Span
from cnncalc.core.translation import Phrase
from cnncalc.language.foreign.calls import LONGEST, Call, Entry, call_in, notation, value_of
from cnncalc.language.foreign.table import CHANNELS_LAST
from cnncalc.language.foreign.translation import CONTAINERS, MODULES, Translation, joined, translated
from cnncalc.layers.base import Layer
from cnncalc.layers.catalogue import resolve

MOST_CHARACTERS = 60_000
"""Length of a program that is read."""

MOST_CALLS = 300
"""Calls in a program that are read."""

MOST_LINES = 200
"""Lines of a description that are shown."""

STATEMENT = re.compile(
    r"^[ \t]*(?:(?:self\.)?\w+[ \t]*=[ \t]*(?:nn|torch|layers|keras|tf|F|models|[A-Z]\w*)\b[\w.]*\("
    r"|(?:nn|torch|layers|keras|tf|models)\.[\w.]+\("
    r"|\w{0,40}model\w{0,40}\.add\(|class[ \t]+\w+\(.*\):|def[ \t]+\w+\(self"
    r"|(?:import|from)[ \t]+(?:torch|keras|tensorflow))",
    re.MULTILINE,
)
"""What lines of a program look like, and those of a description do not."""

_CALL = re.compile(r"(?:\bself\.(?P<name>\w+)[ \t]*=[ \t]*)?(?<![\w.])(?P<call>(?:[A-Za-z_]\w*\.)*[A-Za-z_]\w*)\(")


def program_error(source: Source, error: InputError | None = None) -> InputError | None:
    """The error that shows the layers of a program; None if the source is a description, or has none to show.

    `error` is what was said of the source as a description.
    """
    text = source.text
    if len(text) > MOST_CHARACTERS or not (found := STATEMENT.search(text)):
        return None
    places = [one.span.line for one in error.diagnostics if one.span] if error else []
    if re.search(r"^layers:", text, re.MULTILINE) and not any(STATEMENT.search(source.line(n)) for n in places):
        return None
    calls, is_cut = _calls(text)
    made = _forward(text) or _defined(calls, is_cut)
    if not made.entries:
        return None
    number = text.count("\n", 0, found.start() + len(found[0]) - len(found[0].lstrip())) + 1
    line = source.line(number)
    column = len(line) - len(line.lstrip()) + 1
    notes = [Phrase("nothing here corresponds to `{option}`", option=option) for option in dict.fromkeys(made.lost)]
    lines = [
        f"input: {notation(_input(text, calls, made.of_keras))}",
        "layers:",
        *(f"  {entry}" for entry in made.entries),
    ]
    if (hidden := len(lines) - MOST_LINES) > 0:
        notes.append(Phrase("... and {hidden:,} more", hidden=hidden))
    return InputError(
        [
            Diagnostic(
                "another-framework",
                "this is a program for another framework, not a description",
                {},
                Span(source, number, column, len(line.rstrip()) + 1),
                notes=(*made.notes, *notes, *([CHANNELS_LAST] if made.of_keras else [])),
                help="write this into a file that ends in .yaml, with the shape of your input",
                example=tuple(lines[:MOST_LINES]),
            )
        ]
    )


def _calls(text: str) -> tuple[list[Call], bool]:
    """The calls of a text that are layers, in order, those inside of containers as well; whether there are too many."""
    calls: list[Call] = []
    place = read = 0
    while match := _CALL.search(text, place):
        place = match.end()
        name = match["call"].rpartition(".")[2]
        if name in CONTAINERS or not name[0].isupper():
            continue
        if read == MOST_CALLS:
            return calls, True
        read += 1
        written = _up_to_bracket(text, match.start("call"))
        call = call_in(re.sub(r"#.*", "", written)) if written else None
        if call is None:
            continue
        calls.append(call._replace(assigned=match["name"] or ""))
        place = match.start("call") + len(written)
    return calls, False


def _up_to_bracket(text: str, start: int) -> str:
    depth = 0
    for place in range(start, min(start + LONGEST, len(text))):
        depth += (text[place] == "(") - (text[place] == ")")
        if text[place] == ")" and depth == 0:
            return text[start : place + 1]
    return ""


def _defined(calls: list[Call], is_cut: bool) -> Translation:
    """The layers in the order in which they are defined."""
    made = [one for call in calls if (one := translated(call))]
    notes = []
    if is_cut:
        notes.append(Phrase("the first {most} calls of the program are read, and no more", most=MOST_CALLS))
    if any(call.assigned for call in calls):
        notes.append(
            Phrase(
                "the order is that of the definitions: put the layers, and what `forward` does besides, in its order"
            )
        )
    whole = joined([*made, Translation([], (), tuple(notes))])
    if not any(call.assigned for call in calls):
        return whole
    return whole._replace(entries=list(_flattened(whole.entries)))


def _flattened(entries: list[Entry]) -> Iterator[Entry]:
    """The entries, with the flatten that a linear layer needs between it and a map."""
    is_map = False
    for entry in entries:
        if entry.type == "linear" and is_map:
            yield Entry("flatten", {})
        is_map = resolve(entry.type).axes is not None or (is_map and entry.type not in ("flatten", "linear"))
        yield entry


def _input(text: str, calls: list[Call], of_keras: bool) -> tuple[Any, ...]:
    """The shape of the input, as far as the program, or a description around it, says it."""
    if described := re.search(r"^input:\s*\[([\d ,]+)\]", text, re.MULTILINE):
        return tuple(int(size) for size in described[1].split(",") if size.strip())
    shape = re.search(r"\b(?:input_)?shape\s*=\s*[\[(]\s*((?:\d+\s*,\s*)*\d+)\s*,?\s*[\])]", text)
    if shape:
        sizes = [int(size) for size in shape[1].split(",")[:5] if len(size) < 10]
        return (sizes[-1], *sizes[:-1]) if len(sizes) > 1 else tuple(sizes)
    first = calls[0] if calls else Call("")
    given = [
        *([] if of_keras else first.args[:1]),
        first.keywords.get("in_channels"),
        first.keywords.get("in_features"),
        3,
    ]
    channels = next(size for size in given if isinstance(size, int) and size > 0)
    if first.name.endswith("Linear"):
        return (channels,)
    return (channels, *_EXTENTS.get(first.name[-2:], (224, 224)))


_EXTENTS = {"1d": (100,), "3d": (16, 112, 112)}


class _Unclear(Exception):
    """A program does something else than one layer after the other."""


def _forward(text: str) -> Translation | None:
    """The layers in the order in which a module's `forward` calls them; None where it is no plain chain."""
    try:
        tree = ast.parse(dedent(text))
        layers = _attributes(tree)
        forward = next(
            node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in ("forward", "call")
        )
        chain = _Chain(layers, forward.args.args[1].arg)
        for statement in forward.body:
            chain.run(statement)
    except (SyntaxError, ValueError, RecursionError, MemoryError, StopIteration, IndexError, _Unclear):
        return None
    return chain.translation()


def _attributes(tree: ast.AST) -> dict[str, Translation]:
    """The layers that a module keeps, by the attribute's name."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Attribute):
            call = value_of(node.value)
            made = translated(call) if isinstance(call, Call) else None
            if made is not None:
                found[node.targets[0].attr] = made
    return found


class _Chain:
    """The layers that a `forward` has called so far."""

    def __init__(self, layers: dict[str, Translation], variable: str) -> None:
        self.layers = layers
        self.variable = variable
        self.used: dict[str, int] = {}  # attribute -> where its first call stands among those made
        self.made: list[Translation] = []

    def run(self, statement: ast.stmt) -> None:
        """Follow one statement."""
        match statement:
            case ast.Expr(value=ast.Constant()):
                pass
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self.follow(value)
                self.variable = name
            case ast.Return(value=ast.expr() as value):
                self.follow(value)
            case _:
                raise _Unclear

    def follow(self, node: ast.expr) -> None:
        """Follow an expression from the inside to the outside."""
        match node:
            case ast.Name(id=name) if name == self.variable:
                return
            case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=name), args=[inner]) if (
                name in self.layers
            ):
                self.follow(inner)
                self._call(name)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=module)), args=[inner, *_]) if module in MODULES:
                self.follow(inner)
                self._function(node)
            case ast.Call(func=ast.Attribute(value=inner)) if not (
                isinstance(inner, ast.Name) and inner.id in (*MODULES, "self")
            ):
                self.follow(inner)
                self._function(node)
            case _:
                raise _Unclear

    def _function(self, node: ast.expr) -> None:
        """Add a function, or a method of a tensor, without what it is called on."""
        assert isinstance(node, ast.Call)
        assert isinstance(node.func, ast.Attribute)
        module = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
        args = tuple(map(value_of, node.args))
        if module in MODULES:
            args = ("x", *args[1:])
        keywords = {keyword.arg: value_of(keyword.value) for keyword in node.keywords if keyword.arg}
        made = translated(Call(f"{module or 'x'}.{node.func.attr}", args, keywords))
        if made is None:
            raise _Unclear
        self.made.append(made)

    def _call(self, name: str) -> None:
        """Add the layers of an attribute: named at the first call, sharing their weights at a further one."""
        made = self.layers[name]
        paths = [name] if len(made.entries) == 1 else [f"{name}.{number}" for number in range(len(made.entries))]
        named = [Entry(one.type, {"name": path, **one.options}) for path, one in zip(paths, made.entries, strict=True)]
        if name not in self.used:
            self.used[name] = len(self.made)
            self.made.append(made if len(paths) > 1 else made._replace(entries=named))
            return
        first = self.used[name]
        self.made[first] = self.made[first]._replace(entries=named)
        shared = [
            Entry(one.type, {"share": path, **one.options} if _has_weights(one) else one.options)
            for path, one in zip(paths, made.entries, strict=True)
        ]
        self.made.append(made._replace(entries=shared))

    def translation(self) -> Translation | None:
        """All of them, one after the other."""
        return joined(self.made) if self.made else None


def _has_weights(entry: Entry) -> bool:
    return resolve(entry.type).weights is not Layer.weights
