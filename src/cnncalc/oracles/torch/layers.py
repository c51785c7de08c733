"""Every layer type as torch computes it: torch's module or method of that name, else one built from its functions.

None of our rules are read here: torch determines the sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from inspect import signature
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from cnncalc.oracles.torch.arithmetic import Opaque, Scalar, Stored, reduced, rolled
from cnncalc.oracles.torch.attention import ATTENTION, Unnamed, attention, merge_patches
from cnncalc.oracles.torch.recurrent import CELLS, RECURRENT, ConvLSTM, Lookup, recurrent, recurrent_cell
from cnncalc.oracles.torch.regions import RoIAlign, RoIPool
from cnncalc.oracles.torch.windows import (
    LocallyConnected,
    Options,
    Shape,
    WindowOptions,
    WindowPool,
    conv_transpose,
    convolution,
    per_axis,
)


class Function(nn.Module):
    """A layer without parameters, as a function."""

    def __init__(self, call: Callable[..., Tensor]) -> None:
        super().__init__()
        self.call = call

    def forward(self, *inputs: Tensor) -> Tensor:
        return self.call(*inputs)


ADAPTIVE: dict[str, list[Callable[..., nn.Module]]] = {
    "avg": [nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d],
    "max": [nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveMaxPool3d],
}


def adaptive_pool(kind: str, options: Options, axes: int) -> nn.Module:
    """A pool to a given output size; None keeps an axis."""
    if axes == 1:  # torch takes None only for two axes or more
        (size,) = per_axis(options["output_size"], 1)
        return ADAPTIVE[kind][0](size)
    return ADAPTIVE[kind][axes - 1](tuple(per_axis(options["output_size"], axes)))


def global_pool(kind: str, options: Options, axes: int) -> nn.Module:
    """A pool over the whole map; its output is a vector unless `keepdim`."""
    pool = ADAPTIVE[kind][axes - 1](1)
    return pool if options.get("keepdim", False) else nn.Sequential(pool, nn.Flatten())


def pyramid_pool(options: Options) -> nn.Module:
    """Pools to several sizes, concatenated."""
    pools = [adaptive_pool(options.get("mode", "max"), {"output_size": level}, 2) for level in options["levels"]]
    return Function(lambda x: torch.cat([pool(x).flatten(1) for pool in pools], dim=1))


def after_batch(dim: int) -> int:
    """An axis counted with the batch axis; axes counted from the end stay."""
    return dim + 1 if dim >= 0 else dim


def slice_axis(options: Options) -> Callable[[Tensor], Tensor]:
    """A slice along one axis."""
    wanted = slice(options.get("start", 0), options.get("end"), options.get("step", 1))

    def cut(x: Tensor) -> Tensor:
        return x.movedim(after_batch(options.get("dim", 0)), 0)[wanted].movedim(0, after_batch(options.get("dim", 0)))

    return cut


def pad(options: Options, axes: int) -> Callable[[Tensor], Tensor]:
    """`F.pad` with margins per axis."""
    dims = options.get("dims")
    named = range(1, axes + 1) if dims is None else dims if type(dims) is tuple else (dims,)
    pairs = [(0, 0)] * (axes + 1)
    for axis, rows in zip(named, per_axis(options["padding"], len(named)), strict=True):
        pairs[axis] = rows if isinstance(rows, tuple) else (rows, rows)
    if pairs[0] == (0, 0) and axes:
        pairs = pairs[1:]  # torch's other modes take the last axes alone
    margins = [rows for pair in reversed(pairs) for rows in pair]
    mode = options.get("mode", "constant")
    value = options.get("value", 0.0) if mode == "constant" else None
    return lambda x: F.pad(x, margins, mode, value)


def crop(options: Options, spatial: Shape) -> Callable[[Tensor], Tensor]:
    """Slices; for `size`, the last and the first row are dropped in turn until the size is reached."""
    bounds = []
    margin = options.get("margin")
    if margin is not None:
        for n, rows in zip(spatial, per_axis(margin, len(spatial)), strict=True):
            before, after = rows if isinstance(rows, tuple) else (rows, rows)
            bounds.append(slice(before, n - after))
    else:
        for n, left in zip(spatial, per_axis(options["size"], len(spatial)), strict=True):
            rows = list(range(n))
            while len(rows) > left:
                rows.pop()
                if len(rows) > left:
                    rows.pop(0)
            bounds.append(slice(rows[0], rows[-1] + 1))
    return lambda x: x[(slice(None), slice(None), *bounds)]


def crop_like(options: Options) -> Callable[[Tensor, Tensor], Tensor]:
    """Part of one map with the extents of another, at its centre or at an offset."""

    def cut(x: Tensor, like: Tensor) -> Tensor:
        if options.get("offset") is None:
            return crop({"size": tuple(like.shape[2:])}, tuple(x.shape[2:]))(x)
        for axis, start in enumerate(per_axis(options["offset"], like.dim() - 2), start=2):
            x = x.narrow(axis, start, like.shape[axis])
        return x

    return cut


def max_unpool(options: Options) -> Callable[[Tensor, Tensor], Tensor]:
    """`nn.MaxUnpool2d` with the indices of a pool; the module itself lacks dilation."""

    unpool: Callable[..., Tensor] = torch.ops.aten.max_unpool2d

    def put_back(x: Tensor, pooled: Tensor) -> Tensor:
        g = WindowOptions(options, tuple(pooled.shape[2:]), strides_by_kernel=True)
        ceil = options.get("ceil_mode", False)
        if g.symmetric and options.get("padding") != "same":
            _, places = F.max_pool2d(pooled, g.kernel, g.stride, g.before, g.dilation, ceil, return_indices=True)
            return unpool(x, places, list(pooled.shape[2:]))
        around = g.pad(pooled, -torch.inf)
        _, places = F.max_pool2d(around, g.kernel, g.stride, 0, g.dilation, ceil, return_indices=True)
        places = places[:, :, : x.shape[2], : x.shape[3]]  # without a window that begins in the padding at the end
        return g.inside(unpool(x, places, list(around.shape[2:])))

    return put_back


def upsample(options: Options, axes: int) -> nn.Module:
    """`nn.Upsample`, which takes `align_corners` only where it interpolates."""
    size, factor = (
        tuple(per_axis(options[name], axes)) if options.get(name) else None for name in ("size", "scale_factor")
    )
    mode = options.get("mode", "nearest")
    corners = None if mode == "nearest" else options.get("align_corners", False)
    return nn.Upsample(size, factor, mode, corners)


class L2Norm(nn.Module):
    """`F.normalize` along the channels, with a scale per channel."""

    def __init__(self, channels: int, eps: float = 1e-12, affine: bool = True) -> None:
        super().__init__()
        self.eps = eps
        self.register_parameter(UNNAMED, nn.Parameter(torch.empty(channels)) if affine else None)

    def forward(self, x: Tensor) -> Tensor:
        y = F.normalize(x, dim=1, eps=self.eps)
        for scale in self.parameters():
            y = y * scale.view(-1, *[1] * (x.dim() - 2))
        return y


class Affine(nn.Module):
    """A scale and a shift per channel, as in Caffe's Scale."""

    weight: nn.Parameter | None
    bias: nn.Parameter | None

    def __init__(self, channels: int, scale: bool = True, bias: bool = True) -> None:
        super().__init__()
        self.register_parameter("weight", nn.Parameter(torch.empty(channels)) if scale else None)
        self.register_parameter("bias", nn.Parameter(torch.empty(channels)) if bias else None)

    def forward(self, x: Tensor) -> Tensor:
        along = (-1, *[1] * (x.dim() - 2))
        y = x if self.weight is None else x * self.weight.view(along)
        return y if self.bias is None else y + self.bias.view(along)


