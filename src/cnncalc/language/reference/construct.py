"""A construct of the language, and a section of the reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Construct(NamedTuple):
    """A construct of the language; `also` are keys that are documented together with it."""

    summary: str
    details: str
    example: str
    keys: Mapping[str, str] = {}
    also: tuple[str, ...] = ()


class Section(NamedTuple):
    """Constructs that are found in the same place of a description."""

    title: str
    introduction: str
    constructs: Mapping[str, Construct]
