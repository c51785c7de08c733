"""The networks that sheets of answers are about."""

from __future__ import annotations

from pathlib import Path

from cnncalc.analysis.infer import analyze
from cnncalc.analysis.report import Report
from cnncalc.core.tensor import Shape
from cnncalc.language.load import from_document, load
from cnncalc.language.text.document import Mapping, Scalar, Value


class Networks:
    """The networks that sheets are about, each analyzed once; `input` and `params` override those of a sheet.

    A `fixed` one is that of every sheet, whatever a sheet says.
    """

    def __init__(self, input: Shape | None = None, params: dict[str, str] | None = None) -> None:
        self.input = input
        self.params = params or {}
        self.fixed: Report | None = None
        self._known: dict[tuple[object, Shape | None, tuple[tuple[str, str], ...]], Report] = {}

    def load(
        self, name: str, input: Shape | None = None, params: dict[str, str] | None = None, *, pipe: bool = False
    ) -> Report:
        """The network of a name or a path; `pipe` as for `load`.

        Errors:  those of the description
        """
        chosen, shape = {**(params or {}), **self.params}, self.input or input
        key = (name, shape, tuple(sorted(chosen.items())))
        if key not in self._known:
            self._known[key] = analyze(load(name, params=chosen, input=shape, pipe=pipe))
        return self._known[key]

    def from_description(self, document: Value, params: dict[str, str]) -> Report:
        """The network that a sheet describes itself."""
        chosen = {**params, **self.params}
        key = ((folder_of(document), _written(document)), self.input, tuple(sorted(chosen.items())))
        if key not in self._known:
            self._known[key] = analyze(from_document(document, chosen, self.input, None))
        return self._known[key]


def folder_of(value: Value) -> Path:
    """The folder from which a description imports."""
    return Path(value.span.source.name).parent


def _written(value: Value) -> object:
    """A value without its places, by which equal descriptions are recognised."""
    if isinstance(value, Scalar):
        return value.value, value.text, value.quoted
    if isinstance(value, Mapping):
        return tuple([(key.text, _written(part)) for key, part in value.entries()])
    return ("-", *map(_written, value.items))
