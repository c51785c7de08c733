"""The reference of the blocks that come with cnncalc, to be imported."""

from __future__ import annotations

from cnncalc.core.translation import Phrase
from cnncalc.language.reference.construct import Construct, Section

_OUT = Phrase("channels that come out")
_KERNEL = Phrase("rows and columns of a window")
_STRIDE = Phrase("how far a window moves at each step")
_DILATION = Phrase("how far apart the values lie that a window reads")
_REDUCTION = Phrase("how many times fewer features there are in the middle")
_SQUEEZED = Phrase("features in the middle, instead of `reduction`")

BLOCKS = Section(
    Phrase("Blocks to import"),
    Phrase(
        "Known parts of networks, to be imported by name and called with `block`. `cnncalc show NAME` prints what they "
        "are made of and whose paper they are from, and `cnncalc summarize NAME` shows one at work."
    ),
    {
        "blocks/separable_conv2d": Construct(
            Phrase("a filter for each channel, then a 1×1 convolution that mixes the channels"),
            Phrase("As in Keras, nothing stands between the two, and only the second has a bias."),
            """\
input: [16, 32, 32]
import: blocks/separable_conv2d
layers:
  - block: {type: separable_conv2d, out_channels: 32, padding: 1}
""",
            {
                "out_channels": _OUT,
                "kernel_size": _KERNEL,
                "stride": _STRIDE,
                "padding": Phrase("rows of zeros around the input"),
                "dilation": _DILATION,
                "depth_multiplier": Phrase("filters for each channel"),
                "depthwise_bias": Phrase("whether the filters of single channels have a bias"),
                "bias": Phrase("whether the 1×1 convolution has a bias"),
            },
        ),
        "blocks/inverted_residual": Construct(
            Phrase("wide in the middle, where each channel has its own filter, and narrow at both ends"),
            Phrase("The unit of MobileNetV2. A shortcut goes around it where neither size nor width changes."),
            """\
input: [32, 28, 28]
import: blocks/inverted_residual
layers:
  - block: {type: inverted_residual, out_channels: 64, stride: 2}
""",
            {
                "out_channels": _OUT,
                "expansion": Phrase("how many times wider the middle is; at 1 nothing is widened"),
                "kernel_size": _KERNEL,
                "stride": _STRIDE,
            },
        ),
        "blocks/bottleneck": Construct(
            Phrase("a 3×3 convolution between two 1×1 ones, and a shortcut around all three"),
            Phrase("The unit of ResNet-50. Where the input would not fit, the shortcut is a 1×1 convolution."),
            """\
input: [256, 56, 56]
import: blocks/bottleneck
layers:
  - block: {type: bottleneck, width: 128, stride: 2}
""",
            {
                "width": Phrase("channels of the 3×3 convolution"),
                "out_channels": Phrase("channels that come out, by default 4 · width"),
                "stride": _STRIDE,
                "dilation": _DILATION,
                "groups": Phrase("parts of the channels that the 3×3 convolution filters apart"),
            },
        ),
        "blocks/squeeze_excite": Construct(
            Phrase("channels scaled by what a small network makes of all their means"),
            Phrase("Two 1×1 convolutions on a map of one pixel, with ReLU between them and a sigmoid at the end."),
            """\
input: [64, 32, 32]
import: blocks/squeeze_excite
layers:
  - block: {type: squeeze_excite, reduction: 4}
""",
            {
                "reduction": _REDUCTION,
                "squeezed": _SQUEEZED,
                "bias": Phrase("whether the two layers have biases"),
            },
        ),
        "blocks/cbam": Construct(
            Phrase("CBAM: a gate for every channel, then a gate for every place"),
            Phrase(
                "One perceptron reads the means and the maxima of the channels; a convolution reads the mean and the "
                "maximum over the channels. `cbam.channel_gate` and `cbam.spatial_gate` are the two by themselves."
            ),
            """\
input: [64, 32, 32]
import: blocks/cbam
layers:
  - block: {type: cbam, reduction: 8, bias: false, norm: false}
""",
            {
                "reduction": _REDUCTION,
                "kernel_size": Phrase("rows and columns of the windows of the convolution"),
                "bias": Phrase("whether the perceptron has biases"),
                "norm": Phrase("whether a batch normalisation follows the convolution"),
            },
        ),
        "blocks/coordinate_attention": Construct(
            Phrase("a gate for every row and a gate for every column, made together"),
            Phrase("The means of rows and columns pass a common 1×1 convolution, then one for each."),
            """\
input: [64, 32, 32]
import: blocks/coordinate_attention
layers:
  - block: {type: coordinate_attention, reduction: 8}
""",
            {
                "reduction": _REDUCTION,
                "squeezed": Phrase("channels in the middle, instead of `reduction`; by default at least 8"),
            },
        ),
        "blocks/attention_gate": Construct(
            Phrase("places of an encoder's map scaled by what the decoder knows"),
            Phrase("The gate of Attention U-Net, for two maps of one size, which are given by name."),
            """\
inputs: {skip: [64, 32, 32], gating: [64, 32, 32]}
import: blocks/attention_gate
layers:
  - block: {type: attention_gate, x: "skip", g: "gating", channels: 32}
""",
            {
                "x": Phrase("the name of the map that is scaled"),
                "g": Phrase("the name of the map that says how"),
                "channels": Phrase("channels in the middle"),
                "norm": Phrase("whether a batch normalisation follows each convolution"),
            },
        ),
        "blocks/attention_pooling": Construct(
            Phrase("the mean of a sequence, weighted by a softmax of learned scores"),
            Phrase(
                "A hidden layer with tanh gives each position a vector; its product with a learned one is the score."
            ),
            """\
input: [20, 64]
import: blocks/attention_pooling
layers:
  - block: {type: attention_pooling, hidden: 32}
""",
            {"hidden": Phrase("features of the hidden layer")},
        ),
        "blocks/bilinear_pooling": Construct(
            Phrase("the outer product of two maps at every place, summed over the places"),
            Phrase("Two maps of one size, given by name, become one vector. One map may be given twice."),
            """\
inputs: {texture: [16, 8, 8], parts: [32, 8, 8]}
import: blocks/bilinear_pooling
layers:
  - block: {type: bilinear_pooling, first: "texture", second: "parts"}
""",
            {
                "first": Phrase("the name of the map whose channels are the rows"),
                "second": Phrase("the name of the map whose channels are the columns"),
                "normalized": Phrase("whether a signed square root and a scaling to length 1 follow"),
            },
        ),
        "blocks/aspp": Construct(
            Phrase("atrous spatial pyramid pooling: a map read at several dilations, and as a whole"),
            Phrase(
                "The head of DeepLabV3: a 1×1 convolution, three dilated ones and the mean, side by side, then mixed."
            ),
            """\
input: [512, 28, 28]
import: blocks/aspp
layers:
  - block: {type: aspp, channels: 64, rates: [6, 12, 18]}
""",
            {
                "channels": Phrase("channels of each part, and of what comes out"),
                "rates": Phrase("dilations of the three 3×3 convolutions"),
            },
        ),
        "blocks/feature_pyramid": Construct(
            Phrase("maps of several stages brought to one width, from the top down"),
            Phrase(
                "Each map passes a 1×1 convolution and takes on the level above, enlarged. `layer_blocks.0.0` is the "
                "largest map that comes out, `layer_blocks.1.0` the next."
            ),
            """\
inputs: {fine: [32, 16, 16], coarse: [64, 8, 8]}
import: blocks/feature_pyramid
layers:
  - block: {type: feature_pyramid, maps: ["fine", "coarse"], channels: 16}
outputs: [feature_pyramid.layer_blocks.0.0, feature_pyramid.layer_blocks.1.0]
""",
            {
                "maps": Phrase("the names of the maps, the largest first"),
                "channels": _OUT,
            },
        ),
    },
)
