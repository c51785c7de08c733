"""What others wrote, as one line that a terminal can be given: names, titles, answers, file names."""

from __future__ import annotations

OBEYED = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""The Unicode categories of what is no sign to be read: control, format and surrogate codes, ends of lines."""


def is_obeyed(sign: str) -> bool:
    """Whether a terminal or an editor does something at this sign instead of showing it."""
    if sign.isprintable():
        return False
    from unicodedata import category

    return category(sign) in OBEYED


def printable(text: str) -> str:
    """The same text, with a blank for every sign that moves a cursor, turns a line around or ends it."""
    return text if text.isprintable() else "".join(" " if is_obeyed(sign) else sign for sign in text)
