"""What others wrote, as one line that a terminal can be given: names, titles, answers, file names."""

from __future__ import annotations


def printable(text: str) -> str:
    """The same text, with a blank for every sign that moves a cursor, turns a line around, ends it or has no shape."""
    return text if text.isprintable() else "".join(sign if sign.isprintable() else " " for sign in text)
