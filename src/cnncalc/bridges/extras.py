"""Packages that a plain installation comes without."""

from __future__ import annotations

from importlib.util import find_spec

from cnncalc.core.errors import InputError


def require_packages(*names: str, extra: str = "torch") -> None:
    """Object where a package is not installed, with the extra that brings it.

    Errors:  InputError with missing-extra
    """
    for name in names:
        if find_spec(name) is None:
            raise InputError.of(
                "missing-extra",
                "this needs the package `{name}`, which is not installed",
                help="pip install 'cnncalc[{extra}]'",
                name=name,
                extra=extra,
            )
