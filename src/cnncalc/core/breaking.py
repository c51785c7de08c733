"""Where lines of running text end in a language that sets no blanks between its words."""

from __future__ import annotations

import re
from itertools import pairwise

from cnncalc.core.text import columns

_PIECES = re.compile(r"\s*[（“]*(?:[\u2e80-\uffef]|[^\s\u2e80-\uffef]+)[，。；：、）”？]*")
"""What no line ends within: a Chinese character or a word, with the signs that open before and close behind it."""


def line_breaks(text: str, width: int) -> list[int]:
    """The places at which lines behind the first begin, so that each takes at most so many columns, if a word does."""
    found: list[int] = []
    start = 0
    for piece in _PIECES.finditer(text):
        if columns(text[start : piece.end()]) > width and text[start : piece.start()].strip():
            start = piece.end() - len(piece[0].lstrip())
            found.append(start)
    return found


def wrapped_lines(text: str, width: int) -> list[str]:
    """Running text as lines."""
    return [text[start:end].rstrip() for start, end in pairwise([0, *line_breaks(text, width), len(text)])]
