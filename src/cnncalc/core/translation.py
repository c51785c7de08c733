"""The language of sentences: English, as they are written, or another one by gettext catalogues."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gettext import NullTranslations

LANGUAGES = ("en", "zh")
"""English, and Simplified Chinese."""

OVERRIDE = "CNNCALC_LANG"
"""The environment variable that overrides the locale."""

FOLDER = Path(__file__).parents[1] / "locale"


class Phrase(str):
    """A translatable text, used as a fact of a sentence or in its place.

    As a `str` it is the English text; formatted, it is in the language in use.
    """

    template: str
    facts: dict[str, Any]

    def __new__(cls, template: str, **facts: Any) -> Phrase:
        """The phrase of a template; its facts may be phrases, too."""
        phrase = super().__new__(cls, template.format(**facts) if facts else template)
        phrase.template, phrase.facts = template, facts
        return phrase

    def __format__(self, spec: str) -> str:
        return format(said(self.template, **self.facts) if self.facts else _(self.template), spec)


class Listed(str):
    """A list of things in words, joined by `and`, `or` or a comma."""

    items: tuple[object, ...]
    word: str

    def __new__(cls, items: Iterable[object], word: str = Phrase("and")) -> Listed:
        """The list in English, each thing by its `str`."""
        each = tuple(items)
        text = super().__new__(cls, (", " if word == "," else f" {word} ").join(map(str, each)))
        text.items, text.word = each, str(word)
        return text

    def __format__(self, spec: str) -> str:
        between = _(", ") if self.word == "," else f" {_(self.word)} "
        return format(between.join(f"{item}" for item in self.items), spec)


_chosen: str | None = None


def set_language(language: str | None) -> None:
    """Show sentences in this language from now on; None: as the environment says."""
    global _chosen
    _chosen = language


@contextmanager
def use_language(language: str) -> Iterator[None]:
    """Show sentences in this language inside a `with` block: in English for output that programs read."""
    global _chosen
    before, _chosen = _chosen, language
    try:
        yield
    finally:
        _chosen = before


def language() -> str:
    """The language in use: the chosen one, that of `CNNCALC_LANG`, or the locale's if it is supported; else English."""
    if _chosen is not None:
        return _chosen
    for name in (OVERRIDE, "LC_ALL", "LC_MESSAGES", "LANG"):
        wanted = os.environ.get(name)
        if wanted:
            return next((known for known in LANGUAGES if wanted.lower().startswith(known)), "en")
    return "en"


def _(message: str) -> str:
    """A sentence or template in the language in use."""
    spoken = language()
    return message if spoken == "en" or not message else _catalogue(spoken).gettext(message)


def said(template: str, **facts: Any) -> str:
    """A sentence in the language in use, with its facts filled in; a phrase with facts of its own keeps those."""
    if isinstance(template, Phrase) and template.facts:
        return f"{template}"
    return _(str(template)).format(**facts)


def running_text(sentences: Iterable[str]) -> str:
    """Sentences as running text: in Chinese there is no space between them."""
    return ("" if language() == "zh" else " ").join(sentences)


def joined_clauses(sentences: Iterable[str]) -> str:
    """Sentences as clauses of one, joined by commas; `Listed` may have another separator in other languages."""
    return reduce(lambda before, after: Phrase("{before}, {after}", before=before, after=after), sentences)


@cache
def _catalogue(spoken: str) -> NullTranslations:
    from gettext import translation

    return translation("cnncalc", FOLDER, [spoken], fallback=True)
