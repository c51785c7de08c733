"""Every construct of the language by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain

from cnncalc.language.reference.blocks import BLOCKS
from cnncalc.language.reference.construct import Construct
from cnncalc.language.reference.file import EVERY_LAYER, FILE
from cnncalc.language.reference.groups import EXPRESSIONS, GROUPS

SECTIONS = (FILE, EVERY_LAYER, GROUPS, EXPRESSIONS, BLOCKS)

CONSTRUCTS: Mapping[str, Construct] = dict(chain.from_iterable(section.constructs.items() for section in SECTIONS))


def names() -> Iterable[str]:
    """Every name that has documentation."""
    for name, each in CONSTRUCTS.items():
        yield from (name, *each.also)


def documented(name: str) -> Construct:
    """The construct of this name, or the one that documents it.

    Errors:  KeyError for a name that is not among `names`
    """
    return _BY_NAME[name]


_BY_NAME = {name: each for main, each in CONSTRUCTS.items() for name in (main, *each.also)}
