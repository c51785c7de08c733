"""Networks written in Python, with the same layers, names and checks as in YAML."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cnncalc.core.errors import Fault, InputError, Source, Span
from cnncalc.core.graph import NOWHERE, Accuracy, Graph, Metadata, Origin
from cnncalc.core.tensor import Shape
from cnncalc.language.assembly import Assembly
from cnncalc.language.options import build, layer_class


class Network:
    """A network under construction: every layer type of the catalogue is a method that appends it and gives its path.

    Errors:  InputError from every call, with the line of the caller

    Example:
        net = Network("tiny", input=(3, 32, 32))
        net.conv2d(out_channels=16, kernel_size=3, padding=1, name="stem")
        with net.group("head"):
            net.global_avg_pool2d()
            net.linear(out_features=10)
        graph = net.build()
    """

    def __init__(
        self,
        name: str,
        input: Shape | None = None,
        inputs: dict[str, Shape] | None = None,
        *,
        title: str = "",
        year: int | None = None,
        paper: str = "",
        notes: str = "",
        top1: float | None = None,
        top5: float | None = None,
        accuracy_source: str = "",
    ) -> None:
        shapes = inputs or ({"input": input} if input is not None else {})
        if not shapes:
            raise InputError.of(
                "missing-option",
                "the network has no input",
                _caller_span(),
                help="write `Network(name, input=(3, 224, 224))`",
            )
        for shape in shapes.values():
            if not isinstance(shape, (tuple, list)) or not shape or not all(type(n) is int and n > 0 for n in shape):
                raise InputError.of(
                    "bad-shape",
                    "an input shape is a tuple of whole numbers from 1",
                    _caller_span(),
                    help="write `(3, 224, 224)`: channels first, without the batch",
                )
        self._assembly = Assembly(name, {key: tuple(shape) for key, shape in shapes.items()})
        self._metadata = Metadata(title, year, paper, Accuracy(top1, top5, accuracy_source), notes)

    @property
    def last(self) -> str | None:
        """Path that the next layer reads unless it has `from_`."""
        return self._assembly.current

    def shape(self, path: str | None = None) -> Shape:
        """Output shape of a layer, by default the last one."""
        with _locate_faults():
            return self._assembly.spec(self._assembly.wire(path or "previous")).shape

    @contextmanager
    def group(
        self, name: str, *, indexed: bool = False, share: str | None = None, alias: str | None = None
    ) -> Iterator[None]:
        """A level of the hierarchy; `indexed` numbers unnamed layers inside, as torch's Sequential does."""
        with self._assembly.group(name, name, indexed, share, alias):
            yield

    def start_at(self, path: str) -> None:
        """Let the next layer read an earlier one, to begin a branch."""
        with _locate_faults():
            self._assembly.current = self._assembly.wire(path)

    def add_layer(
        self,
        type: str,
        /,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        **options: Any,
    ) -> str:
        """Append a layer of any type and return its path."""
        span = _caller_span()
        with _locate_faults(span):
            assembly = self._assembly
            references = (from_,) if isinstance(from_, str) else from_
            inputs = None if references is None else tuple(map(assembly.wire, references))
            layer = build(type, {key: _as_tuples(value) for key, value in options.items()}, NOWHERE, span)
            return assembly.add(layer, name, inputs, Origin(span), share, alias)

    def __getattr__(self, type: str) -> Callable[..., str]:
        if type.startswith("_"):
            raise AttributeError(type)
        layer_class(type, _caller_span())  # so that the diagnostic points to the name

        def append(**options: Any) -> str:
            return self.add_layer(type, **options)

        return append

    def build(self, outputs: str | Sequence[str] | None = None) -> Graph:
        """The finished graph; by default its output is that of the last layer."""
        with _locate_faults():
            references = (outputs,) if isinstance(outputs, str) else outputs
            wires = None if references is None else tuple(map(self._assembly.wire, references))
            return self._assembly.graph(wires, self._metadata)


def _as_tuples(value: Any) -> Any:
    return tuple(map(_as_tuples, value)) if isinstance(value, (list, tuple)) else value


@contextmanager
def _locate_faults(span: Span | None = None) -> Iterator[None]:
    try:
        yield
    except Fault as fault:
        raise InputError([fault.at(span or _caller_span())]) from None


def _caller_span() -> Span | None:
    """The line that called this module."""
    frame = sys._getframe(1)
    while frame.f_code.co_filename == __file__ or frame.f_code.co_filename.endswith("contextlib.py"):
        if frame.f_back is None:
            return None
        frame = frame.f_back
    name, number = frame.f_code.co_filename, frame.f_lineno
    text = linecache.getline(name, number).rstrip()
    if not text:
        return None
    source = Source(name if not Path(name).is_absolute() else _relative_name(name), "\n" * (number - 1) + text)
    return Span(source, number, len(text) - len(text.lstrip()) + 1, len(text) + 1)


def _relative_name(name: str) -> str:
    try:
        return str(Path(name).relative_to(Path.cwd()))
    except ValueError:
        return name
