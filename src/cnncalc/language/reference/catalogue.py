"""Every construct of the language by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain

from cnncalc.language.reference.construct import Construct
from cnncalc.language.reference.file import EVERY_LAYER, FILE
from cnncalc.language.reference.groups import EXPRESSIONS, GROUPS

SECTIONS = (FILE, EVERY_LAYER, GROUPS, EXPRESSIONS)

CONSTRUCTS: Mapping[str, Construct] = dict(chain.from_iterable(section.constructs.items() for section in SECTIONS))


def names() -> Iterable[str]:
    """Every name that `construct` knows."""
    for name, each in CONSTRUCTS.items():
        yield from (name, *each.also)


def construct(name: str) -> Construct | None:
    """The construct of this name, or the one that documents it; None for any other name."""
    return CONSTRUCTS.get(name) or next((each for each in CONSTRUCTS.values() if name in each.also), None)
