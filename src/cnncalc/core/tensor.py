"""What travels along an edge, and what a layer stores."""

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
    """Shape and element type of one tensor of one image."""

    shape: Shape
    dtype: DType = DType.FLOAT32

    @property
    def channels(self) -> int:
        """Extent of the first axis: C of (C, H, W), or the features of a vector."""
        return self.shape[0]

    @property
    def spatial(self) -> Shape:
        """The axes after the channels: (H, W) of (C, H, W)."""
        return self.shape[1:]

    @property
    def numel(self) -> int:
        """Number of elements."""
        return prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes of all elements of one image."""
        return self.numel * self.dtype.nbytes

    def with_shape(self, shape: Iterable[int]) -> TensorSpec:
        """The same element type in another shape."""
        return TensorSpec(tuple(shape), self.dtype)

    def with_spatial(self, spatial: Iterable[int]) -> TensorSpec:
        """The same channels on another grid."""
        return TensorSpec((self.shape[0], *spatial), self.dtype)


class WeightSpec(NamedTuple):
    """One stored tensor of a layer, under its torch name; running statistics are not trainable."""

    name: str
    shape: Shape
    trainable: bool = True

    @property
    def numel(self) -> int:
        """Number of elements."""
        return prod(self.shape)


def spell(shape: Shape) -> str:
    """A shape as it is written in a sentence: 3×224×224."""
    return "×".join(map(str, shape)) if shape else "scalar"
