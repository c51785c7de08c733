"""What a user can read, found in the sources: the messages that a catalogue has to translate.

Messages are literals: of `_`, `said` and `Phrase`, the sentences of objections, the help of the command line, what
describes commands, paragraph by paragraph, and layers, the names of kinds of operations, and what the built-in networks
say of their accuracy.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path
from typing import Any, NamedTuple

from cnncalc.cli.help_translation import comments, paragraphs
from cnncalc.display.reference import labelled_text
from cnncalc.layers.catalogue import ADDRESSES

SOURCES = Path(__file__).parents[2] / "src" / "cnncalc"

ARCHITECTURES = SOURCES.parents[1] / "architectures"

SPOKEN = {"_", "said", "Phrase"}
"""What takes a message first."""

OBJECTING = {"Fault": 1, "of": 1, "Diagnostic": 1, "_error": 1, "require": 2}
"""What makes an objection, and where its sentence stands among the arguments."""

PHRASED = {"wrong_kind": (1, 2), "check_groups": (2,), "check_keys": (2,)}
"""What makes phrases of some of its arguments."""

SENTENCES = {"message", "help", "label", "otherwise"}
"""Keywords that are sentences."""

OPTIONS = {"Option", "Argument"}

REASONS = "global_by"
"""The rule of a layer that gives a phrase."""

KINDS = "Op"
"""The enumeration whose values are read by people, too."""

CLASSES = {address.partition(":")[2] for address in ADDRESSES.values()}
"""Layers that have a type."""

WORD = re.compile(r"(?<![\w*])[a-z]{2,}(?!\w)")
"""A word of running text, and no symbol or option."""


class Message(NamedTuple):
    """One text, and where it stands."""

    text: str
    path: Path
    line: int


def messages() -> list[Message]:
    """Every message of the sources, in order."""
    found = [message for path in sorted(SOURCES.rglob("*.py")) for message in in_module(path)]
    found += [message for path in sorted(ARCHITECTURES.glob("*.yaml")) for message in of_accuracies(path)]
    return list({message.text: message for message in reversed(found)}.values())[::-1]


def in_module(path: Path) -> Iterator[Message]:
    """The messages of one module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for part in _spoken(node):
                yield from (Message(text, path, line) for text, line in _literals(part) if _says_something(text))
        if isinstance(node, ast.Dict):  # what JSON Schema says of an option is said in objections, too
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "description":
                    yield from (Message(text, path, line) for text, line in _literals(value))
        if isinstance(node, ast.FunctionDef) and node.name == REASONS:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and inner.value is not None:
                    yield from (Message(text, path, line) for text, line in _literals(inner.value) if text)
        if isinstance(node, ast.ClassDef) and node.name == KINDS:
            for value in (part.value for part in node.body if isinstance(part, ast.Assign)):
                yield from (Message(text, path, line) for text, line in _literals(value))
    package = path.relative_to(SOURCES).parts[0]
    if package == "cli":
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name in (path.stem, "root"):
                help = cleandoc(ast.get_docstring(node) or "")
                yield from (Message(prose, path, node.lineno) for prose, _typed in paragraphs(help) if prose)
                typed = "\n".join(typed for _prose, typed in paragraphs(help))
                yield from (Message(comment, path, node.lineno) for comment in comments(typed))
    if package == "layers":
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and node.name in CLASSES and (said := ast.get_docstring(node)):
                yield Message(" ".join(said.partition("\n\n")[0].split()), path, node.lineno)
                shape = labelled_text(said, "Shape")
                if WORD.search(shape):
                    yield Message(shape, path, node.lineno)
                source = labelled_text(said, "Source")
                if " " in source:  # more than the name of a class
                    yield Message(source, path, node.lineno)


def of_accuracies(path: Path) -> Iterator[Message]:
    """What a description says of an accuracy: where it was published, and what was measured."""
    for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        for quoted, plain in re.findall(r'(?:source|measure): (?:"([^"]*)"|([^,}"]+))', text):
            said = quoted or plain
            if re.search(r"(?<![\w*/-])(?!torchvision|pretrainedmodels)[a-z]{2,}(?![\w/-])", said):
                yield Message(said, path, line)


def _says_something(text: str) -> bool:
    """Whether there is more in a text than one fact."""
    return bool(text.strip()) and not re.fullmatch(r"\{\w+\}", text)


def _spoken(call: ast.Call) -> Iterator[ast.expr]:
    """The arguments of a call that are shown to somebody."""
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    if name in SPOKEN:
        yield from call.args[:1]
    if name in OBJECTING:
        yield from call.args[OBJECTING[name] : OBJECTING[name] + 1]
        yield from (keyword.value for keyword in call.keywords if keyword.arg in SENTENCES)
    for place in PHRASED.get(name, ()):
        yield from call.args[place : place + 1]
    if name == "did_you_mean":
        yield from call.args[2:3]
    if name in OPTIONS:
        yield from (keyword.value for keyword in call.keywords if keyword.arg == "help")


def _literals(node: ast.expr) -> Iterator[tuple[str, int]]:
    """Whole literals of an expression: of either side of a condition, not those handed to further calls."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node.value, node.lineno
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _literals(value)


def extract(fileobj: Any, keywords: Any, comment_tags: Any, options: Any) -> Iterator[tuple[int, str, str, list[str]]]:
    """The messages of one module, as Babel asks for them."""
    for message in in_module(Path(fileobj.name).resolve()):
        yield message.line, "", message.text, []
