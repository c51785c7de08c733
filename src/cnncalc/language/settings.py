"""Params set on the command line: their places, and the diagnostic for unknown ones."""

from __future__ import annotations

from collections.abc import Collection

from cnncalc.core.errors import COMMAND_LINE, Diagnostic, Source, Span
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.translation import Listed


def set_span(name: str, value: str) -> Span:
    """The place of `--set NAME=VALUE`."""
    written = f"--set {name}={value}"
    return Span(Source(COMMAND_LINE, written), 1, 7, len(written) + 1)


def unknown_param(what: str, name: str, span: Span, known: Collection[str]) -> Diagnostic:
    """The diagnostic for a param that a description or function does not have."""
    return Diagnostic(
        "unknown-param",
        "{what} has no param `{name}`",
        {"what": what, "name": name, "known": Listed(known, ",")},
        span,
        help=did_you_mean(name, known, "its params are {known}" if known else "it has none"),
    )
