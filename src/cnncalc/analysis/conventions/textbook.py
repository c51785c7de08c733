"""Two conventions of textbooks and courses, for convolutions and linear layers."""

from __future__ import annotations

from cnncalc.analysis.conventions.base import MACS, UNKNOWN, Convention, Rate, Rule
from cnncalc.analysis.conventions.bases import BIASED, WRITTEN, over_axes
from cnncalc.core.translation import Phrase

_UNDEFINED: dict[str, Rule] = {
    **over_axes("conv_transpose", UNKNOWN),
    **dict.fromkeys(
        (
            *("rnn", "lstm", "gru", "multi_head_attention", "window_attention", "scaled_dot_product_attention"),
            *("locally_connected1d", "locally_connected2d"),
        ),
        UNKNOWN,
    ),
}
"""What they say nothing about, and no textbook counts as nothing."""

_PRODUCTS_AND_SUMS = (Rate(2, MACS), Rate(-1, WRITTEN))
_WITH_BIAS = (Rate(2, MACS), Rate(2, BIASED))

TWO_K_MINUS_1 = Convention(
    "2K-1",
    Phrase("K multiplications and K − 1 additions per output of a convolution or linear layer; nothing else counted"),
    {**_UNDEFINED, **over_axes("conv", _PRODUCTS_AND_SUMS), "linear": _PRODUCTS_AND_SUMS},
    "a sum of K products has K − 1 additions; K is a kernel's size times the channels that it reads",
    "textbooks",
    "–",
    quirks=(Phrase("A bias would be the K-th addition, and is left out."),),
)

TWO_K_PLUS_2 = Convention(
    "2(K+1)",
    Phrase("2·(K + 1) per output of a convolution or linear layer, its bias as one more product; nothing else counted"),
    {**_UNDEFINED, **over_axes("conv", _WITH_BIAS), "linear": _WITH_BIAS},
    "Molchanov et al., Pruning convolutional neural networks (2017), appendix A.1",
    "textbooks",
    "–",
    quirks=(Phrase("Without a bias it is 2·K."),),
)
