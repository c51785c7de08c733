"""torchvision's convention: the `_ops` that it publishes with its weights."""

from __future__ import annotations

from cnncalc.analysis.conventions.base import ANY, Convention, Unit
from cnncalc.analysis.conventions.bases import CONTRACTED
from cnncalc.core.translation import Phrase

TORCHVISION = Convention(
    "torchvision",
    Phrase("1 MAC = 1, of convolutions and matrix products, attention counted whole; nothing else counted"),
    {ANY: CONTRACTED},
    "test/common_extended_utils.py, flop_mapping and get_ops",
    "torchvision, _ops of the weights (in 10⁹)",
    "0.28",
    Unit.MAC,
    counts_params=True,
    quirks=(
        Phrase("Published to three decimals. Detectors are counted on an image of 800×800."),
        Phrase(
            "Mask R-CNN has the figure of Faster R-CNN, 134.38: its mask head saw no detection. With 100 it is 187.59."
        ),
        Phrase(
            "`num_params` leaves the auxiliary heads of GoogLeNet out and counts that of Inception v3; here every "
            "parameter of the network counts."
        ),
    ),
)
