"""YAML with positions: a tree of values, each with its place in the source, for diagnostics.

The tree is built from parser events in one loop without recursion, so that depth and size are bounded before they cost
anything. Scalars follow YAML 1.2, while the parser underneath follows YAML 1.1 for `yes` and `010`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from cnncalc.core.errors import Diagnostic, InputError, Source, Span

MOST_CHARACTERS = 500_000
"""Length of a description; those of the largest published networks have a tenth of it."""

MOST_VALUES = 50_000
"""Values in a description, with aliases written out."""

DEEPEST = 50
"""Levels of nesting in a description."""

Plain = str | int | float | bool | None


class Scalar(NamedTuple):
    """A scalar: `text` as it was typed, and its `value` in YAML 1.2.

    `repair` is how to write a text that YAML cuts at a comma, as `min(i, 3)` between braces; else it is empty.
    """

    value: Plain
    text: str
    span: Span
    quoted: bool = False
    repair: str = ""


class Sequence(NamedTuple):
    """A list and its place."""

    items: tuple[Value, ...]
    span: Span


class EntryPlaces(NamedTuple):
    """The places of the entries of a mapping, computed when a diagnostic needs them."""

    mapping: Mapping | None

    def get(self, name: str, default: Span | None = None) -> Span | None:
        """The span of an entry, or the default if there is no such entry."""
        if self.mapping is None or name not in self.mapping.keys:
            return default
        return self.mapping.entry_span(name)


class Mapping(NamedTuple):
    """A mapping, in the order written; keys have places, too."""

    keys: dict[str, Scalar]
    values: dict[str, Value]
    span: Span

    def entries(self) -> Iterator[tuple[Scalar, Value]]:
        """(key, value) in the order written."""
        for name, key in self.keys.items():
            yield key, self.values[name]

    def entry_span(self, name: str) -> Span:
        """The span from the key to the end of its value, or of the key alone if the value is on another line."""
        key, value = self.keys[name].span, self.values[name].span
        return key._replace(end_column=value.end_column if value.line == key.line else key.end_column)


Value = Scalar | Sequence | Mapping


def parse(source: Source, problems: list[Diagnostic] | None = None) -> Value:
    """Parse a source, which holds one document.

    With a list of `problems`, wrong entries are left out and their diagnostics added to it, instead of being raised.

    Errors:  not-yaml, duplicate-key, too-large, too-deep, empty-document, unknown-anchor
    """
    if len(source.text) > MOST_CHARACTERS:
        raise InputError.of(
            "too-large",
            "{name} has {length:,} characters, more than the {most:,} that a description may have",
            help="write repeated layers once, with `repeat` or a block",
            name=source.name,
            length=len(source.text),
            most=MOST_CHARACTERS,
        )
    # The C parser is an order of magnitude faster; both give the same events.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        composer = _Composer(source)
        root = composer.compose(yaml.parse(source.text, Loader=loader))
    except yaml.MarkedYAMLError as error:
        from cnncalc.language.text.not_yaml import syntax_error

        raise syntax_error(source, error) from None
    except (yaml.YAMLError, ValueError):
        from cnncalc.language.text.not_yaml import bad_character

        raise bad_character(source) from None
    if composer.problems and (problems is None or root is UNREAD):
        raise InputError(composer.problems)
    if problems is not None:
        problems += composer.problems
    return root


def too_deep(span: Span) -> InputError:
    """The error for a value that is nested too deeply, whether the composer or the parser found it."""
    return InputError.of(
        "too-deep",
        "this is nested more than {most} levels deep",
        span,
        help="use fewer levels; a block keeps a part on its own",
        most=DEEPEST,
    )


UNREAD = Scalar("", "", Span(Source("", ""), 1, 1, 1))
"""The value of an entry with an unknown tag, which is left out of its list or mapping."""


class _Open:
    """A list or mapping whose end event is still to come."""

    def __init__(self, span: Span, anchor: str | None, is_mapping: bool, is_flow: bool, is_read: bool) -> None:
        self.span = span
        self.is_flow = is_flow
        self.is_read = is_read
        self.anchor = anchor
        self.is_mapping = is_mapping
        self.children: list[Value] = []
        self.size = 1


class _Composer:
    """Composes the tree of one document from parser events, within bounds."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.anchors: dict[str, tuple[Value, int]] = {}
        self.open: list[_Open] = []
        self.problems: list[Diagnostic] = []
        self.size = 0
        self.root: Value | None = None

    def compose(self, events: Iterator[Any]) -> Value:
        for event in events:
            match event:
                case yaml.ScalarEvent():
                    scalar = self._scalar(event) if self._is_read(event, SCALARS) else UNREAD
                    self._place(scalar, 1)
                    self._remember(event.anchor, scalar, 1)
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    self._begin(event)
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    self._end(event)
                case yaml.AliasEvent():
                    if event.anchor not in self.anchors:
                        self.problems += self._error(
                            "unknown-anchor",
                            "there is no anchor &{name} before this",
                            event,
                            help="write &{name} before the value that is meant; it cannot contain itself",
                            name=event.anchor,
                        ).diagnostics
                    self._place(*self.anchors.get(event.anchor or "", (UNREAD, 1)), self._span(event))
                case yaml.DocumentStartEvent():
                    if self.root is not None:
                        self.problems += self._error(
                            "not-yaml",
                            "a description is one document, and a second one begins here",
                            event,
                            help="remove the line `---`, or put the rest into a file of its own",
                        ).diagnostics
                        break
        if self.root is None or (isinstance(self.root, Scalar) and self.root.value is None):
            raise InputError.of(
                "empty-document",
                "{name} is empty",
                help="a description has an input and layers: `input: [3, 224, 224]` and `layers: [...]`",
                name=self.source.name,
            )
        return self.root

    def _begin(self, event: Any) -> None:
        if len(self.open) >= DEEPEST:
            raise too_deep(self._span(event))
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        is_read = self._is_read(event, ("map",) if is_mapping else ("seq",))
        self.open.append(_Open(self._span(event), event.anchor, is_mapping, bool(event.flow_style), is_read))

    def _end(self, event: Any) -> None:
        done = self.open.pop()
        span = done.span
        if event.end_mark.line == span.line - 1:  # flow style on one line: the whole of it
            span = span._replace(end_column=event.end_mark.column + 1)
        if done.is_flow:
            done.children = _join_cut_texts(done.children, 2 if done.is_mapping else 1)
        value: Value = self._mapping(done, span) if done.is_mapping else self._sequence(done, span)
        if not done.is_read:
            value = UNREAD
        self._place(value, done.size)
        self._remember(done.anchor, value, done.size)

    def _scalar(self, event: Any) -> Scalar:
        quoted = bool(event.style)
        is_text = quoted if event.tag in (None, "!") else event.tag == f"{CORE}str"
        value = event.value if is_text else resolve(event.value)
        return Scalar(value, event.value, self._span(event), quoted)

    def _sequence(self, done: _Open, span: Span) -> Sequence:
        return Sequence(tuple([child for child in done.children if child is not UNREAD]), span)

    def _mapping(self, done: _Open, span: Span) -> Mapping:
        keys: dict[str, Scalar] = {}
        values: dict[str, Value] = {}
        for key, value in zip(done.children[::2], done.children[1::2], strict=True):
            if key is UNREAD or value is UNREAD:
                continue
            if not isinstance(key, Scalar):
                fault = InputError.of("not-a-name", "a key must be a name", key.span, help="write `name: value`")
                self.problems += fault.diagnostics
                continue
            if key.text in keys:
                fault = InputError.of(
                    "duplicate-key",
                    "`{name}` is given twice, first on line {line}",
                    key.span,
                    help="keep one of them",
                    name=key.text,
                    line=keys[key.text].span.line,
                )
                self.problems += fault.diagnostics
            keys[key.text] = key
            values[key.text] = value
        return Mapping(keys, values, span)

    def _place(self, value: Value, size: int, alias: Span | None = None) -> None:
        """Add a finished value to the list or mapping around it."""
        if not self.open:
            self.root = value
            return
        parent = self.open[-1]
        parent.children.append(value)
        parent.size += size
        if parent.size > MOST_VALUES:
            raise InputError.of(
                "too-large",
                "{name} has more than {most:,} values once its aliases are written out",
                alias or value.span,
                help="write repeated layers once, with `repeat` or a block",
                name=self.source.name,
                most=MOST_VALUES,
            )

    def _remember(self, anchor: str | None, value: Value, size: int) -> None:
        if anchor is not None:
            self.anchors[anchor] = (value, size)

    def _is_read(self, event: Any, known: tuple[str, ...]) -> bool:
        """Whether a value is read: it has no tag or one of YAML's core schema; any other tag is a problem."""
        if event.tag in (None, "!", *(f"{CORE}{name}" for name in known)):
            return True
        self.problems += self._error(
            "unknown-tag",
            "the tag {tag} means nothing here",
            event,
            help="write the value without a tag",
            tag=event.tag.replace(CORE, "!!"),
        ).diagnostics
        return False

    def _span(self, event: Any) -> Span:
        start, end = event.start_mark, event.end_mark
        last = end.column + 1 if end.line == start.line else start.column + 2
        return Span(self.source, start.line + 1, start.column + 1, max(last, start.column + 2))

    def _error(self, code: str, message: str, event: Any, **details: Any) -> InputError:
        return InputError.of(code, message, self._span(event), **details)


