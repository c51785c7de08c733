"""The console: as wide as the terminal, or unbounded without one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import IO, Any, NamedTuple

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions
from rich.measure import Measurement
from rich.segment import Segment
from rich.text import Text

from cnncalc.core.text import printable_text

UNBOUNDED = 10_000
"""Width without a terminal: nothing is dropped from a file or a pipe."""

PROSE_WIDTH = 100
"""The largest width of running text."""

LEAST_WIDTH = 16
"""The smallest width of a column of running text."""

WIDE = "\u2e80"
"""The first of the characters that lines may break before and after."""


def one_line(text: str, style: str = "") -> Text:
    """A text as one line, even if users have written line ends into it."""
    return Text(printable_text(text), style)


class _Screen(Console):
    """A console that breaks Chinese lines, and raises BrokenPipeError where rich would exit.

    Of control characters, it obeys line ends alone; texts of users go through `one_line`.
    """

    def print(self, *objects: Any, **options: Any) -> None:
        """Print as rich does, which by itself breaks lines at blanks only, and keeps these at line ends."""
        if not options.get("soft_wrap") and not options.get("no_wrap"):
            width = options.get("width") or self.width
            objects = tuple(self._lines(one, width) if isinstance(one, Text) else one for one in objects)
        super().print(*objects, **options)

    def _lines(self, text: Text, width: int) -> Text:
        """Running text as lines of this width, without trailing blanks."""
        if text.no_wrap or len(text) <= width // 2:  # wide characters take two columns
            return text
        lines = break_lines(text, width).wrap(self, width)
        for line in lines:
            line.rstrip()
        return Text("\n").join(lines)

    def render(self, *rendered: Any) -> Iterable[Segment]:
        """Render as rich does, but escape control characters, which rich passes on to the terminal."""
        for segment in super().render(*rendered):
            if segment.control or segment.text.isprintable():
                yield segment
            else:
                yield segment._replace(text="\n".join(map(printable_text, segment.text.split("\n"))))

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console(file: IO[str] | None = None, *, stderr: bool = False, **more: Any) -> Console:
    """A console for standard output, standard error or a file; `more` is rich's."""
    # Python takes `²` for a digit, and a screen of 0 columns is none: such sizes are ignored.
    bad = {name for name in ("COLUMNS", "LINES") if not re.fullmatch("0*[1-9][0-9]{0,5}", os.environ.get(name, ""))}
    sane = {name: value for name, value in os.environ.items() if name not in bad}
    made = _Screen(file=file, stderr=stderr, highlight=False, emoji=False, markup=False, _environ=sane, **more)
    if "width" not in more and not made.is_terminal and "COLUMNS" in bad:
        made.width = UNBOUNDED
    return made


class Cell(NamedTuple):
    """Running text in a column of a table, in lines as wide as the column."""

    text: Text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterable[Text]:
        yield break_lines(self.text, options.max_width)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        most = min(max(map(cell_len, self.text.plain.splitlines()), default=0), options.max_width)
        return Measurement(min(LEAST_WIDTH, most), most)


def break_lines(text: Text, width: int) -> Text:
    """Running text with line breaks between wide characters where it is wider than this."""
    if text.no_wrap or max(text.plain, default="") < WIDE:
        return text
    from cnncalc.core.breaking import line_breaks

    parts = [part for line in text.split(allow_blank=True) for part in line.divide(line_breaks(line.plain, width))]
    for part in parts:
        part.rstrip()
    return Text("\n").join(parts)