class Normalization(nn.Module):
    """Keras's Normalization: the statistics of a data set."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("variance", torch.ones(channels))
        self.register_buffer("count", torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        mean, variance = (self.get_buffer(name).view(-1, *[1] * (x.dim() - 2)) for name in ("mean", "variance"))
        return (x - mean) / variance.sqrt().clamp(min=1e-7)


MODULES: dict[str, type[nn.Module]] = {
    name.lower(): found for name, found in vars(nn).items() if isinstance(found, type) and issubclass(found, nn.Module)
}
"""torch's modules by their names in lower case, without underscores: `leakyrelu` is `nn.LeakyReLU`."""

AXES = ("dim", "start_dim", "end_dim")
"""Options that are axes: torch counts the batch axis among them."""


def same_name(type_name: str, options: Options, shape: Shape) -> nn.Module:
    """torch's module of the same name with the same options, or its tensor method of the same name.

    Errors:  LookupError
    """
    module = MODULES.get(type_name.replace("_", ""))
    if module is not None:
        accepted = signature(module).parameters
        default = {"num_features": shape[0], "num_channels": shape[0], "in_features": shape[-1], "dim": after_batch(0)}
        given = {name: after_batch(value) if name in AXES else value for name, value in options.items()}
        return module(**{name: value for name, value in default.items() if name in accepted} | given)
    method = getattr(Tensor, type_name + "_" * options.get("inplace", False), None)
    if method is None:
        raise LookupError(f"torch has no module and no tensor method named `{type_name}`: build it in {__name__}")
    return Function(lambda *inputs: reduce(method, inputs if type_name == "add" else with_equal_axes(inputs)))


