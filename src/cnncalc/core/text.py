"""Text on a terminal: how wide it is, and what of it can be printed."""

from __future__ import annotations

from functools import cache


def printable_text(text: str) -> str:
    """The same text, with a blank for every sign that moves a cursor, turns a line around, ends it or has no shape."""
    return text if text.isprintable() else "".join(sign if sign.isprintable() else " " for sign in text)


@cache
def columns(text: str) -> int:
    """Terminal columns a text takes: wide East Asian characters take two."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)
