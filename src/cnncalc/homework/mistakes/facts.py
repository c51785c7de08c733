"""The facts about a layer that sentences need, each worked out when a sentence asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import TYPE_CHECKING, Any

from cnncalc.analysis.table import spell_pair
from cnncalc.core.kinds import FILTERS, Kind
from cnncalc.core.tensor import Shape, spell
from cnncalc.core.translation import Phrase, _

if TYPE_CHECKING:
    from cnncalc.homework.mistakes.base import Case

Pads = tuple[tuple[int, int], ...]


class Facts:
    """A layer in numbers: what goes in, what comes out, its filters and its windows."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.row = case.row
        self.layer: Any = case.row.layer
        self.kind = case.row.kind
        self.x = case.row.inputs[0]
        self.y = case.row.output

    # What the layer is

    @property
    def has_filters(self) -> bool:
        """Whether every output channel or unit has weights of its own."""
        return self.kind in (*FILTERS, Kind.LINEAR)

    @property
    def filters_map(self) -> bool:
        """Whether the filters slide over a map."""
        return self.kind in FILTERS

    @property
    def is_linear(self) -> bool:
        """Whether it multiplies by one matrix."""
        return self.kind is Kind.LINEAR

    @property
    def is_transposed(self) -> bool:
        """Whether values are spread over windows of the output."""
        return self.kind is Kind.TRANSPOSED_CONVOLUTION

    @property
    def has_windows(self) -> bool:
        """Whether windows of one map make another map; not its columns, and not frame by frame."""
        layer, inputs = self.layer, self.row.inputs
        if not hasattr(layer, "kernel_size") or not hasattr(layer, "pads") or len(inputs) != 1:
            return False
        on_map = len(inputs[0].spatial) == len(layer.kernel_size) == len(self.row.output.shape) - 1
        return on_map and self.kind is not Kind.RECURRENT

    @property
    def windows_slide(self) -> bool:
        """Whether windows slide over the input and each leaves one position, as in a convolution or a pool."""
        return self.has_windows and not self.is_transposed and len(self.x.spatial) == len(self.y.spatial)

    @property
    def is_window_pool(self) -> bool:
        """Whether windows slide over the map, and nothing is learned."""
        return self.kind is Kind.POOLING and self.windows_slide and not self.row.weights

    def option(self, name: str, otherwise: Any = None) -> Any:
        """An option, where the layer has it."""
        return self.layer.__dict__.get(name, otherwise)

    # Channels

    @property
    def into(self) -> int:
        """Channels or features that go in."""
        assert self.case.working is not None
        return int(self.case.working.features)

    @property
    def out(self) -> int:
        """Channels or features that come out."""
        return self.y.shape[-1] if self.is_linear else self.y.channels

    @property
    def outputs(self) -> Phrase:
        """The words for what there is one of per filter."""
        return Phrase("output channels") if self.filters_map else Phrase("output units")

    @property
    def g(self) -> int:
        """Groups."""
        return int(self.option("groups", 1))

    @property
    def seen(self) -> int:
        """Channels that a filter reads."""
        return self.into // self.g

    # Windows

    @property
    def pads(self) -> Pads:
        """Rows added, or cut off, at the ends of each axis; nothing where there is no padding."""
        if self.has_windows:
            pads: Pads = self.layer.pads() if self.is_transposed else self.layer.pads(self.x)
            return pads
        return pairs_of(self.layer.padding, len(self.x.spatial)) if self.row.type == "pad" else ()

    @property
    def padding(self) -> str:
        """The padding as text."""
        return "×".join(dict.fromkeys(f"{before} + {after}" for before, after in self.pads))

    @property
    def strides(self) -> Shape:
        """Stride per axis."""
        strides: Shape = self.layer.strides() if hasattr(self.layer, "strides") else self.layer.stride
        return strides if self.has_windows else (1,)

    @property
    def stride(self) -> str:
        """The stride as text."""
        return spell_pair(self.strides)

    @property
    def kernel(self) -> str:
        """The kernel as text."""
        return spell(self.layer.kernel_size)

    @property
    def taps(self) -> int:
        """Positions of the kernel."""
        return prod(self.layer.kernel_size)

    @property
    def k(self) -> int:
        """Rows of the kernel."""
        return int(self.layer.kernel_size[0])

    @property
    def d(self) -> int:
        """Dilation of the rows."""
        return int(self.layer.dilation[0])

    @property
    def span(self) -> int:
        """Rows that the kernel spans."""
        return self.d * (self.k - 1) + 1

    @property
    def n(self) -> int:
        """Rows that go in, or length."""
        return self.x.spatial[0]

    @property
    def p(self) -> int:
        """Rows of padding."""
        return sum(self.pads[0])

    @property
    def reach(self) -> int:
        """What is divided by the stride."""
        return self.n + self.p - self.span

    @property
    def size_in(self) -> str:
        """Rows and columns that go in."""
        return spell(self.x.spatial)

    @property
    def size_out(self) -> str:
        """Rows and columns that come out."""
        return spell(self.y.spatial)

    @property
    def places(self) -> str:
        """Positions at which every weight is used."""
        return self.size_in if self.is_transposed else self.size_out

    @property
    def biases(self) -> int:
        """The number of biases."""
        return sum(weight.numel for weight in self.row.weights if is_bias(weight.name))

    # A map laid flat

    @property
    def flat(self) -> Shape:
        """The map that the layer reads laid flat, if it does."""
        flatten = self.case.flatten()
        return flatten.inputs[0].shape if flatten is not None else ()

    @property
    def map(self) -> str:
        """The same as text."""
        return spell(self.flat)

    @property
    def product(self) -> str:
        """Its values as a product."""
        return "·".join(map(str, self.flat))

    @property
    def reads_flat(self) -> bool:
        """Whether the layer lays a map flat, or multiplies one that is laid flat."""
        return bool(self.flat) and (self.is_linear or self.row.type == "flatten")

    @property
    def weights(self) -> str:
        """What is learned, with names and shapes."""
        return ", ".join(f"{one.name or self.row.path} {spell(one.shape)}" for one in self.row.weights if one.trainable)

    @property
    def type(self) -> str:
        """The type of the layer."""
        return self.row.type

    @property
    def values(self) -> int:
        """Values of that map."""
        return prod(self.flat)


def is_bias(name: str) -> bool:
    """Whether a weight of this name is added and multiplies nothing."""
    last = name.rpartition(".")[2]
    return last.startswith("bias") or last.endswith("_bias")


def pairs_of(given: Any, axes: int) -> Pads:
    """Rows at both ends of each axis, from one number or from one per axis or end."""
    pairs = tuple(one if isinstance(one, tuple) else (one, one) for one in given)
    return pairs * axes if len(pairs) == 1 else pairs


def spell_option(value: Any) -> str:
    """An option as text: one number where all axes have the same."""
    if not isinstance(value, tuple):
        return str(value)
    parts = [" + ".join(map(str, one)) if isinstance(one, tuple) else str(one) for one in value]
    return parts[0] if len(set(parts)) == 1 else "×".join(parts)


class _Facts(dict[str, object]):
    """Facts by name, some of them given, the others those of a layer."""

    def __init__(self, layer: Facts, given: Mapping[str, object]) -> None:
        super().__init__(given)
        self.layer = layer

    def __missing__(self, name: str) -> object:
        return getattr(self.layer, name)


def sentence_about(layer: Facts, template: str, given: Mapping[str, object]) -> str:
    """A sentence in the language in use, with the facts that are given and those of a layer."""
    return _(template).format_map(_Facts(layer, given))
