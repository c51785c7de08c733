"""Colours of help on a terminal that has them. Imported only when such help is printed."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from typing import Any

BOLD, CYAN, PLAIN = "\x1b[1m", "\x1b[36m", "\x1b[0m"


def is_coloured() -> bool:
    """Whether help, which goes to either stream, may have colours."""
    terminals = all(stream is not None and stream.isatty() for stream in (sys.stdout, sys.stderr))
    return terminals and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb"


def coloured_formatter(context: Any) -> Any:
    """The formatter of a context, with colours."""
    made = type("ColouredFormatter", (_Colours, context.formatter_class), {})
    return made(width=context.terminal_width, max_width=context.max_content_width)


class _Colours:
    """Headings in bold, and names of commands and options in colour; the layout is that of the class beside it."""

    buffer: list[str]
    current_indent: int

    def write_heading(self, heading: str) -> None:
        """Write a heading."""
        begun = len(self.buffer)
        super().write_heading(heading)  # type: ignore[misc]
        self.buffer[begun:] = [f"{BOLD}{''.join(self.buffer[begun:]).rstrip()}{PLAIN}\n"]

    def write_dl(self, rows: Sequence[tuple[str, str]], *layout: Any, **more: Any) -> None:
        """Write names and what they mean."""
        begun = len(self.buffer)
        super().write_dl(rows, *layout, **more)  # type: ignore[misc]
        text = "".join(self.buffer[begun:])
        for name, _help in rows:
            written = re.escape(" " * self.current_indent + name.rstrip())
            text = re.sub(rf"^{written}(?= |$)", rf"{CYAN}\g<0>{PLAIN}", text, count=1, flags=re.MULTILINE)
        self.buffer[begun:] = [text]
