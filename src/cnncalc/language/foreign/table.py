"""What layers of other frameworks are here, as one table: constructors, functions, and names that have no layer.

A row gives a layer type and the parameters in the order of the framework's own signature:

    stride               the option has the same name here
    filters>out_channels it has another name here
    in_channels-         it is left out: it follows from the input, or changes no number
    padding_mode=zeros   nothing here computes another value than this
    dim#                 an axis, counted with the batch there and without it here
    *shape               all further positional values
"""

from __future__ import annotations

import re
from typing import NamedTuple

from cnncalc.core.translation import Phrase


class Row(NamedTuple):
    """The layer type of a constructor, its parameters, and options whose defaults differ there (`eps: 0.001`)."""

    type: str
    params: str = ""
    always: str = ""


AXES = (1, 2, 3)

_CONV = "out_channels kernel_size stride padding dilation groups bias padding_mode=zeros"
_TRANSPOSED = "out_channels kernel_size stride padding output_padding groups bias dilation padding_mode=zeros"
_MAX_POOL = "kernel_size stride padding dilation return_indices- ceil_mode"
_AVG_POOL = "kernel_size stride padding ceil_mode count_include_pad divisor_override=None"
_NORM = "num_features- eps momentum affine track_running_stats"
_RECURRENT = "bias batch_first- dropout bidirectional"
_RESIZE = "size scale_factor mode align_corners recompute_scale_factor- antialias=False"

