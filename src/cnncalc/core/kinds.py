"""What kinds of layers there are, for those who treat all of a kind alike."""

from __future__ import annotations

from enum import Enum


class Kind(Enum):
    """What a layer is to somebody who reads a table of many; the value is its name."""

    CONVOLUTION = "convolution"
    TRANSPOSED_CONVOLUTION = "transposed convolution"
    LOCAL = "locally connected"  # a convolution whose places share no weights
    LINEAR = "linear"
    POOLING = "pooling"
    NORM = "norm"
    ACTIVATION = "activation"
    MERGE = "merge"
    RECURRENT = "recurrent"
    ATTENTION = "attention"
    OTHER = "other"

    __hash__ = object.__hash__  # members are singletons


FILTERS = (Kind.CONVOLUTION, Kind.TRANSPOSED_CONVOLUTION, Kind.LOCAL)
"""Kinds that move a kernel of weights over a map."""
