"""The language that sentences are shown in: English as they are written, or another by gettext's catalogues."""

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
"""The environment variable that goes before the locale's own."""

FOLDER = Path(__file__).parents[1] / "locale"


class Phrase(str):
    """Words that stand among the facts of a sentence, or in its place, and are shown in its language as well.

    To Python it is the English text; formatted, it is in the language in use.
    """

    template: str
    facts: dict[str, Any]

    def __new__(cls, template: str, **facts: Any) -> Phrase:
        """The phrase of a template; its facts may be phrases, too."""
        made = super().__new__(cls, template.format(**facts) if facts else template)
        made.template, made.facts = template, facts
        return made

    def __format__(self, spec: str) -> str:
        return format(said(self.template, **self.facts) if self.facts else _(self.template), spec)


class Listed(str):
    """Several things with `and`, `or` or a comma between them."""

    items: tuple[object, ...]
    word: str

    def __new__(cls, items: Iterable[object], word: str = Phrase("and")) -> Listed:
        """The things in English, as they are spelled by `str`."""
        each = tuple(items)
        made = super().__new__(cls, (", " if word == "," else f" {word} ").join(map(str, each)))
        made.items, made.word = each, str(word)
        return made

    def __format__(self, spec: str) -> str:
        between = _(", ") if self.word == "," else f" {_(self.word)} "
        return format(between.join(f"{item}" for item in self.items), spec)


_chosen: str | None = None


def set_language(language: str | None) -> None:
    """Show sentences in this language from now on; None leaves it to the environment."""
    global _chosen
    _chosen = language


@contextmanager
def use_language(language: str) -> Iterator[None]:
    """Show sentences in this language for a while: in English, where programs read them."""
    global _chosen
    before, _chosen = _chosen, language
    try:
        yield
    finally:
        _chosen = before


def language() -> str:
    """The language in use: as chosen, as `CNNCALC_LANG` has it, or the locale's, where it is known; else English."""
    if _chosen is not None:
        return _chosen
    for name in (OVERRIDE, "LC_ALL", "LC_MESSAGES", "LANG"):
        wanted = os.environ.get(name)
        if wanted:
            return next((known for known in LANGUAGES if wanted.lower().startswith(known)), "en")
    return "en"


def _(message: str) -> str:
    """A sentence, or a template of one, in the language in use."""
    spoken = language()
    return message if spoken == "en" or not message else _catalogue(spoken).gettext(message)


def said(template: str, **facts: Any) -> str:
    """A sentence in the language in use, with its facts filled in; a phrase that has facts of its own keeps to them."""
    if isinstance(template, Phrase) and template.facts:
        return f"{template}"
    return _(str(template)).format(**facts)


def running_text(sentences: Iterable[str]) -> str:
    """Sentences as running text: Chinese sets no space between them."""
    return ("" if language() == "zh" else " ").join(sentences)


def joined_clauses(sentences: Iterable[str]) -> str:
    """Sentences that become parts of one: a comma in any language, where things that are listed may have another."""
    return reduce(lambda before, after: Phrase("{before}, {after}", before=before, after=after), sentences)


@cache
def _catalogue(spoken: str) -> NullTranslations:
    from gettext import translation

    return translation("cnncalc", FOLDER, [spoken], fallback=True)
