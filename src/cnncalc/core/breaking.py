"""Line breaking for languages without spaces between words."""

from __future__ import annotations

import re
from itertools import pairwise

from cnncalc.core.text import columns

_PIECE = r"\s*[（“]*(?:[\u2e80-\uffef]|[^\s\u2e80-\uffef]+)[，。；：、）”？]*"
"""A piece that is never broken: a Chinese character or a word, with its opening and closing punctuation.

It is compiled when a line is broken, as that takes longer than the rest of many commands' imports.
"""


def line_breaks(text: str, width: int) -> list[int]:
    """Offsets at which a new line begins, so that no line is wider than `width` columns unless a single word is."""
    starts: list[int] = []
    start = 0
    for piece in re.finditer(_PIECE, text):
        if columns(text[start : piece.end()]) > width and text[start : piece.start()].strip():
            start = piece.end() - len(piece[0].lstrip())
            starts.append(start)
    return starts


def wrapped_lines(text: str, width: int) -> list[str]:
    """Running text, broken into lines."""
    return [text[start:end].rstrip() for start, end in pairwise([0, *line_breaks(text, width), len(text)])]
