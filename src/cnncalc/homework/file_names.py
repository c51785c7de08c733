"""Names of files that are made from names of people and of other files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from unicodedata import normalize

from cnncalc.core.text import printable_text

LONGEST = 60
"""Characters of a name; no file system takes more than 255 bytes, and a character has up to four."""

_NO_NAME = re.compile(r'[\s/\\:*?"<>|\x00]+')


def file_name(text: str) -> str:
    """A name without what leads elsewhere, turns text or is refused by a system; empty where nothing is left."""
    plain = _NO_NAME.sub("_", printable_text(normalize("NFC", text)))
    return plain.strip("._ -")[:LONGEST].strip("._ -")


def distinct_names(texts: Iterable[str]) -> list[str]:
    """A name for each text, without the ending of a sheet; those that come out alike are numbered."""
    taken: set[str] = set()
    names = []
    for text in texts:
        plain = file_name(re.sub(r"\.(ya?ml|csv)$", "", text, flags=re.IGNORECASE)) or "sheet"
        name, number = plain, 1
        while name.casefold() in taken:
            number += 1
            name = f"{plain}-{number}"
        taken.add(name.casefold())
        names.append(name)
    return names
