"""YAML with positions: what was written, and where, for everything that an objection may have to point at.

The tree is built from parser events in one loop without recursion, so that depth and size are bounded before they cost
anything. Scalars follow YAML 1.2, whatever the parser underneath thinks of `yes` and `010`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import yaml

from cnncalc.core.errors import Diagnostic, InputError, Source, Span

MOST_CHARACTERS = 500_000
"""Length of a description; the largest published networks take a tenth of it."""

MOST_VALUES = 50_000
"""Values in a description, each use of an alias counted as if it were written out."""

DEEPEST = 50
"""Levels of nesting in a description."""

Plain = str | int | float | bool | None


class Scalar(NamedTuple):
    """One written value; `text` is what was typed, `value` what it means in YAML 1.2."""

    value: Plain
    text: str
    span: Span
    quoted: bool = False


class Sequence(NamedTuple):
    """A list and where it stands."""

    items: tuple[Value, ...]
    span: Span


class EntryPlaces(NamedTuple):
    """Where the entries of a mapping stand, worked out when an objection asks."""

    mapping: Mapping | None

    def get(self, name: str, default: Span | None = None) -> Span | None:
        """The stretch of an entry, or the default where there is none of this name."""
        if self.mapping is None or name not in self.mapping.keys:
            return default
        return self.mapping.entry_span(name)


class Mapping(NamedTuple):
    """Keys in the order written, each with its own place."""

    keys: dict[str, Scalar]
    values: dict[str, Value]
    span: Span

    def entries(self) -> Iterator[tuple[Scalar, Value]]:
        """(key, value) in the order written."""
        for name, key in self.keys.items():
            yield key, self.values[name]

    def entry_span(self, name: str) -> Span:
        """The stretch from the key to the end of its value, as far as they share a line."""
        key, value = self.keys[name].span, self.values[name].span
        return key._replace(end_column=value.end_column if value.line == key.line else key.end_column)


Value = Scalar | Sequence | Mapping


def parse(source: Source, duplicates: list[Diagnostic] | None = None) -> Value:
    """The one document of a source; keys that are given twice are noted in `duplicates`, where there is such a list.

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
        mark = error.problem_mark or error.context_mark
        span = Span(source, mark.line + 1, mark.column + 1, mark.column + 2) if mark else None
        raise InputError.of(
            "not-yaml",
            "this is not YAML: {problem}",
            span,
            help="look here and just before for an open bracket or quote, a missing colon, or a wrong indent",
            problem=error.problem,
        ) from None
    except (yaml.YAMLError, ValueError) as error:
        problem = getattr(error, "reason", None) or str(error).splitlines()[0]
        raise InputError.of(
            "not-yaml",
            "{name} is not YAML: {problem}",
            help="remove the characters that are not text",
            name=source.name,
            problem=problem,
        ) from None
    if composer.duplicates and duplicates is None:
        raise InputError(composer.duplicates)
    if duplicates is not None:
        duplicates += composer.duplicates
    return root


class _Open:
    """A list or mapping whose end has not come yet."""

    def __init__(self, span: Span, anchor: str | None, is_mapping: bool) -> None:
        self.span = span
        self.anchor = anchor
        self.is_mapping = is_mapping
        self.children: list[Value] = []
        self.size = 1


class _Composer:
    """Turns the events of one document into a tree, with bounds."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.anchors: dict[str, tuple[Value, int]] = {}
        self.open: list[_Open] = []
        self.duplicates: list[Diagnostic] = []
        self.size = 0
        self.root: Value | None = None

    def compose(self, events: Iterator[Any]) -> Value:
        for event in events:
            match event:
                case yaml.ScalarEvent():
                    self._check_tag(event)
                    quoted = event.style is not None and event.style != ""
                    value = event.value if quoted else resolve(event.value)
                    scalar = Scalar(value, event.value, self._span(event), quoted)
                    self._place(scalar, 1)
                    self._remember(event.anchor, scalar, 1)
                case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                    self._check_tag(event)
                    self._begin(event)
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    self._end(event)
                case yaml.AliasEvent():
                    if event.anchor not in self.anchors:
                        raise self._error(
                            "unknown-anchor",
                            "no anchor &{name} stands before this",
                            event,
                            help="write &{name} before the value that is meant; it cannot contain itself",
                            name=event.anchor,
                        )
                    self._place(*self.anchors[event.anchor], self._span(event))
                case yaml.DocumentStartEvent():
                    if self.root is not None:
                        raise self._error(
                            "not-yaml",
                            "a description is one document, and here a second begins",
                            event,
                            help="remove the line `---`, or put the rest into a file of its own",
                        )
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
            raise self._error(
                "too-deep",
                "this is nested more than {most} levels deep",
                event,
                help="use fewer levels; a block keeps a part on its own",
                most=DEEPEST,
            )
        self.open.append(_Open(self._span(event), event.anchor, isinstance(event, yaml.MappingStartEvent)))

    def _end(self, event: Any) -> None:
        done = self.open.pop()
        span = done.span
        if event.end_mark.line == span.line - 1:  # flow style on one line: the whole of it
            span = span._replace(end_column=event.end_mark.column + 1)
        value = self._mapping(done, span) if done.is_mapping else Sequence(tuple(done.children), span)
        self._place(value, done.size)
        self._remember(done.anchor, value, done.size)

    def _mapping(self, done: _Open, span: Span) -> Mapping:
        keys: dict[str, Scalar] = {}
        values: dict[str, Value] = {}
        for key, value in zip(done.children[::2], done.children[1::2], strict=True):
            if not isinstance(key, Scalar):
                raise InputError.of("not-a-name", "a key must be a name", key.span, help="write `name: value`")
            if key.text in keys:
                fault = InputError.of(
                    "duplicate-key",
                    "`{name}` is given twice, first on line {line}",
                    key.span,
                    help="keep one of them",
                    name=key.text,
                    line=keys[key.text].span.line,
                )
                self.duplicates += fault.diagnostics
            keys[key.text] = key
            values[key.text] = value
        return Mapping(keys, values, span)

    def _place(self, value: Value, size: int, alias: Span | None = None) -> None:
        """Hand a finished value to what encloses it."""
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

    def _check_tag(self, event: Any) -> None:
        if event.tag is not None and event.tag != "!":
            raise self._error(
                "unknown-tag",
                "the tag {tag} means nothing here",
                event,
                help="write the value without a tag",
                tag=event.tag,
            )

    def _span(self, event: Any) -> Span:
        start, end = event.start_mark, event.end_mark
        last = end.column + 1 if end.line == start.line else start.column + 2
        return Span(self.source, start.line + 1, start.column + 1, max(last, start.column + 2))

    def _error(self, code: str, message: str, event: Any, **details: Any) -> InputError:
        return InputError.of(code, message, self._span(event), **details)


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
    """What an unquoted scalar means in the core schema of YAML 1.2; numbers of absurd length stay text."""
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
