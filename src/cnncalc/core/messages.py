"""The language that sentences are shown in: English as they are written, or another by gettext's catalogues."""

from __future__ import annotations

import os
from functools import cache
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
    """Words that stand among the facts of a sentence, and are shown in its language as well."""

    __slots__ = ()


_chosen: str | None = None


def speak(language: str | None) -> None:
    """Show sentences in this language from now on; None leaves it to the environment."""
    global _chosen
    _chosen = language


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
    """A sentence in the language in use, with its facts filled in."""
    return _(template).format(**{name: _(fact) if type(fact) is Phrase else fact for name, fact in facts.items()})


@cache
def _catalogue(spoken: str) -> NullTranslations:
    from gettext import translation

    return translation("cnncalc", FOLDER, [spoken], fallback=True)
