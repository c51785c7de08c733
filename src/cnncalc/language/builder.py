"""Networks written in Python, with the same layers, names and checks as in YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cnncalc.core.errors import Fault, InputError, Span, UnknownName
from cnncalc.core.graph import NOWHERE, Accuracy, Graph, Metadata, Origin
from cnncalc.core.tensor import Shape
from cnncalc.language.assembly import Assembly
from cnncalc.language.call_site import caller, input_shape
from cnncalc.language.layer_methods import PLACED, LayerMethods
from cnncalc.language.options import build, layer_class
from cnncalc.language.positional import named


class Network(LayerMethods):
    """A network under construction: every layer type of the catalogue is a method that appends it and gives its path.

    Options that must be given need no name, in torch's order without the sizes that follow from the input.

    Errors:  InputError from every call, with the line of the caller

    Example:
        net = Network("tiny", input=(3, 32, 32))
        net.conv2d(16, 3, padding=1, name="stem")
        with net.group("head"):
            net.global_avg_pool2d()
            net.linear(10)
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
                caller(),
                help="write `Network(name, input=(3, 224, 224))`",
            )
        span = caller()
        spans = {} if span is None else dict.fromkeys(shapes, span)
        self._assembly = Assembly(name, {key: input_shape(shape) for key, shape in shapes.items()}, spans)
        self._metadata = Metadata(title, year, paper, Accuracy(top1, top5, accuracy_source), notes)

    @property
    def name(self) -> str:
        """What it is called."""
        return self._assembly.name

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
        with (
            _locate_faults(),
            self._assembly.group(str(name), str(name), indexed, _text(share), _text(alias), is_module=not indexed),
        ):
            yield

    def start_at(self, path: str) -> None:
        """Let the next layer read an earlier one, to begin a branch."""
        with _locate_faults():
            self._assembly.current = self._assembly.wire(path)

    def add_layer(
        self,
        type: str,
        /,
        *values: Any,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
        **options: Any,
    ) -> str:
        """Append a layer of any type and return its path."""
        span = caller()
        with _locate_faults(span):
            assembly = self._assembly
            references = from_ if isinstance(from_, (list, tuple)) else (from_,)
            inputs = None if from_ is None else tuple(assembly.wire(str(one)) for one in references)
            given: Mapping[str, Any] = {key: _as_tuples(value) for key, value in options.items()}
            if values:
                placed = {
                    key: one for key, one in zip(PLACED, (name, from_, share, alias, functional), strict=True) if one
                }
                given = named(
                    layer_class(type, span),
                    _as_tuples(values),
                    given,
                    lambda: assembly.spec(inputs[0] if inputs else assembly.wire("previous")).shape,
                    lambda free, meant: _call(type, span, free, meant, placed),
                )
            layer = build(type, given, NOWHERE, span)
            return assembly.add(layer, _text(name), inputs, Origin(span), _text(share), _text(alias), bool(functional))

    if not TYPE_CHECKING:  # which knows every layer type by its name

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(name)
            methods = [other for other in dir(Network) if not other.startswith("_")]
            try:
                return layer_class(name, caller(), tuple(methods))  # there is none, else it had been found
            except InputError as error:
                raise UnknownName(error.diagnostics) from None

    def build(self, outputs: str | Sequence[str] | None = None) -> Graph:
        """The finished graph; by default its output is that of the last layer."""
        with _locate_faults():
            references = (outputs,) if isinstance(outputs, str) else outputs
            wires = None if references is None else tuple(map(self._assembly.wire, references))
            return self._assembly.graph(wires, self._metadata)


def _text(name: object) -> str | None:
    """A name, whatever it is written as: `name=1` is no worse than in YAML."""
    return None if name is None else str(name)


def _as_tuples(value: Any) -> Any:
    is_list = isinstance(value, Sequence) and not isinstance(value, (str, bytes))
    return tuple(map(_as_tuples, value)) if is_list else value


def _call(type: str, span: Span | None, free: Sequence[str], options: Mapping[str, Any], placed: dict[str, Any]) -> str:
    """A call as it could be written on this line; `free` options need no name."""
    found = re.search(rf"[\w.]+(?=\.{type}\()", span.source.line(span.line)) if span else None
    first = [name for name in free if name in options]
    rest = {name: value for name, value in options.items() if name not in first}
    words = [repr(options[name]) for name in first] + [f"{key}={one!r}" for key, one in {**rest, **placed}.items()]
    return f"{found[0] if found else 'net'}.{type}({', '.join(words)})"


@contextmanager
def _locate_faults(span: Span | None = None) -> Iterator[None]:
    try:
        yield
    except Fault as fault:
        raise InputError([fault.at(span or caller())]) from None
