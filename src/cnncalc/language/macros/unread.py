"""What is known of the layers behind an entry that is no layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.core.errors import InputError, Source
from cnncalc.language.macros.items import UnknownLayer
from cnncalc.language.macros.log import DiagnosticLog
from cnncalc.language.text.document import parse
from cnncalc.language.text.values import Names

if TYPE_CHECKING:
    from cnncalc.language.macros.expand import Expander

NO_WIRE = ""
"""The wire of a layer whose `from` is wrong, or after an entry that is none: nothing is known of what flows there."""


def go_on_behind(error: InputError, expander: Expander, names: Names) -> None:
    """Go on behind an entry that is none: after the lines that stand for it, if they are known and make layers."""
    lines = error.meant if isinstance(error, UnknownLayer) else ()
    log, expander.log = expander.log, DiagnosticLog()
    try:
        if lines:
            expander.layers(parse(Source("", "\n".join(lines))), names)
        if not lines or expander.log.diagnostics:
            expander.assembly.current = NO_WIRE
    finally:
        expander.log = log