MOST_PIECES = 20
"""Pieces into which commas cut one text."""


def _join_cut_texts(children: list[Value], step: int) -> list[Value]:
    """The children of a flow-style list (step 1) or mapping (step 2), each text that commas cut being one scalar."""
    joined: list[Value] = []
    at = 0
    while at < len(children):
        entry = children[at : at + step]
        key, first = _key_and_text(entry)
        pieces = _pieces(first, children, at, step)
        if pieces:
            text = _joined(pieces, key)
            if key is None:
                entry[0] = text
            else:
                entry[-1] = text if step == 2 else Mapping({key.text: key}, {key.text: text}, entry[0].span)
        joined += entry
        at += step * max(1, len(pieces))
    return joined


def _key_and_text(entry: list[Value]) -> tuple[Scalar | None, Value]:
    """The key of an entry of a flow-style list or mapping, if it has one, and the text that commas may cut."""
    first, last = entry[0], entry[-1]
    if len(entry) == 2:
        return (None, first) if _is_empty(last) or not isinstance(first, Scalar) else (first, last)
    if isinstance(first, Mapping) and len(first.keys) == 1:  # a pair without braces, in a list
        ((key, value),) = first.entries()
        return key, value
    return None, first


def _pieces(first: Value, children: list[Value], at: int, step: int) -> list[Scalar]:
    """The pieces of the text that begins an entry, if commas cut it inside of a parenthesis, else none.

    In a mapping, the pieces after the first are keys without a value.
    """
    still_open = _open_parentheses(first)
    if still_open <= 0 or not isinstance(first, Scalar):
        return []
    pieces = [first]
    for index in range(at + step, min(len(children), at + step * MOST_PIECES), step):
        piece = children[index]
        if not isinstance(piece, Scalar) or piece.quoted or (step == 2 and not _is_empty(children[index + 1])):
            return []
        pieces.append(piece)
        still_open += _open_parentheses(piece)
        if still_open <= 0:
            return pieces
    return []


