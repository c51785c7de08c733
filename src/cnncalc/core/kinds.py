"""What layer types have in common, for those who treat all of a kind alike and know no list of types."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


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


class Traits(NamedTuple):
    """What a layer type says of itself besides its rules."""

    kind: Kind = Kind.OTHER
    is_taught_first: bool = False  # of the first lessons: a quiz asks about it at its easiest
    reads_sequences: bool = False  # two axes are (length, features) to it, not (channels, length)
    keeps_statistics: bool = False  # it normalises by stored statistics in evaluation, as a batch norm does
    moves_values: bool = False  # it puts out values of its inputs, and nothing else
    relabels: bool = False  # it gives the same values other axes
    selects: bool = False  # what it puts out, and where, depends on which of its values is the largest
    mixes_positions: bool = False  # every position of a sequence sees all, or they are counted anew
