"""The catalogue of layer types. A type's module is imported when the type is first used."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnncalc.layers.base import Layer

ADDRESSES: dict[str, str] = {
    "conv1d": "conv:Conv1d",
    "conv2d": "conv:Conv2d",
    "conv3d": "conv:Conv3d",
    "conv_transpose1d": "conv_transpose:ConvTranspose1d",
    "conv_transpose2d": "conv_transpose:ConvTranspose2d",
    "conv_transpose3d": "conv_transpose:ConvTranspose3d",
    "locally_connected1d": "local:LocallyConnected1d",
    "locally_connected2d": "local:LocallyConnected2d",
    "linear": "linear:Linear",
    "embedding": "embedding:Embedding",
    "rnn": "recurrent:RNN",
    "lstm": "recurrent:LSTM",
    "gru": "recurrent:GRU",
    "rnn_cell": "recurrent:RNNCell",
    "lstm_cell": "recurrent:LSTMCell",
    "gru_cell": "recurrent:GRUCell",
    "conv_lstm2d": "conv_recurrent:ConvLSTM2d",
    "scaled_dot_product_attention": "attention:ScaledDotProductAttention",
    "multi_head_attention": "attention:MultiHeadAttention",
    "window_attention": "attention:WindowAttention",
    "patch_merging": "attention:PatchMerging",
    "class_token": "attention:ClassToken",
    "position_embedding": "attention:PositionEmbedding",
    "max_pool1d": "pool:MaxPool1d",
    "max_pool2d": "pool:MaxPool2d",
    "max_pool3d": "pool:MaxPool3d",
    "max_unpool2d": "pool:MaxUnpool2d",
    "avg_pool1d": "pool:AvgPool1d",
    "avg_pool2d": "pool:AvgPool2d",
    "avg_pool3d": "pool:AvgPool3d",
    "lp_pool1d": "pool:LPPool1d",
    "lp_pool2d": "pool:LPPool2d",
    "lp_pool3d": "pool:LPPool3d",
    "sum_pool2d": "pool:SumPool2d",
    "stochastic_pool2d": "pool:StochasticPool2d",
    "mixed_pool2d": "pool:MixedPool2d",
    "trainable_pool2d": "pool:TrainablePool2d",
    "adaptive_avg_pool1d": "adaptive_pool:AdaptiveAvgPool1d",
    "adaptive_avg_pool2d": "adaptive_pool:AdaptiveAvgPool2d",
    "adaptive_avg_pool3d": "adaptive_pool:AdaptiveAvgPool3d",
    "adaptive_max_pool1d": "adaptive_pool:AdaptiveMaxPool1d",
    "adaptive_max_pool2d": "adaptive_pool:AdaptiveMaxPool2d",
    "adaptive_max_pool3d": "adaptive_pool:AdaptiveMaxPool3d",
    "global_avg_pool1d": "adaptive_pool:GlobalAvgPool1d",
    "global_avg_pool2d": "adaptive_pool:GlobalAvgPool2d",
    "global_avg_pool3d": "adaptive_pool:GlobalAvgPool3d",
    "global_max_pool1d": "adaptive_pool:GlobalMaxPool1d",
    "global_max_pool2d": "adaptive_pool:GlobalMaxPool2d",
    "global_max_pool3d": "adaptive_pool:GlobalMaxPool3d",
    "spatial_pyramid_pool2d": "adaptive_pool:SpatialPyramidPool2d",
    "batch_norm1d": "norm:BatchNorm1d",
    "batch_norm2d": "norm:BatchNorm2d",
    "batch_norm3d": "norm:BatchNorm3d",
    "layer_norm": "norm:LayerNorm",
    "rms_norm": "norm:RMSNorm",
    "layer_norm2d": "norm:LayerNorm2d",
    "group_norm": "norm:GroupNorm",
    "instance_norm1d": "norm:InstanceNorm1d",
    "instance_norm2d": "norm:InstanceNorm2d",
    "instance_norm3d": "norm:InstanceNorm3d",
    "local_response_norm": "channel_norm:LocalResponseNorm",
    "l2_norm": "channel_norm:L2Norm",
    "normalize": "channel_norm:Normalize",
    "layer_scale": "channel_norm:LayerScale",
    "affine": "channel_norm:Affine",
    "normalization": "channel_norm:Normalization",
    "rescaling": "channel_norm:Rescaling",
    "relu": "activation:ReLU",
    "relu6": "activation:ReLU6",
    "hardtanh": "activation:Hardtanh",
    "leaky_relu": "activation:LeakyReLU",
    "prelu": "activation:PReLU",
    "elu": "activation:ELU",
    "celu": "activation:CELU",
    "selu": "activation:SELU",
    "sigmoid": "activation:Sigmoid",
    "log_sigmoid": "activation:LogSigmoid",
    "tanh": "activation:Tanh",
    "silu": "activation:SiLU",
    "gelu": "activation:GELU",
    "softplus": "activation:Softplus",
    "mish": "activation:Mish",
    "hardswish": "activation:Hardswish",
    "hardsigmoid": "activation:Hardsigmoid",
    "dropout": "dropout:Dropout",
    "stochastic_depth": "dropout:StochasticDepth",
    "softmax": "axis_activation:Softmax",
    "softmin": "axis_activation:Softmin",
    "log_softmax": "axis_activation:LogSoftmax",
    "glu": "axis_activation:GLU",
    "identity": "reshape:Identity",
    "flatten": "reshape:Flatten",
    "reshape": "reshape:Reshape",
    "permute": "reshape:Permute",
    "slice": "reshape:Slice",
    "roll": "reshape:Roll",
    "channel_shuffle": "reshape:ChannelShuffle",
    "pixel_shuffle": "reshape:PixelShuffle",
    "pad": "border:Pad",
    "crop": "border:Crop",
    "crop_like": "border:CropLike",
    "unfold": "unfold:Unfold",
    "fold": "unfold:Fold",
    "upsample": "upsample:Upsample",
    "roi_align": "regions:RoIAlign",
    "roi_pool": "regions:RoIPool",
    "add": "merge:Add",
    "multiply": "merge:Multiply",
    "subtract": "merge:Subtract",
    "divide": "merge:Divide",
    "concat": "merge:Concat",
    "parameter": "source:Parameter",
    "constant": "source:Constant",
    "matmul": "product:MatMul",
    "reduce": "reduce:Reduce",
    "opaque": "opaque:Opaque",
    "abs": "scalar:Abs",
    "scalar": "scalar:Scalar",
}
"""Layer type -> module in `cnncalc.layers` and class."""

_NAMES = {address: name for name, address in ADDRESSES.items()}


@cache
def resolve(type_name: str) -> type[Layer]:
    """The class of a layer type.

    Errors:  KeyError for a type that is not in the catalogue
    """
    module, _, name = ADDRESSES[type_name].partition(":")
    layer: type[Layer] = getattr(import_module(f"cnncalc.layers.{module}"), name)
    return layer


def type_name(layer: type[Layer]) -> str:
    """The name of a layer class in descriptions and reports."""
    return _NAMES[f"{layer.__module__[len('cnncalc.layers.') :]}:{layer.__name__}"]
