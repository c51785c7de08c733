"""Full-width punctuation of Chinese keyboards, typed in the place of ASCII punctuation."""

from __future__ import annotations

import re

_FULL_WIDTH, _ASCII = "，、：；。＝（）［］【】｛｝“”‘’", ",,:;.=()[][]{}\"\"''"

ASCII_EQUIVALENTS = dict(zip(_FULL_WIDTH, _ASCII, strict=True))
"""Full-width sign -> the ASCII sign that was meant."""

_OPENING = "（［【｛“‘"
_OTHERS = "".join(sign for sign in ASCII_EQUIVALENTS if sign not in _OPENING)
_AT_A_NAME = re.compile(rf"(?<=[A-Za-z0-9_\])}}])\s*([{_OTHERS}])|([{_OPENING}])(?=\s*[-\w\[({{])", re.ASCII)


def foreign_signs(line: str) -> list[str]:
    """The full-width signs of a line that touch a name, a number or a bracket, each once; Chinese prose has none."""
    if line.isascii():
        return []
    return list(dict.fromkeys(found[1] or found[2] for found in _AT_A_NAME.finditer(line)))
