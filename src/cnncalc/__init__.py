"""Exact calculator and analyzer for convolutional networks.

`load` reads a description, `analyze` gives its numbers, `compare` those of several side by side, `run` its values;
`Network` writes one in Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cnncalc.analysis.compare import compare
    from cnncalc.analysis.infer import analyze
    from cnncalc.core.errors import InputError
    from cnncalc.execution.run import run
    from cnncalc.language.builder import Network
    from cnncalc.language.load import from_text, load

__all__ = ["InputError", "Network", "__version__", "analyze", "compare", "from_text", "load", "run"]

_HOMES = {
    "InputError": "cnncalc.core.errors",
    "Network": "cnncalc.language.builder",
    "analyze": "cnncalc.analysis.infer",
    "compare": "cnncalc.analysis.compare",
    "from_text": "cnncalc.language.load",
    "load": "cnncalc.language.load",
    "run": "cnncalc.execution.run",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for, and only that: the command line must not pay for the library."""
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(_HOMES[name]), name)
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("cnncalc")
        except PackageNotFoundError:  # a source checkout that was never installed
            return "0+unknown"
    if name.startswith("_"):  # Python's own questions
        raise AttributeError(f"module 'cnncalc' has no attribute {name!r}")
    from cnncalc.core.call_site import caller
    from cnncalc.core.errors import UnknownName
    from cnncalc.core.suggest import closest_name, did_you_mean
    from cnncalc.core.translation import Listed

    is_command = closest_name(name, (*__all__, "summarize")) == "summarize"
    raise UnknownName.of(
        "unknown-name",
        "there is no `cnncalc.{name}`",
        caller(),
        help="write `print(cnncalc.analyze(cnncalc.load({example})))`"
        if is_command
        else did_you_mean(name, _HOMES, "its names are {known}"),
        name=name,
        example='"resnet50"',
        known=Listed(__all__, ","),
    )


def __dir__() -> list[str]:
    return __all__