TORCH: dict[str, Row] = {
    **{f"Conv{d}d": Row(f"conv{d}d", f"in_channels- {_CONV}") for d in AXES},
    **{f"LazyConv{d}d": Row(f"conv{d}d", _CONV) for d in AXES},
    **{f"ConvTranspose{d}d": Row(f"conv_transpose{d}d", f"in_channels- {_TRANSPOSED}") for d in AXES},
    **{f"LazyConvTranspose{d}d": Row(f"conv_transpose{d}d", _TRANSPOSED) for d in AXES},
    "Linear": Row("linear", "in_features- out_features bias"),
    "LazyLinear": Row("linear", "out_features bias"),
    **{f"MaxPool{d}d": Row(f"max_pool{d}d", _MAX_POOL) for d in AXES},
    **{f"AvgPool{d}d": Row(f"avg_pool{d}d", _AVG_POOL) for d in AXES},
    **{f"LPPool{d}d": Row(f"lp_pool{d}d", "norm_type kernel_size stride ceil_mode") for d in AXES},
    **{f"AdaptiveAvgPool{d}d": Row(f"adaptive_avg_pool{d}d", "output_size") for d in AXES},
    **{f"AdaptiveMaxPool{d}d": Row(f"adaptive_max_pool{d}d", "output_size return_indices-") for d in AXES},
    **{f"BatchNorm{d}d": Row(f"batch_norm{d}d", _NORM) for d in AXES},
    **{f"LazyBatchNorm{d}d": Row(f"batch_norm{d}d", _NORM.removeprefix("num_features- ")) for d in AXES},
    "SyncBatchNorm": Row("batch_norm2d", f"{_NORM} process_group-"),
    **{f"InstanceNorm{d}d": Row(f"instance_norm{d}d", _NORM) for d in AXES},
    "LayerNorm": Row("layer_norm", "normalized_shape eps elementwise_affine bias"),
    "GroupNorm": Row("group_norm", "num_groups num_channels- eps affine"),
    "LocalResponseNorm": Row("local_response_norm", "size alpha beta k"),
    "ReLU": Row("relu", "inplace"),
    "ReLU6": Row("relu6", "inplace"),
    "LeakyReLU": Row("leaky_relu", "negative_slope inplace"),
    "PReLU": Row("prelu", "num_parameters init-"),
    "ELU": Row("elu", "alpha inplace"),
    "Sigmoid": Row("sigmoid"),
    "Tanh": Row("tanh"),
    "SiLU": Row("silu", "inplace"),
    "GELU": Row("gelu", "approximate"),
    "SELU": Row("selu", "inplace"),
    "Softplus": Row("softplus", "beta threshold"),
    "Mish": Row("mish", "inplace"),
    "LogSoftmax": Row("log_softmax", "dim#"),
    "Softmin": Row("softmin", "dim#"),
    "LogSigmoid": Row("log_sigmoid"),
    "CELU": Row("celu", "alpha inplace"),
    "GLU": Row("glu", "dim#", "dim=-1"),
    "Hardtanh": Row("hardtanh", "min_val max_val inplace"),
    "Unfold": Row("unfold", "kernel_size dilation padding stride"),
    "Fold": Row("fold", "output_size kernel_size dilation padding stride"),
    "RMSNorm": Row("rms_norm", "normalized_shape eps elementwise_affine"),
    "RNNCell": Row("rnn_cell", "input_size- hidden_size bias nonlinearity"),
    **{f"{kind}Cell": Row(f"{kind.lower()}_cell", "input_size- hidden_size bias") for kind in ("LSTM", "GRU")},
    "Hardswish": Row("hardswish", "inplace"),
    "Hardsigmoid": Row("hardsigmoid", "inplace"),
    "Softmax": Row("softmax", "dim#"),
    "Softmax2d": Row("softmax"),
    "Dropout": Row("dropout", "p inplace"),
    **{f"Dropout{d}d": Row("dropout", "p inplace") for d in AXES},
    "AlphaDropout": Row("dropout", "p inplace"),
    "Identity": Row("identity"),
    "Flatten": Row("flatten", "start_dim# end_dim#"),
    "Unflatten": Row("unflatten", "dim unflattened_size"),
    "PixelShuffle": Row("pixel_shuffle", "upscale_factor"),
    "ChannelShuffle": Row("channel_shuffle", "groups"),
    "Upsample": Row("upsample", _RESIZE.removesuffix(" antialias=False")),
    "UpsamplingNearest2d": Row("upsample", "size scale_factor"),
    "UpsamplingBilinear2d": Row("upsample", "size scale_factor", "mode=bilinear align_corners=true"),
    "Embedding": Row(
        "embedding",
        "num_embeddings embedding_dim padding_idx max_norm=None norm_type- scale_grad_by_freq- sparse-",
    ),
    "RNN": Row("rnn", f"input_size- hidden_size num_layers nonlinearity {_RECURRENT}"),
    "LSTM": Row("lstm", f"input_size- hidden_size num_layers {_RECURRENT} proj_size"),
    "GRU": Row("gru", f"input_size- hidden_size num_layers {_RECURRENT}"),
    "MultiheadAttention": Row(
        "multi_head_attention",
        "embed_dim- num_heads dropout bias add_bias_kv=False add_zero_attn=False kdim=None vdim=None batch_first-",
    ),
    **{f"ZeroPad{d}d": Row(f"ends{d}d", "padding") for d in AXES},
    **{f"ConstantPad{d}d": Row(f"ends{d}d", "padding value") for d in AXES},
    **{f"ReflectionPad{d}d": Row(f"ends{d}d", "padding", "mode=reflect") for d in AXES},
    **{f"ReplicationPad{d}d": Row(f"ends{d}d", "padding", "mode=replicate") for d in AXES},
    **{f"CircularPad{d}d": Row(f"ends{d}d", "padding", "mode=circular") for d in AXES},
}
"""Modules of torch.nn. Source: the signatures of torch 2.13."""

