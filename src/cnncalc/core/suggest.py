"""Suggestions for misspelled names."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import islice

from cnncalc.core.translation import Phrase

MOST_CONSIDERED = 2_000
"""Known names that a word is compared with; built-in networks have fewer."""


def closest_name(word: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known name that a misspelled word is closest to, if any is close enough."""
    return _closest_name(word[:80], tuple(islice(known, MOST_CONSIDERED)), cutoff)


@lru_cache(maxsize=64)  # in a repeat the same word is looked up in every round
def _closest_name(word: str, known: tuple[str, ...], cutoff: float) -> str | None:
    from difflib import get_close_matches

    names = {_matching_key(name): name for name in known}
    key = _matching_key(word)
    matches = get_close_matches(key, names, n=3, cutoff=cutoff)
    swapped = [name for name in matches if sorted(name) == sorted(key)]  # vgg61 is rather vgg16 than vgg19
    return names[(swapped or matches)[0]] if matches else None


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """A remedy as a template: the closest known name, or `otherwise` if none is close."""
    meant = closest_name(word, known)
    return Phrase("did you mean `{meant}`?", meant=meant) if meant else otherwise


def _matching_key(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")
