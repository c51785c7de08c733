"""Optional packages, which a plain installation lacks."""

from __future__ import annotations

from importlib.util import find_spec

from cnncalc.core.errors import InputError, Span

DISTRIBUTIONS = {"PIL": "Pillow"}
"""Import name -> name on the package index, for packages where the two differ."""


def require_packages(*names: str, extra: str, span: Span | None = None) -> None:
    """Require that packages are installed; the diagnostic names the extra that installs them.

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
