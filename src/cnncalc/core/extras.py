"""Packages that a plain installation comes without."""

from __future__ import annotations

from importlib.util import find_spec

from cnncalc.core.errors import InputError, Span

DISTRIBUTIONS = {"PIL": "Pillow"}
"""Packages that are installed under another name than they are imported."""


def require_packages(*names: str, extra: str, span: Span | None = None) -> None:
    """Object where a package is not installed, with the extra that brings it.

    Errors:  missing-package
    """
    for name in names:
        if find_spec(name) is None:
            raise InputError.of(
                "missing-package",
                "this needs the package `{name}`, which is not installed",
                span,
                help="pip install 'cnncalc[{extra}]'",
                name=DISTRIBUTIONS.get(name, name),
                extra=extra,
            )