FUNCTIONS: dict[str, Row] = {
    **{
        f"max_pool{d}d": Row(f"max_pool{d}d", "input- kernel_size stride padding dilation ceil_mode return_indices-")
        for d in AXES
    },
    **{f"avg_pool{d}d": Row(f"avg_pool{d}d", f"input- {_AVG_POOL}") for d in AXES},
    **{f"adaptive_avg_pool{d}d": Row(f"adaptive_avg_pool{d}d", "input- output_size") for d in AXES},
    **{f"adaptive_max_pool{d}d": Row(f"adaptive_max_pool{d}d", "input- output_size return_indices-") for d in AXES},
    "relu": Row("relu", "input- inplace"),
    "relu6": Row("relu6", "input- inplace"),
    "leaky_relu": Row("leaky_relu", "input- negative_slope inplace"),
    "elu": Row("elu", "input- alpha inplace"),
    "gelu": Row("gelu", "input- approximate"),
    "selu": Row("selu", "input- inplace"),
    "softplus": Row("softplus", "input- beta threshold"),
    "mish": Row("mish", "input- inplace"),
    "log_softmax": Row("log_softmax", "input- dim#"),
    "silu": Row("silu", "input- inplace"),
    "hardswish": Row("hardswish", "input- inplace"),
    "hardsigmoid": Row("hardsigmoid", "input- inplace"),
    "sigmoid": Row("sigmoid", "input-"),
    "tanh": Row("tanh", "input-"),
    "softmax": Row("softmax", "input- dim#"),
    **{
        name: Row("dropout", "input- p training- inplace")
        for name in ("dropout", "dropout1d", "dropout2d", "dropout3d")
    },
    "local_response_norm": Row("local_response_norm", "input- size alpha beta k"),
    "pixel_shuffle": Row("pixel_shuffle", "input- upscale_factor"),
    "channel_shuffle": Row("channel_shuffle", "input- groups"),
    "interpolate": Row("upsample", f"input- {_RESIZE}"),
    "pad": Row("last_ends", "input- pad>padding mode value"),
    "flatten": Row("flatten", "input- start_dim# end_dim#"),
    "cat": Row("joined", "tensors dim"),
    "view": Row("shape", "input- *shape"),
    "reshape": Row("shape", "input- *shape"),
    "permute": Row("order", "input- *dims"),
    "mean": Row("averaged", "input- dim keepdim"),
}
"""Functions of torch.nn.functional and torch, and methods of tensors."""

LEFT_OUT = re.compile(
    r".*_(initializer|regularizer|constraint)|device|dtype|data_format|trainable|seed|noise_shape|(batch_)?input_shape|"
    r"input_dim|input_length|mask_zero|momentum|training|name"
)
"""Keywords that follow from the input, or that no number depends on."""

_KERAS_CONV = "padding data_format- dilation_rate>dilation groups activation use_bias>bias"
_KERAS_TRANSPOSED = "padding output_padding data_format- dilation_rate>dilation activation use_bias>bias"
_KERAS_DEPTHWISE = "padding depth_multiplier data_format- dilation_rate>dilation activation use_bias>bias"
_KERAS_SEPARABLE = "padding data_format- dilation_rate>dilation depth_multiplier activation use_bias>bias"
_KERAS_LOCAL = "padding data_format- activation use_bias>bias"
_FILTERS = "filters>out_channels kernel_size strides>stride"
_KERAS_POOL = "pool_size>kernel_size strides>stride padding data_format-"
_KERAS_NORM = "axis=-1 epsilon>eps center=True scale=True"
_KERAS_CELL = "units>hidden_size activation=tanh recurrent_activation=sigmoid use_bias>bias dropout- recurrent_dropout-"
_STATES = "return_sequences unroll- stateful-"

