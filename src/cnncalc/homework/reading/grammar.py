"""Grammars of a few rules, and the sentences that they read.

A rule is a choice of lines. In a line, `CAPITALS` are a sense that a token may have, `{...}` is another rule, `[...]`
is optional, `(...)` is a group, `a|b` is a choice, `label=part` keeps a part under a label, and the rest are words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple


class Token(NamedTuple):
    """A word or a phrase of a sentence, where it stands, and what it means in each sense that it has."""

    text: str
    start: int
    end: int
    senses: Mapping[str, str]


class Tree(NamedTuple):
    """What a rule has read: its text, the meaning of a single token, and the parts under their labels."""

    text: str
    meaning: str = ""
    parts: Mapping[str, Tree] = {}

    def part(self, label: str) -> Tree:
        """The part under a label; empty where there is none."""
        return self.parts.get(label, _NOTHING)


_NOTHING = Tree("")

Read = tuple[int, str, Mapping[str, Tree]]
"""Up to which token something reads, the meaning of its last token, and its labelled parts."""

_Reader = Callable[["_Sentence", int], Iterator[Read]]


class Grammar:
    """The rules of a language by name; each is a choice of lines."""

    def __init__(self, rules: Mapping[str, Sequence[str]]) -> None:
        self._rules = rules

    @cached_property
    def words(self) -> frozenset[str]:
        """The words that stand in the rules themselves."""
        parts = (part.rpartition("=")[2] for lines in self._rules.values() for line in lines for part in line.split())
        words = (word for part in parts for word in re.split(r"[\[\]()|=]", part))
        return frozenset(word.replace("_", " ") for word in words if word and word[0] != "{" and not _is_sense(word))

    @cached_property
    def readers(self) -> dict[str, _Reader]:
        """What reads each rule."""
        return {name: _choice([self._reader(line) for line in lines]) for name, lines in self._rules.items()}

    def read(self, rule: str, tokens: Sequence[Token], text: str) -> Tree | None:
        """All of the tokens read by a rule, in the first way that it allows; None where it allows none."""
        sentence = _Sentence(self, tokens, text)
        for end, meaning, parts in sentence.read(rule, 0):
            if end == len(tokens):
                return Tree(text, meaning, parts)
        return None

    def _reader(self, line: str) -> _Reader:
        parts = _PARTS.findall(line)
        reader, rest = self._group(parts, 0)
        assert rest == len(parts), line
        return reader

    def _group(self, parts: Sequence[str], place: int) -> tuple[_Reader, int]:
        """The reader of the parts up to a closing bracket: a sequence, in which neighbours with `|` are a choice."""
        sequence: list[list[_Reader]] = []
        joined = False
        while place < len(parts) and parts[place] not in ("]", ")"):
            part = parts[place]
            place += 1
            if part == "|":
                joined = True
                continue
            label, _, name = part.rpartition("=")
            if name in ("[", "("):
                reader, place = self._group(parts, place)
                place += 1
                if name == "[":
                    reader = _choice([reader, _nothing])
            else:
                reader = _rule(name[1:-1]) if name[0] == "{" else _token(name)
            reader = _labelled(label, reader) if label else reader
            if joined:
                sequence[-1].append(reader)
            else:
                sequence.append([reader])
            joined = False
        return _sequence([_choice(readers) for readers in sequence]), place


_PARTS = re.compile(r"(?:\w+=)?[\[(]|[\])|]|[^\s\[\]()|]+")


def _is_sense(name: str) -> bool:
    return name.isascii() and name.isupper()


class _Sentence:
    """The tokens of a sentence, and what rules have read of them so far."""

    def __init__(self, grammar: Grammar, tokens: Sequence[Token], text: str) -> None:
        self.grammar, self.tokens, self.text = grammar, tokens, text
        self._known: dict[tuple[str, int], list[Read]] = {}

    def read(self, rule: str, place: int) -> list[Read]:
        """All that a rule can read from a token on; the first way to each end."""
        key = (rule, place)
        if key not in self._known:
            found: dict[int, Read] = {}
            for read in self.grammar.readers[rule](self, place):
                found.setdefault(read[0], read)
            self._known[key] = list(found.values())
        return self._known[key]

    def between(self, place: int, end: int) -> str:
        """The text of some tokens, as it was written."""
        return self.text[self.tokens[place].start : self.tokens[end - 1].end] if place < end else ""


def _nothing(sentence: _Sentence, place: int) -> Iterator[Read]:
    yield place, "", {}


def _token(name: str) -> _Reader:
    """A token in a sense, or a word."""
    word = None if _is_sense(name) else name.replace("_", " ")

    def read(sentence: _Sentence, place: int) -> Iterator[Read]:
        if place < len(sentence.tokens):
            token = sentence.tokens[place]
            if word is not None and token.text.lower() == word:
                yield place + 1, word, {}
            elif word is None and name in token.senses:
                yield place + 1, token.senses[name], {}

    return read


def _rule(name: str) -> _Reader:
    return lambda sentence, place: iter(sentence.read(name, place))


def _labelled(label: str, reader: _Reader) -> _Reader:
    def read(sentence: _Sentence, place: int) -> Iterator[Read]:
        for end, meaning, parts in reader(sentence, place):
            yield end, meaning, {label: Tree(sentence.between(place, end), meaning, parts)}

    return read


def _choice(readers: Sequence[_Reader]) -> _Reader:
    def read(sentence: _Sentence, place: int) -> Iterator[Read]:
        for reader in readers:
            yield from reader(sentence, place)

    return readers[0] if len(readers) == 1 else read


def _sequence(readers: Sequence[_Reader]) -> _Reader:
    def read(sentence: _Sentence, place: int, first: int = 0) -> Iterator[Read]:
        if first == len(readers):
            yield place, "", {}
            return
        for middle, meaning, parts in readers[first](sentence, place):
            for end, later, others in read(sentence, middle, first + 1):
                yield end, later or meaning, {**parts, **others}

    return readers[0] if len(readers) == 1 else read