def with_equal_axes(inputs: Sequence[Tensor]) -> list[Tensor]:
    """Tensors with the same number of axes; one value per channel is then broadcast over the map."""
    most = max(x.dim() for x in inputs)
    return [x.view(*x.shape, *[1] * (most - x.dim())) for x in inputs]


REGIONS: dict[str, Callable[[Options], nn.Module]] = {"roi_align": RoIAlign, "roi_pool": RoIPool}


def batch_norm(type_name: str, options: Options, shape: Shape) -> nn.Module:
    """torch's batch norm, without the scale or the shift that Keras leaves out."""
    own = dict(options)
    left_out = [name for option, name in (("scale", "weight"), ("center", "bias")) if not own.pop(option, True)]
    module = same_name(type_name, own, shape)
    for name in left_out:
        module.register_parameter(name, None)
    return module


class LayerNorm2d(nn.LayerNorm):
    """A layer norm of the channels."""

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input.movedim(1, -1)).movedim(-1, 1)


def torch_layer(type_name: str, options: Options, shapes: tuple[Shape, ...]) -> nn.Module:
    """The torch computation of a layer on inputs of these shapes (without the batch), in evaluation mode."""
    return _build(type_name, options, shapes[0]).eval()


def named_axes(type_name: str) -> int | None:
    """The number of spatial axes in the name of a type, as in `conv2d`; None without one, or where time is another."""
    is_named = type_name[-1] == "d" and type_name[-2].isdigit() and type_name != "conv_lstm2d"
    return int(type_name[-2]) if is_named else None


