"""Layers of other frameworks that take more than other names: several lines here, another order, another count."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cnncalc.language.foreign.calls import Call, Entry

Options = dict[str, Any]
Lines = list[Entry]


class Lost(Exception):
    """No line says the same here."""


ACTIVATIONS = {
    **{
        name: (name, {})
        for name in (
            *("relu", "relu6", "elu", "gelu", "silu", "prelu", "sigmoid", "tanh", "softmax", "hardswish"),
            *("hardsigmoid", "leaky_relu", "selu"),
            *("softplus", "mish", "log_softmax"),
        )
    },
    "leaky": ("leaky_relu", {"negative_slope": 0.1}),
    "logistic": ("sigmoid", {}),
    "swish": ("silu", {}),
    "hard_sigmoid": ("hardsigmoid", {}),
    "hard_swish": ("hardswish", {}),
    "hard_silu": ("hardswish", {}),
}
"""Activation by its name in Keras or Darknet -> the layer here."""


def activation(name: Any) -> Lines:
    """The layers of an activation that is given by name."""
    if name in (None, "linear", "none"):
        return []
    word = name.name if isinstance(name, Call) else str(name)
    found = ACTIVATIONS.get(word.rpartition(".")[2].lower())
    if found is None:
        raise Lost
    return [Entry(found[0], dict(found[1]))]


def _named(options: Options) -> Lines:
    if "activation" not in options:
        raise Lost
    return activation(options.pop("activation")) or [Entry("identity", {})]


def _rectifier(options: Options) -> Lines:
    most, slope = options.pop("max_value", None), options.pop("negative_slope", 0)
    if most is None:
        return [Entry("leaky_relu", {"negative_slope": slope, **options}) if slope else Entry("relu", options)]
    if most != 6 or slope:
        raise Lost
    return [Entry("relu6", options)]


def _slopes(options: Options) -> Lines:
    if options.pop("shared_axes", None) not in ((1,), (1, 2), (1, 2, 3)):
        raise Lost  # one slope at every place
    return [Entry("prelu", {**options, "num_parameters": "in_channels"})]


def _pairs(numbers: Any, axes: int = 0) -> Any:
    """Padding of torch, which begins at the last axis, in the order of the axes; those before it get none."""
    if not isinstance(numbers, tuple):
        return numbers
    given = len(numbers) // 2
    if len(numbers) % 2 or 0 < axes < given:
        raise Lost
    return ((0, 0),) * (axes - given) + tuple(zip(numbers[::2], numbers[1::2], strict=True))[::-1]


def _ends(axes: int) -> Callable[[Options], Lines]:
    """Padding of torch on so many axes."""
    return lambda options: [Entry("pad", {**options, "padding": _pairs(options["padding"], axes)})]


def _last_ends(options: Options) -> Lines:
    pairs = _pairs(options["padding"])
    if not isinstance(pairs, tuple):
        raise Lost
    return [Entry("pad", {**options, "padding": ((0, 0), *pairs) if len(pairs) == 1 else pairs})]


def _two(kind: str, option: str) -> Callable[[Options], Lines]:
    """A layer of Keras on one axis, which takes both ends of it as a pair."""

    def lines(options: Options) -> Lines:
        ends = options[option]
        return [Entry(kind, {**options, option: (ends,) if isinstance(ends, tuple) else ends})]

    return lines


def _joined(options: Options) -> Lines:
    parts, dim = options.pop("tensors", options.get("from")), options.pop("dim", 1)
    names = parts if _are_names(parts) else ("one", "other")
    if dim == 0 or not isinstance(dim, int):
        raise Lost  # the batch
    axis = {"dim": dim - 1 if dim > 0 else dim} if dim != 1 else {}
    return [Entry("concat", {**options, "from": names, **axis})]


def _merge(kind: str) -> Callable[[Options], Lines]:
    def merged(options: Options) -> Lines:
        parts = options.pop("tensors", options.get("from"))
        return [Entry(kind, {**options, "from": parts if _are_names(parts) else ("one", "other")})]

    return merged


def _clipped(options: Options) -> Lines:
    bounds = options.pop("min", None), options.pop("max", None)
    if bounds == (None, None):
        raise Lost
    return [Entry("relu6", options) if bounds == (0, 6) else Entry("scalar", {**options, "clamp": bounds})]


def _reduced(operation: str) -> Callable[[Options], Lines]:
    """A reduction of ONNX, which counts axes with the batch and keeps them."""

    def lines(options: Options) -> Lines:
        axes, keeps = options.pop("axes", ()), options.pop("keepdim", 1)
        each = axes if isinstance(axes, tuple) else (axes,)
        if not each or not all(isinstance(axis, int) and axis for axis in each):
            raise Lost  # the batch, too
        dims = tuple(axis - 1 if axis > 0 else axis for axis in each)
        kept = {"keepdim": True} if keeps else {}
        return [
            Entry("reduce", {**options, "operation": operation, "dim": dims[0] if len(dims) == 1 else dims, **kept})
        ]

    return lines


def _are_names(parts: Any) -> bool:
    return (
        isinstance(parts, tuple) and bool(parts) and all(isinstance(one, str) and one.isidentifier() for one in parts)
    )


def _shape(options: Options) -> Lines:
    shape = options.pop("shape", ())
    if shape and (not isinstance(shape[0], int) or shape[0] == -1):
        shape = shape[1:] or (-1,)  # the batch
    if len(shape) <= 1:
        return [Entry("flatten", options)]
    return [Entry("reshape", {**options, "shape": shape})]


def _order(options: Options) -> Lines:
    dims = options.pop("dims", ())
    if not all(isinstance(dim, int) for dim in dims) or dims[:1] != (0,) or sorted(dims) != list(range(len(dims))):
        raise Lost  # the batch moves, or the line does not say where the axes go
    return [Entry("permute", {**options, "dims": tuple(dim - 1 for dim in dims[1:])})]


def _averaged(options: Options) -> Lines:
    dims = options.pop("dim", None)
    dims = dims if isinstance(dims, tuple) else (dims,)
    axes = len(dims)
    if set(dims) not in (set(range(2, axes + 2)), set(range(-axes, 0))) or axes > len("DHW"):
        raise Lost  # a mean over something else than the whole map
    return [Entry(f"global_avg_pool{axes}d", options)]


def _unflatten(options: Options) -> Lines:
    if options.get("dim") != 1:
        raise Lost
    return [Entry("reshape", {"shape": options["unflattened_size"]})]


def _channels_last(options: Options) -> Lines:
    shape = options.pop("target_shape")
    if not isinstance(shape, tuple):
        raise Lost
    first = (shape[-1], *shape[:-1]) if len(shape) > 2 else shape
    return [Entry("reshape", {**options, "shape": first})]


def _depthwise(axes: int) -> Callable[[Options], Lines]:
    def lines(options: Options) -> Lines:
        times = options.pop("depth_multiplier", 1)
        channels = "in_channels" if times == 1 else f"in_channels * {times}"
        return [Entry(f"conv{axes}d", {"out_channels": channels, **options, "groups": "in_channels"})]

    return lines


def _separable(axes: int) -> Callable[[Options], Lines]:
    def lines(options: Options) -> Lines:
        filters, bias = options.pop("out_channels", "..."), options.pop("bias", True)
        name = {"name": options.pop("name")} if "name" in options else {}
        each = _depthwise(axes)({**options, "bias": False})
        point = {**name, "out_channels": filters, "kernel_size": 1, **({} if bias is True else {"bias": bias})}
        return [*each, Entry(f"conv{axes}d", point)]

    return lines


def _transposed(axes: int) -> Callable[[Options], Lines]:
    """A transposed convolution of Keras: without padding, a row begins every stride, though the kernel be smaller."""

    def lines(options: Options) -> Lines:
        each = [_per_axis(options.get(name, 1), axes) for name in ("kernel_size", "stride", "dilation")]
        gaps = tuple(max(s - d * (k - 1) - 1, 0) for k, s, d in zip(*each, strict=True))
        if any(gaps) and options.get("padding", "valid") == "valid" and "output_padding" not in options:
            options["output_padding"] = gaps[0] if len(set(gaps)) == 1 else gaps
        return [Entry(f"conv_transpose{axes}d", options)]

    return lines


def _per_axis(value: Any, axes: int) -> tuple[int, ...]:
    """A number per axis; 1 where the line gives an expression."""
    each = value if isinstance(value, tuple) and len(value) == axes else (value,) * axes
    return tuple(number if isinstance(number, int) else 1 for number in each)


def _average(axes: int) -> Callable[[Options], Lines]:
    def lines(options: Options) -> Lines:
        alone = {"count_include_pad": False} if options.get("padding") == "same" else {}
        return [Entry(f"avg_pool{axes}d", {**options, **alone})]

    return lines


def _caffe_pool(options: Options) -> Lines:
    kind = {"MAX": "max_pool2d", "AVE": "avg_pool2d"}.get(str(options.pop("pool", "MAX")))
    if kind is None:
        raise Lost
    return [Entry(kind, {"kernel_size": "...", "stride": 1, **options, "ceil_mode": "caffe"})]


def _darknet_pool(options: Options) -> Lines:
    """A pool by the name that Darknet gives it; where its `size` is written so, it pads as Darknet does."""
    size = options.pop("darknet_size", None)
    darknet = {} if size is None else {"kernel_size": size, "padding": "same"}
    return [Entry("max_pool2d", {"kernel_size": "...", **options, **darknet})]


def _darknet_conv(options: Options) -> Lines:
    normalized, pads = options.pop("batch_normalize", 0), options.pop("pad", 0)
    function = options.pop("activation", "logistic")
    size = options.get("kernel_size", 1)
    padding = {"padding": size // 2 if isinstance(size, int) else f"{size} // 2"} if pads == 1 else {}
    conv = {"out_channels": "...", "kernel_size": 1, **options, **padding, **({"bias": False} if normalized else {})}
    norm = [Entry("batch_norm2d", {})] if normalized else []
    return [Entry("conv2d", conv), *norm, *activation(function)]


SPECIAL: dict[str, Callable[[Options], Lines]] = {
    "named": _named,
    "rectifier": _rectifier,
    "slopes": _slopes,
    "last_ends": _last_ends,
    "two_ends": _two("pad", "padding"),
    "two_margins": _two("crop", "margin"),
    "joined": _joined,
    "added": _merge("add"),
    "multiplied": _merge("multiply"),
    "subtracted": _merge("subtract"),
    "divided": _merge("divide"),
    "matrices": _merge("matmul"),
    "clipped": _clipped,
    **{f"reduced {operation}": _reduced(operation) for operation in ("mean", "sum", "max", "norm")},
    "shape": _shape,
    "order": _order,
    "unflatten": _unflatten,
    "averaged": _averaged,
    "channels_last": _channels_last,
    "caffe_pool": _caffe_pool,
    "darknet_conv": _darknet_conv,
    "darknet_pool": _darknet_pool,
    **{f"ends{axes}d": _ends(axes) for axes in (1, 2, 3)},
    **{f"depthwise{axes}d": _depthwise(axes) for axes in (1, 2)},
    **{f"separable{axes}d": _separable(axes) for axes in (1, 2)},
    **{f"transposed{axes}d": _transposed(axes) for axes in (1, 2, 3)},
    **{f"average{axes}d": _average(axes) for axes in (1, 2, 3)},
}
"""Type in the table that is no layer type here -> the lines of its options."""
