"""The console: as wide as the terminal, and without bounds where there is none."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import IO, Any

from rich.console import Console
from rich.segment import Segment
from rich.text import Text

from cnncalc.core.text import printable_text

UNBOUNDED = 10_000
"""Width for output that is not read on a terminal: nothing is dropped from a file or a pipe."""

PROSE_WIDTH = 100
"""Columns that running text takes at most."""

WIDE = "\u2e80"
"""The first of the characters that lines may end before and behind."""


def one_line(text: str, style: str = "") -> Text:
    """One line, also where others have written more into it."""
    return Text(printable_text(text), style)


class _Screen(Console):
    """A console that breaks Chinese lines, and lets its caller know when nobody reads on, where rich would end.

    Of what it is given, only line ends are obeyed; `one_line` is for what others may have written them into.
    """

    def print(self, *objects: Any, **options: Any) -> None:
        """As rich does, which by itself ends lines at blanks only, and keeps these at their ends."""
        if not options.get("soft_wrap") and not options.get("no_wrap"):
            width = options.get("width") or self.width
            objects = tuple(self._lines(one, width) if isinstance(one, Text) else one for one in objects)
        super().print(*objects, **options)

    def _lines(self, text: Text, width: int) -> Text:
        """Running text as lines of this width, without blanks at their ends."""
        if text.no_wrap or len(text) <= width // 2:  # wide characters take two columns
            return text
        lines = broken(text, width).wrap(self, width)
        for line in lines:
            line.rstrip()
        return Text("\n").join(lines)

    def render(self, *rendered: Any) -> Iterable[Segment]:
        """As rich does, which by itself hands on what a terminal obeys."""
        for segment in super().render(*rendered):
            if segment.control or segment.text.isprintable():
                yield segment
            else:
                yield segment._replace(text="\n".join(map(printable_text, segment.text.split("\n"))))

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console(file: IO[str] | None = None, *, stderr: bool = False) -> Console:
    """A console for standard output, standard error or a file."""
    # Python takes `²` for a digit, and no screen is 0 columns wide: such a size is none.
    bad = {name for name in ("COLUMNS", "LINES") if not re.fullmatch("0*[1-9][0-9]{0,5}", os.environ.get(name, ""))}
    sane = {name: value for name, value in os.environ.items() if name not in bad}
    made = _Screen(file=file, stderr=stderr, highlight=False, emoji=False, markup=False, _environ=sane)
    if not made.is_terminal and "COLUMNS" in bad:
        made.width = UNBOUNDED
    return made


def broken(text: Text, width: int) -> Text:
    """Running text with line ends between wide characters where it is wider than this."""
    if text.no_wrap or max(text.plain, default="") < WIDE:
        return text
    from cnncalc.core.breaking import line_breaks

    parts = [part for line in text.split(allow_blank=True) for part in line.divide(line_breaks(line.plain, width))]
    for part in parts:
        part.rstrip()
    return Text("\n").join(parts)