KERAS: dict[str, Row] = {
    **{f"Conv{d}D": Row(f"conv{d}d", f"{_FILTERS} {_KERAS_CONV}") for d in AXES},
    **{f"Conv{d}DTranspose": Row(f"transposed{d}d", f"{_FILTERS} {_KERAS_TRANSPOSED}") for d in AXES},
    **{f"DepthwiseConv{d}D": Row(f"depthwise{d}d", f"kernel_size strides>stride {_KERAS_DEPTHWISE}") for d in (1, 2)},
    **{f"SeparableConv{d}D": Row(f"separable{d}d", f"{_FILTERS} {_KERAS_SEPARABLE}") for d in (1, 2)},
    **{f"LocallyConnected{d}D": Row(f"locally_connected{d}d", f"{_FILTERS} {_KERAS_LOCAL}") for d in (1, 2)},
    **{
        f"{name}{d}D": Row(f"max_pool{d}d", _KERAS_POOL, "kernel_size=2")
        for d in AXES
        for name in ("MaxPooling", "MaxPool")
    },
    **{
        f"{name}{d}D": Row(f"average{d}d", _KERAS_POOL, "kernel_size=2")
        for d in AXES
        for name in ("AveragePooling", "AvgPool")
    },
    **{
        f"Global{name}{d}D": Row(f"global_{kind}_pool{d}d", "data_format- keepdims>keepdim")
        for d in AXES
        for name, kind in (("AveragePooling", "avg"), ("AvgPool", "avg"), ("MaxPooling", "max"), ("MaxPool", "max"))
    },
    "Dense": Row("linear", "units>out_features activation use_bias>bias"),
    "Flatten": Row("flatten", "data_format-"),
    "Dropout": Row("dropout", "rate>p"),
    **{f"SpatialDropout{d}D": Row("dropout", "rate>p") for d in AXES},
    "BatchNormalization": Row("batch_norm2d", "axis=-1 momentum- epsilon>eps center scale", "eps=0.001"),
    "LayerNormalization": Row("layer_norm2d", _KERAS_NORM, "eps=0.001"),
    "Normalization": Row("normalization", "axis=-1 mean- variance- invert=False"),
    "Rescaling": Row("rescaling", "scale offset"),
    "GroupNormalization": Row("group_norm", "groups>num_groups " + _KERAS_NORM, "num_groups=32 eps=0.001"),
    "Activation": Row("named", "activation"),
    "ReLU": Row("rectifier", "max_value negative_slope threshold=0"),
    "LeakyReLU": Row("leaky_relu", "negative_slope alpha>negative_slope", "negative_slope=0.3"),
    "PReLU": Row("slopes", "alpha_initializer- alpha_regularizer- alpha_constraint- shared_axes"),
    "ELU": Row("elu", "alpha"),
    "Softmax": Row("softmax", "axis=-1"),
    "ZeroPadding1D": Row("two_ends", "padding data_format-", "padding=1"),
    **{f"ZeroPadding{d}D": Row("pad", "padding data_format-", "padding=1") for d in (2, 3)},
    "Cropping1D": Row("two_margins", "cropping>margin", "margin=1"),
    "Cropping3D": Row("crop", "cropping>margin data_format-", "margin=1"),
    "Cropping2D": Row("crop", "cropping>margin data_format-", "margin=0"),
    **{f"UpSampling{d}D": Row("upsample", "size>scale_factor data_format-", "scale_factor=2") for d in (1, 3)},
    "UpSampling2D": Row("upsample", "size>scale_factor data_format- interpolation>mode", "scale_factor=2"),
    "Reshape": Row("channels_last", "target_shape"),
    "Concatenate": Row("joined", "axis=-1"),
    "Add": Row("added"),
    "Multiply": Row("multiplied"),
    "Subtract": Row("subtracted"),
    "Embedding": Row("embedding", "input_dim>num_embeddings output_dim>embedding_dim"),
    "LSTM": Row("lstm", f"{_KERAS_CELL} {_STATES}", "return_sequences=false bias=single"),
    "GRU": Row("gru", f"{_KERAS_CELL} {_STATES} reset_after", "return_sequences=false"),
    "ConvLSTM2D": Row(
        "conv_lstm2d",
        f"{_FILTERS} padding data_format- dilation_rate>dilation activation=tanh recurrent_activation=sigmoid "
        f"use_bias>bias dropout- recurrent_dropout- {_STATES}",
        "return_sequences=false",
    ),
    "SimpleRNN": Row(
        "rnn",
        "units>hidden_size activation>nonlinearity use_bias>bias dropout- recurrent_dropout- return_sequences",
        "return_sequences=false bias=single",
    ),
    "MultiHeadAttention": Row("multi_head_attention", "num_heads key_dim- value_dim- dropout use_bias>bias"),
    "Identity": Row("identity"),
}
"""Layers of Keras. Source: the signatures of Keras 3.15, and of Keras 2 for the locally connected ones."""

_CAFFE_CONV = "num_output>out_channels kernel_size stride pad>padding group>groups dilation bias_term>bias"
_FILLERS = "weight_filler- bias_filler-"
_ONNX = "kernel_shape>kernel_size strides>stride pads>padding"

