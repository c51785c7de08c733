"""torch-scan's convention, as far as its rules are known."""

from __future__ import annotations

from math import prod

from cnncalc.analysis.conventions.base import MACS, Convention, Number, Rate, Rates
from cnncalc.analysis.conventions.bases import (
    BIASED,
    CHANNELS,
    EACH_READ,
    ONLY_STATED,
    READ,
    WRITTEN,
    extents,
    is_scaled,
    kernel_as_written,
    over_axes,
    pools,
)
from cnncalc.analysis.report import LayerReport
from cnncalc.core.translation import Phrase


def _adaptive(row: LayerReport) -> Number:
    """Additions in the largest window, and a division for each axis."""
    return prod([-(-inner // outer) for inner, outer in extents(row)]) - 1 + len(extents(row))


def _each_read(number: int) -> Rates:
    return (Rate(number, READ),)


_CONTRACTED = (Rate(2, MACS), Rate(-1, WRITTEN), Rate(1, BIASED))
_BATCH_NORM = (Rate(2, CHANNELS), Rate(lambda row: 4 if is_scaled(row) else 2, READ))

TORCH_SCAN = Convention(
    "torch-scan",
    Phrase(
        "K multiplications and K − 1 additions per output, and 1 for a bias; batch norms 4 per value and 2 per "
        "channel, ReLU and dropout 1 per value, max pools their kernel less 1"
    ),
    {
        **ONLY_STATED,
        **over_axes("conv", _CONTRACTED),
        "linear": _CONTRACTED,
        **over_axes("batch_norm", _BATCH_NORM),
        "relu": EACH_READ,
        "relu6": _each_read(2),
        "elu": _each_read(6),
        "sigmoid": _each_read(4),
        "tanh": _each_read(6),
        "dropout": EACH_READ,
        **over_axes("max_pool", (Rate(lambda row: kernel_as_written(row) - 1, WRITTEN),)),
        **pools("adaptive_avg", (Rate(_adaptive, WRITTEN),)),
        **dict.fromkeys(("add", "multiply", "softmax", "upsample"), ()),
    },
    "torchscan/modules/flops.py",
    "torch-scan, module FLOPs",
    "0.2.0",
    functions={},
    quirks=(
        Phrase("A pool counts k − 1 per output and not k² − 1, where its kernel is one number."),
        Phrase("Dropout counts 1 per value, in evaluation too."),
    ),
)
