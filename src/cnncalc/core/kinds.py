"""Kinds and traits of layer types, so that no other package keeps lists of types."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Kind(Enum):
    """The kind of a layer, as a table shows it; the value is its name."""

    CONVOLUTION = "convolution"
    TRANSPOSED_CONVOLUTION = "transposed convolution"
    LOCAL = "locally connected"  # a convolution without weight sharing
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
"""Kinds that apply a kernel of weights to windows of a map."""


class Traits(NamedTuple):
    """What a layer type declares besides its rules."""

    kind: Kind = Kind.OTHER
    is_taught_first: bool = False  # a first lesson covers it: the easiest quiz asks about it
    reads_sequences: bool = False  # it reads an input of two axes as (length, features), not as (channels, length)
    keeps_statistics: bool = False  # in evaluation it normalises by stored statistics, as a batch norm does
    scales_channels: bool = False  # its input with one value per channel scales the map, as a gate does
    broadcasts: bool = False  # an axis of extent 1 of an input is repeated to the extent of the others
    halves: bool = False  # it brings the two halves of an axis together
    is_source: bool = False  # its output depends on no input: of that it reads how many images there are
    moves_values: bool = False  # its output holds values of its inputs, unchanged
    relabels: bool = False  # it gives the same values other axes
    selects: bool = False  # its output depends on which input value is the largest
    is_opaque: bool = False  # nothing is known of it but what its options say
    mixes_positions: bool = False  # every position of a sequence sees all others, or positions are renumbered