OTHERS: dict[str, Row] = {
    "InnerProduct": Row("linear", f"num_output>out_features bias_term>bias {_FILLERS}"),
    "Convolution": Row("conv2d", f"{_CAFFE_CONV} {_FILLERS}"),
    "Deconvolution": Row("conv_transpose2d", f"{_CAFFE_CONV} {_FILLERS}"),
    "Pooling": Row("caffe_pool", "pool kernel_size stride pad>padding"),
    "LRN": Row("local_response_norm", "local_size>size alpha beta k"),
    "Eltwise": Row("added", "operation=SUM"),
    "Scale": Row("affine", "axis=1 num_axes=1 filler- bias_term>bias bias_filler-", "bias=false"),
    "Bias": Row("affine", "axis=1 num_axes=1 filler-", "scale=false"),
    "AbsVal": Row("abs"),
    "convolutional": Row(
        "darknet_conv", "filters>out_channels size>kernel_size stride pad groups batch_normalize activation"
    ),
    "maxpool": Row("darknet_pool", "kernel_size stride padding size>darknet_size"),
    "avgpool": Row("global_avg_pool2d"),
    "AvgPool": Row("avg_pool2d", "kernel_size stride padding"),
    "Conv": Row("conv2d", f"out_channels {_ONNX} dilations>dilation group>groups auto_pad=NOTSET"),
    "ConvTranspose": Row("conv_transpose2d", f"out_channels {_ONNX} dilations>dilation group>groups"),
    "Gemm": Row("linear", "out_features"),
    "AveragePool": Row("avg_pool2d", f"{_ONNX} ceil_mode"),
    **dict.fromkeys(("GlobalAveragePool", "GAP"), Row("global_avg_pool2d")),
    "GlobalMaxPool": Row("global_max_pool2d"),
    "Concat": Row("joined", "axis-"),
    "Sum": Row("added"),
    "Mul": Row("multiplied"),
    "Sub": Row("subtracted"),
    "Div": Row("divided"),
    "MatMul": Row("matrices"),
    "Clip": Row("clipped", "min max"),
    **{f"Reduce{name}": Row(f"reduced {name.lower()}", "axes keepdims>keepdim") for name in ("Mean", "Sum", "Max")},
    "ReduceL2": Row("reduced norm", "axes keepdims>keepdim"),
    **{name: Row("scalar", "", f"function={name.lower()}") for name in ("Neg", "Sqrt", "Exp", "Log", "Reciprocal")},
    **dict.fromkeys(("FullyConnected", "fc"), Row("linear", "out_features bias")),
    "Deconv": Row("conv_transpose2d", "out_channels kernel_size stride padding"),
    "Pool": Row("max_pool2d", "kernel_size stride padding"),
    **dict.fromkeys(("BN", "BatchNorm"), Row("batch_norm2d", "eps")),
    "AveragePool2d": Row("avg_pool2d", "kernel_size stride padding"),
    "Swish": Row("silu"),
    "HardSwish": Row("hardswish"),
    "HardSigmoid": Row("hardsigmoid"),
    **dict.fromkeys(("卷积", "卷积层"), Row("conv2d", "out_channels kernel_size stride padding")),
    **dict.fromkeys(("全连接", "全连接层", "线性层"), Row("linear", "out_features")),
    **dict.fromkeys(("池化", "池化层", "最大池化", "最大池化层"), Row("max_pool2d", "kernel_size stride padding")),
    **dict.fromkeys(("平均池化", "平均池化层"), Row("avg_pool2d", "kernel_size stride padding")),
    **dict.fromkeys(("全局平均池化", "全局平均池化层"), Row("global_avg_pool2d")),
    **dict.fromkeys(("批归一化", "批量归一化", "批量归一化层"), Row("batch_norm2d")),
    **dict.fromkeys(("展平", "展平层"), Row("flatten")),
}
"""Layers of Caffe, Darknet and ONNX, and names of everyday use."""

NOTES: dict[str, Phrase] = {
    **dict.fromkeys(
        ("BatchNormalization", "BatchNorm", "BN"), Phrase("after `linear` and on sequences it is `batch_norm1d`")
    ),
    "LayerNormalization": Phrase("on a vector or a sequence it is `layer_norm`, which takes their features"),
    "GRU": Phrase("with `reset_after=False` Keras adds one bias for each gate: write `bias: single` as well"),
    "MultiHeadAttention": Phrase("here the heads share the features of a row: `key_dim` is features divided by heads"),
}
"""What the line of a row does not say, by its name in Keras or Caffe."""

CHANNELS_LAST = Phrase("Keras puts the channels of a shape last, and here they stand first: `input: [3, 32, 32]`")
UNNUMBERED = Phrase("leave it out: no number depends on it")

_NOTHING = Phrase("nothing here does what it does")
_SAME_SHAPE = Phrase("nothing here does what it does; `identity` keeps the shape, without its operations")
_ITS_INPUT = Phrase("write the shape at the top: `input: [3, 32, 32]`, channels first")
_READS_TWO = Phrase(
    "write `residual: {{body: [...]}}` around the layers, or `add: {{from: [one, other]}}` with two names"
)
_ROUTE = Phrase("write `concat: {{from: [one, other]}}`, or `from: one` at the layer that reads an earlier one")
_ALL_AXES = Phrase("write `permute: {{dims: [1, 2, 0]}}`: every axis in its new order, from 0 and without the batch")
_ONE_BELOW_OTHER = Phrase("write its layers as entries of the list, one below the other")

