"""Did you mean: the nearest known name."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import islice

from cnncalc.core.translation import Phrase

MOST_CONSIDERED = 2_000
"""Known names that a word is compared with, the first ones: more than any built-in network has."""


def closest_name(word: str, known: Iterable[str]) -> str | None:
    """The known name that the word was probably meant to be, if any is near."""
    return _closest_name(word[:80], tuple(islice(known, MOST_CONSIDERED)))


@lru_cache(maxsize=64)  # in a repeat the same word is looked up in every round
def _closest_name(word: str, known: tuple[str, ...]) -> str | None:
    from difflib import get_close_matches

    names = {_matching_key(name): name for name in known}
    meant = _matching_key(word)
    found = get_close_matches(meant, names, n=3, cutoff=0.6)
    swapped = [name for name in found if sorted(name) == sorted(meant)]  # vgg61 is vgg16 sooner than vgg19
    return names[(swapped or found)[0]] if found else None


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """A remedy in words, as a template: the nearest known name, or what to do where none is near."""
    found = closest_name(word, known)
    return Phrase("did you mean `{meant}`?", meant=found) if found else otherwise


def _matching_key(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")
