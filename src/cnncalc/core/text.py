"""Text on a terminal: its width, and its printable form."""

from __future__ import annotations

from functools import cache


def printable_text(text: str) -> str:
    """The text with a blank for every character that is not printable: controls, line breaks, text direction."""
    return text if text.isprintable() else "".join(sign if sign.isprintable() else " " for sign in text)


@cache
def columns(text: str) -> int:
    """Width of a text in terminal columns: wide East Asian characters take two."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)