WORDS: dict[str, Phrase] = {
    **dict.fromkeys(("shortcut", "skip", "skip_connection", "residual_block"), _READS_TWO),
    "route": _ROUTE,
    **dict.fromkeys(("transpose", "swapaxes", "movedim"), _ALL_AXES),
    **dict.fromkeys(("Sequential", "ModuleList", "Model"), _ONE_BELOW_OTHER),
    "Bidirectional": Phrase("write `bidirectional: true` at the lstm, gru or rnn"),
    "TimeDistributed": Phrase("write the layer alone: `linear` goes along the last axis at every place"),
    "Activation": Phrase("write its name as a layer, as `relu`"),
    **dict.fromkeys(("Input", "InputLayer", "Data", "net", "Placeholder"), _ITS_INPUT),
    **dict.fromkeys(("chunk", "split_with_sizes"), Phrase("write `split: {{sizes: [16, 16]}}`")),
    **dict.fromkeys(("Softsign", "Threshold", "RReLU", "Tanhshrink", "UnitNormalization"), _SAME_SHAPE),
    **dict.fromkeys(("GaussianNoise", "GaussianDropout", "ActivityRegularization", "Masking"), UNNUMBERED),
    **dict.fromkeys(
        ("CrossEntropyLoss", "MSELoss", "SoftmaxWithLoss", "Loss", "Accuracy", "detection", "yolo"), UNNUMBERED
    ),
    **dict.fromkeys(("grid_sample", "affine_grid", "Lambda", "Bilinear", "EmbeddingBag"), _NOTHING),
    **dict.fromkeys(("PixelUnshuffle", "reorg", "FractionalMaxPool2d", "bmm", "einsum"), _NOTHING),
    "Attention": Phrase("write `multi_head_attention: {{num_heads: 8}}`"),
}
"""Names that no line takes the place of, and what to do instead."""

FOLLOWS = Phrase("leave it out: it follows from the input")

OPTIONS: dict[str, str] = {
    "filters": "out_channels",
    "num_output": "out_channels out_features",
    "num_filters": "out_channels",
    "channels": "out_channels",
    "units": "out_features hidden_size",
    "out": "out_channels out_features",
    "kernel": "kernel_size",
    "kernels": "kernel_size",
    "ksize": "kernel_size",
    "kernel_shape": "kernel_size",
    "pool_size": "kernel_size",
    "filter_size": "kernel_size",
    "size": "kernel_size scale_factor",
    "strides": "stride",
    "pad": "padding",
    "pads": "padding",
    "dilation_rate": "dilation",
    "dilations": "dilation",
    "group": "groups",
    "use_bias": "bias",
    "bias_term": "bias",
    "rate": "p dilation",
    "prob": "p",
    "dropout_ratio": "p",
    "alpha": "negative_slope",
    "slope": "negative_slope",
    "epsilon": "eps",
    "axis": "dim",
    "dims": "dim",
    "local_size": "size",
    "target_shape": "shape",
    "keepdims": "keepdim",
    "cropping": "margin",
    "interpolation": "mode",
    "input_dim": "num_embeddings",
    "output_dim": "embedding_dim",
}
"""Option elsewhere -> options here; the first that the layer has is meant."""

INFERRED = (
    "in",
    "in_channels",
    "in_features",
    "num_features",
    "num_channels",
    "input_size",
    "input_shape",
    "input_dim",
    "embed_dim",
)
"""Options elsewhere that follow from the input here."""

OPTION_WORDS: dict[str, Phrase] = {
    "activation": Phrase("write it as a layer of its own, below this one: `- relu`"),
    "padding_mode": Phrase(
        "put `pad: {{padding: 1, mode: reflect}}` before this layer, which then pads nothing itself"
    ),
    "data_format": Phrase("leave it out: shapes have the channels first"),
    "batch_first": Phrase("leave it out: shapes have no batch"),
    "batch_normalize": Phrase("write it as a layer of its own, below this one: `- batch_norm2d`"),
}
"""Options elsewhere that are no option here, and what to do instead."""