def _open_parentheses(value: Value) -> int:
    """The number of parentheses that an unquoted text opens more than it closes."""
    if not isinstance(value, Scalar) or value.quoted:
        return 0
    return value.text.count("(") - value.text.count(")")


def _is_empty(value: Value) -> bool:
    return isinstance(value, Scalar) and not value.quoted and value.text == ""


def _joined(pieces: list[Scalar], key: Value | None) -> Scalar:
    """The pieces of a text as one scalar, and how to write it: in quotes, or in brackets if it is a tuple."""
    text = ", ".join(piece.text for piece in pieces)
    quote = "'" if '"' in text else '"'
    written = f"[{text[1:-1].strip(' ,')}]" if _TUPLE.match(text) else f"{quote}{text}{quote}"
    first, last = pieces[0].span, pieces[-1].span
    span = first._replace(end_column=last.end_column) if first.line == last.line else first
    return Scalar(text, text, span, repair=f"{key.text}: {written}" if isinstance(key, Scalar) else written)


_TUPLE = re.compile(r"\([^()]*\)\Z")

CORE = "tag:yaml.org,2002:"
"""The prefix of the tags of YAML's core schema: `!!str` is this and `str`."""

SCALARS = ("str", "int", "float", "bool", "null")
"""Tags of scalars in the core schema."""

_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_OTHER_BASE = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, Plain] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_MOST_DIGITS = 400


def resolve(text: str) -> Plain:
    """The value of an unquoted scalar in the core schema of YAML 1.2; overlong numbers stay text."""
    if text in _WORDS:
        return _WORDS[text]
    first = text[0]
    if not (first.isascii() and (first.isdigit() or first in "+-.")) or len(text) > _MOST_DIGITS:
        return text
    if _INTEGER.match(text):
        return int(text)
    if _OTHER_BASE.match(text):
        return int(text, 0)
    if _FLOAT.match(text):
        return float(text)
    return text
