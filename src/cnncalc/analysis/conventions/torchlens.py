"""TorchLens' convention, as far as its rules are known."""

from __future__ import annotations

from cnncalc.analysis.conventions.base import Convention, Rate, Rates
from cnncalc.analysis.conventions.bases import (
    BIASED,
    EACH_READ,
    EACH_WRITTEN,
    ONLY_STATED,
    TWICE_CONTRACTED,
    WRITTEN,
    kernel_as_written,
    over_axes,
    pools,
)
from cnncalc.core.translation import Phrase


def _each_written(number: int) -> Rates:
    return (Rate(number, WRITTEN),)


_CONTRACTED = (*TWICE_CONTRACTED, Rate(1, BIASED))
_POOL = (Rate(kernel_as_written, WRITTEN, words=Phrase("kernel")),)

TORCHLENS = Convention(
    "torchlens",
    Phrase(
        "2 per MAC, and 1 per output for a bias; norms 5 per value, ReLU and additions 1, dropout 2, pools their kernel"
    ),
    {
        **ONLY_STATED,
        **over_axes("conv", _CONTRACTED),
        **over_axes("conv_transpose", _CONTRACTED),
        "linear": _CONTRACTED,
        **over_axes("batch_norm", _each_written(5)),
        **over_axes("instance_norm", _each_written(5)),
        **dict.fromkeys(("layer_norm", "layer_norm2d", "group_norm", "softmax", "silu"), _each_written(5)),
        "relu": EACH_WRITTEN,
        **dict.fromkeys(("sigmoid", "hardswish", "upsample"), _each_written(4)),
        "gelu": _each_written(14),
        "tanh": _each_written(6),
        "elu": _each_written(9),
        "dropout": _each_written(2),
        **over_axes("max_pool", _POOL),
        **over_axes("avg_pool", _POOL),
        **pools("adaptive_avg", EACH_READ),
        **dict.fromkeys(("add", "multiply"), (Rate(lambda row: len(row.inputs) - 1, WRITTEN),)),
        "embedding": (),
    },
    "torchlens/capture/flops.py",
    "TorchLens, FLOPs",
    "2.36.1",
    quirks=(
        Phrase("A pool counts k per output and not k², where its kernel is one number."),
        Phrase("Dropout counts 2 per value, in evaluation too."),
    ),
)
