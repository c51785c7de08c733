"""Layers and inputs traced in the field's symbols, so that their rules return formulas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cnncalc.core.tensor import Shape, TensorSpec
from cnncalc.core.term import Key, Term, key_of

SYMBOLS = {
    "kernel_size": "k",
    "stride": "s",
    "padding": "p",
    "dilation": "d",
    "output_padding": "p_out",
    "out_channels": "C_out",
    "out_features": "F_out",
    "groups": "g",
    "num_groups": "G",
    "output_size": "m",
    "upscale_factor": "r",
    "hidden_size": "h",
    "num_heads": "n_head",
    "num_embeddings": "V",
    "embedding_dim": "E",
    "window_size": "M",
    "num_layers": "n_layer",
}
"""Symbols of options, where they are not the option's name."""

NUMBERED = {"levels": "n"}
"""Options that list numbers which belong to no axis, with the symbol that each has besides its place."""

UNTRACED = frozenset({"connections", "dims", "dim", "start_dim", "end_dim"})
"""Options that select something and enter no sum."""

AXES = {1: ("",), 2: ("h", "w"), 3: ("t", "h", "w")}
"""Subscripts for the axes of an option, by their number."""

GRIDS = {0: (), 1: ("L",), 2: ("H", "W"), 3: ("T", "H", "W")}
"""Symbols for the extents of a map, by its number of axes."""


def traced_layer(layer: Any) -> Any:
    """The layer with its numbers as symbols."""
    options = layer.options().items()
    traced = {name: _as_symbols(SYMBOLS.get(name, name), value) for name, value in options if name not in UNTRACED}
    listed = {name: _as_numbered(NUMBERED[name], value) for name, value in options if name in NUMBERED}
    return layer.model_copy({**traced, **listed})


def _as_numbered(symbol: str, values: tuple[int, ...]) -> tuple[Term, ...]:
    return tuple(Term.symbol(f"{symbol}_{place}", value) for place, value in enumerate(values, start=1))


def _as_symbols(symbol: str, value: Any) -> Any:
    """A number as a symbol; numbers per axis, and per end of an axis, with a symbol for each."""
    if type(value) is int:
        return Term.symbol(symbol, value)
    if not isinstance(value, tuple) or len(value) not in AXES:
        return value
    return tuple(
        _as_end_symbols(f"{symbol}_{axis}" if axis else symbol, part)
        for axis, part in zip(AXES[len(value)], value, strict=True)
    )


def _as_end_symbols(symbol: str, value: Any) -> Any:
    if isinstance(value, tuple) and len(value) == 2 and all(type(rows) is int for rows in value):
        return Term.symbol(f"{symbol}1", value[0]), Term.symbol(f"{symbol}2", value[1])
    return Term.symbol(symbol, value) if type(value) is int else value


def traced_inputs(layer: Any, specs: Sequence[TensorSpec]) -> tuple[TensorSpec, ...]:
    """Inputs with symbols for extents: C_in, H and W for one input, C_1, H_1 ... for several."""
    traced = []
    for number, spec in enumerate(specs, start=1):
        names = _extent_symbols(layer, spec.shape, spec.channels_last, "in")
        if len(specs) > 1:
            names = [f"{name.removesuffix('_in')}_{number}" for name in names]
        shape = tuple(Term.symbol(name, extent) for name, extent in zip(names, spec.shape, strict=True))
        traced.append(spec._replace(shape=shape))
    return tuple(traced)


def output_symbols(layer: Any, spec: TensorSpec) -> list[str]:
    """Symbols for the extents of an output."""
    return [
        f"{name.removesuffix('_out')}_out" for name in _extent_symbols(layer, spec.shape, spec.channels_last, "out")
    ]


def _extent_symbols(layer: Any, shape: Shape, channels_last: bool, side: str) -> list[str]:
    if len(shape) == 1:
        return [f"F_{side}"]
    if len(shape) == 2 and layer.traits.reads_sequences:
        return ["L", f"F_{side}"]
    grid = list(GRIDS.get(len(shape) - 1, [f"N{axis}" for axis in range(1, len(shape))]))
    return [*grid, f"C_{side}"] if channels_last else [f"C_{side}", *grid]


def extent_names(shape: Shape, names: Sequence[str]) -> Mapping[Key, str]:
    """Names for computed extents, so that later formulas can refer to them."""
    return {
        key_of(extent): name
        for extent, name in zip(shape, names, strict=True)
        if isinstance(extent, Term) and extent.operator is not None
    }
