"""Params set on the command line or by a call: their places and values, and the diagnostic for unknown ones."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from numbers import Real
from typing import Any

from cnncalc.core.call_site import caller
from cnncalc.core.errors import COMMAND_LINE, Diagnostic, InputError, Source, Span
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.tensor import Shape
from cnncalc.core.translation import Listed
from cnncalc.language.text.document import DEEPEST, Scalar, Sequence, Value, resolve, too_deep


def set_span(name: str, value: Any) -> Span:
    """The place of `--set NAME=VALUE`, or the line of the call that sets it."""
    called = caller()
    if called is not None:
        return called
    written = f"--set {name}={value}"
    return Span(Source(COMMAND_LINE, written), 1, 7, len(written) + 1)


def params_given(params: Any) -> dict[str, Any]:
    """The params of a call by name.

    Errors:  wrong-kind
    """
    if params is None:
        return {}
    if not isinstance(params, Mapping) or not all(isinstance(name, str) for name in params):
        raise InputError.of(
            "wrong-kind",
            "params are names with values",
            caller(),
            help="write `params={{{example}: 16}}`",
            example="'width'",
        )
    return dict(params)


def setting(name: str, value: Any) -> Value:
    """What a param is set to, as if a description had it; text is read as on the command line.

    Errors:  wrong-kind, too-deep
    """
    return _written(value, name, set_span(name, value), 0)


def _written(value: Any, name: str, span: Span, depth: int) -> Value:
    if depth > DEEPEST:
        raise too_deep(span)
    if isinstance(value, (list, tuple)):
        return Sequence(tuple(_written(one, name, span, depth + 1) for one in value), span)
    if isinstance(value, str):
        return Scalar(resolve(value), value, span)
    if value is None or isinstance(value, int):
        return Scalar(value, "", span)
    if isinstance(value, Real):  # whole numbers of NumPy as well
        return Scalar(float(value), str(value), span)
    raise InputError.of(
        "wrong-kind",
        "a param is a number, true or false, text or a list of these, and `{name}` is set to a {kind}",
        span,
        help="write `params={{{name!r}: 16}}`",
        name=name,
        kind=type(value).__name__,
    )


def input_span(shape: Shape) -> Span:
    """The place of `--input CxHxW`."""
    written = f"--input {'x'.join(map(str, shape))}"
    return Span(Source(COMMAND_LINE, written), 1, 9, len(written) + 1)


class SharedParams(dict[str, Any]):
    """Params set for several networks: each takes those that it has."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.known: dict[str, None] = {}
        """The params of all networks that were loaded, in order of appearance."""
        self.taken: dict[str, Any] = {}
        """Those that the network loaded last has taken."""

    def check(self) -> None:
        """Reject those that no network has.

        Errors:  unknown-param
        """
        unknown = [name for name in self if name not in self.known]
        if unknown:
            raise InputError(self._unknown(name) for name in unknown)

    def _unknown(self, name: str) -> Diagnostic:
        known = list(self.known)
        return Diagnostic(
            "unknown-param",
            "no network that is compared has a param `{name}`",
            {"name": name, "known": Listed(known, ",")},
            set_span(name, self[name]),
            help=did_you_mean(name, known, "their params are {known}" if known else "they have none"),
        )


def params_had(params: dict[str, Any], known: Iterable[str]) -> dict[str, Any]:
    """Those of the params that are for a network with these; only shared ones may be for others."""
    if not isinstance(params, SharedParams):
        return params
    params.known.update(dict.fromkeys(known))
    params.taken = {name: value for name, value in params.items() if name in known}
    return params.taken


def unknown_param(what: str, name: str, span: Span, known: Collection[str]) -> Diagnostic:
    """The diagnostic for a param that a description or function does not have."""
    return Diagnostic(
        "unknown-param",
        "{what} has no param `{name}`",
        {"what": what, "name": name, "known": Listed(known, ",")},
        span,
        help=did_you_mean(name, known, "its params are {known}" if known else "it has none"),
    )
