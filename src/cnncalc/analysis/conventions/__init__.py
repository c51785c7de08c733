"""Conventions by name: what a tool counts as FLOPs. A convention's module is imported on first use."""

from __future__ import annotations

from importlib import import_module

from cnncalc.analysis.conventions.base import Convention
from cnncalc.core.errors import InputError, Span
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.translation import Listed

NAMES = ("torch", "fvcore")
"""Each has a module of the same name in this package, which defines the convention under its name in capitals."""


def convention(name: str, span: Span | None = None) -> Convention:
    """The convention of this name.

    Errors:  unknown-convention
    """
    if name not in NAMES:
        raise InputError.of(
            "unknown-convention",
            "there is no convention `{name}`",
            span,
            help=did_you_mean(name, NAMES, "conventions are {known}"),
            name=name,
            known=Listed(NAMES, ","),
        )
    found: Convention = getattr(import_module(f"{__name__}.{name}"), name.upper())
    return found
