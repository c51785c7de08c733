"""Specifications of tensors: activations between layers, and stored weights."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from math import prod
from typing import NamedTuple

Shape = tuple[int, ...]
"""Channels first and without the batch axis: (C, H, W)."""


class DType(Enum):
    """An element type; the value is its name on the command line."""

    FLOAT32 = "float32"
    FLOAT16 = "float16"
    BFLOAT16 = "bfloat16"
    INT8 = "int8"

    __hash__ = object.__hash__  # members are singletons; Enum would hash the name, in Python, at every look-up

    @property
    def nbytes(self) -> int:
        """Bytes of one element."""
        return _ELEMENT_BYTES[self]


_ELEMENT_BYTES = {DType.FLOAT32: 4, DType.FLOAT16: 2, DType.BFLOAT16: 2, DType.INT8: 1}


class TensorSpec(NamedTuple):
    """Shape and element type of one tensor of one image.

    `channels_last` marks a map that a permute has laid out as (H, W, C). With `regions` above one, the image has that
    many tensors of this shape: layers after a region pooling run once per region.
    """

    shape: Shape
    dtype: DType = DType.FLOAT32
    channels_last: bool = False
    regions: int = 1

    @property
    def channels(self) -> int:
        """C of (C, H, W) and of (H, W, C), or the features of a vector."""
        return self.shape[-1 if self.channels_last else 0]

    @property
    def spatial(self) -> Shape:
        """The axes besides the channels: (H, W) of (C, H, W)."""
        return self.shape[:-1] if self.channels_last else self.shape[1:]

    @property
    def numel(self) -> int:
        """Number of elements of one region."""
        return prod(self.shape)

    @property
    def elements(self) -> int:
        """Number of elements of one image."""
        return self.numel * self.regions

    @property
    def nbytes(self) -> int:
        """Bytes of all elements of one image."""
        return self.elements * self.dtype.nbytes

    def with_shape(self, shape: Iterable[int]) -> TensorSpec:
        """The same element type in another shape, channels first."""
        return TensorSpec(tuple(shape), self.dtype)

    def with_spatial(self, spatial: Iterable[int]) -> TensorSpec:
        """The same channels on another grid, channels first."""
        return TensorSpec((self.channels, *spatial), self.dtype)

    def shape_text(self) -> str:
        """The shape as tables show it: 3×224×224, or 1000 × (256×7×7)."""
        return spell(self.shape) if self.regions == 1 else f"{self.regions} × ({spell(self.shape)})"


class WeightSpec(NamedTuple):
    """One stored tensor of a layer, under its torch name; running statistics are not trainable.

    Without a name it is stored under the layer's own path, as torch does for a bare `nn.Parameter`.
    """

    name: str
    shape: Shape
    trainable: bool = True

    @property
    def numel(self) -> int:
        """Number of elements."""
        return prod(self.shape)


def stored_name(path: str, weight: str) -> str:
    """The key of a layer's weight in a state dict."""
    return f"{path}.{weight}" if weight else path


def spell(shape: tuple[object, ...]) -> str:
    """The text of a shape: 3×224×224."""
    return "×".join(map(str, shape)) if shape else "scalar"