def _build(type_name: str, options: Options, shape: Shape) -> nn.Module:
    axes = named_axes(type_name) or len(shape) - 1
    family = type_name.removesuffix(f"{axes}d")
    if type_name in REGIONS:
        return REGIONS[type_name](options)
    if type_name in ATTENTION:
        return attention(type_name, options, shape, UNNAMED)
    if type_name in RECURRENT:
        return recurrent(type_name, options, shape[-1])
    if type_name == "conv_lstm2d":
        return ConvLSTM(options, shape)
    if type_name in CELLS:
        return recurrent_cell(type_name, options, shape[-1])
    if family.endswith("_pool"):
        return _pool(family.removesuffix("_pool"), options, shape, axes)
    match family:
        case "layer_norm" if type_name != family:
            return LayerNorm2d(shape[0], **options)
        case "batch_norm":
            return batch_norm(type_name, options, shape)
        case "conv":
            return convolution(options, shape)
        case "conv_transpose":
            return conv_transpose(options, shape)
        case "locally_connected":
            return LocallyConnected(options, shape)
        case "embedding":
            return Lookup(**options)
        case "layer_scale":
            return Unnamed(UNNAMED, (shape[0], *[1] * (len(shape) - 1)), torch.mul)
        case "linear":
            return same_name(type_name, {name: value for name, value in options.items() if name != "axis"}, shape)
        case "affine":
            return Affine(shape[0], **options)
        case "normalization":
            return Normalization(shape[0])
        case "l2_norm":
            return L2Norm(shape[0], **options)
        case "parameter" | "constant":
            return Stored(UNNAMED, options["shape"], type_name == "parameter" and options.get("trainable", True))
        case "unfold" | "fold":
            sizes: dict[str, Any] = {name: tuple(per_axis(value, 2)) for name, value in options.items()}
            return nn.Unfold(**sizes) if family == "unfold" else nn.Fold(**sizes)
        case "opaque":
            return Opaque(options)
        case "scalar":
            return Scalar(**options)
        case "upsample":
            return upsample(options, axes)
        case "stochastic_depth":  # torchvision's, in evaluation
            return nn.Identity()
    call = _call(type_name, options, shape)
    return same_name(type_name, options, shape) if call is None else Function(call)


def _pool(kind: str, options: Options, shape: Shape, axes: int) -> nn.Module:
    match kind.partition("_"):
        case ("adaptive", _, reduction):
            return adaptive_pool(reduction, options, axes)
        case ("global", _, reduction):
            return global_pool(reduction, options, axes)
        case ("spatial", _, _):
            return pyramid_pool(options)
    return WindowPool(kind, options, shape)


def _call(type_name: str, options: Options, shape: Shape) -> Callable[..., Tensor] | None:
    match type_name:
        case "abs":
            return torch.abs
        case "matmul":
            return torch.matmul
        case "normalize":
            return lambda x: F.normalize(x, dim=after_batch(options.get("dim", 0)), eps=options.get("eps", 1e-12))
        case "roll":
            return rolled(options)
        case "reduce":
            return reduced(options)
        case "patch_merging":
            return merge_patches
        case "reshape":
            return lambda x: x.reshape(x.shape[0], *options["shape"])
        case "permute":
            return lambda x: x.permute(0, *map(after_batch, options["dims"]))
        case "slice":
            return slice_axis(options)
        case "pad":
            return pad(options, len(shape) - 1)
        case "crop":
            return crop(options, shape[1:])
        case "crop_like":
            return crop_like(options)
        case "max_unpool2d":
            return max_unpool(options)
        case "rescaling":
            return lambda x: x * options["scale"] + options.get("offset", 0.0)
        case "concat":
            return lambda *inputs: torch.cat(inputs, dim=after_batch(options.get("dim", 0)))
    return None


UNNAMED = "itself"
"""The parameter name of a weight without a name: torch needs one."""


def stored_tensors(module: nn.Module) -> dict[str, Tensor]:
    """Parameters and buffers of a layer, without batch norm's counter."""
    named = [*module.named_parameters(), *module.named_buffers()]
    return {weight_name(name): value for name, value in named if not name.endswith("num_batches_tracked")}


def weight_name(name: str) -> str:
    """The name of a layer's weight, from the name of a parameter in its module."""
    while name.startswith(INNER_CONV):
        name = name.removeprefix(INNER_CONV)
    return "" if name == UNNAMED else name


INNER_CONV = "conv."
"""The prefix of an inner convolution, in modules that pad or crop around it."""
