"""Every layer type as torch computes it: by torch's own module where there is one, else put together from its parts.

Nothing here reads cnncalc. Where torch lacks a layer or an option, the construction is one that leaves the sizes to
torch: pad with `F.pad`, gather windows with `F.unfold` or strided slices, contract with `torch.einsum`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

Options = dict[str, Any]
Shape = tuple[int, ...]
Pads = list[tuple[int, int]]


def per_axis(value: Any, axes: int) -> list[Any]:
    """One entry for every axis."""
    if not isinstance(value, tuple):
        return [value] * axes
    return list(value) * axes if len(value) == 1 else list(value)


def same_padding(size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """The least padding under which windows begin once in every stride of the input, found by trying."""
    wanted = len(range(0, size, stride))
    span = len(range(0, dilation * kernel, dilation)) and max(range(0, dilation * kernel, dilation)) + 1
    rows = 0
    while size + rows < span or torch.empty(size + rows).unfold(0, span, stride).shape[0] < wanted:
        rows += 1
    return rows // 2, rows - rows // 2


class Geometry:
    """Kernel, stride, padding and dilation of a window, once per axis."""

    def __init__(self, options: Options, spatial: Shape, strides_by_kernel: bool = False) -> None:
        axes = len(spatial)
        self.kernel: list[int] = per_axis(options["kernel_size"], axes)
        stride = options.get("stride")
        default = self.kernel if strides_by_kernel else [1] * axes
        self.stride: list[int] = default if stride is None else per_axis(stride, axes)
        self.dilation: list[int] = per_axis(options.get("dilation", 1), axes)
        padding = options.get("padding", 0)
        if padding == "valid":
            padding = 0
        self.pads: Pads
        if padding == "same":
            self.pads = [
                same_padding(n, k, s, d)
                for n, k, s, d in zip(spatial, self.kernel, self.stride, self.dilation, strict=True)
            ]
        else:
            self.pads = [rows if isinstance(rows, tuple) else (rows, rows) for rows in per_axis(padding, axes)]

    @property
    def symmetric(self) -> bool:
        """Whether torch can pad by itself."""
        return all(before == after for before, after in self.pads)

    @property
    def before(self) -> list[int]:
        """Padding at the beginning of every axis."""
        return [before for before, _ in self.pads]

    def pad(self, x: Tensor, value: float = 0.0) -> Tensor:
        """The input with its padding around it."""
        return F.pad(x, [rows for pair in reversed(self.pads) for rows in pair], value=value)


def strided_taps(x: Tensor, kernel: list[int], stride: list[int], dilation: list[int], counts: Shape) -> Tensor:
    """For every tap of the window, what it sees from each position, along a new last axis; beyond the end, zeros."""
    taps = []
    for tap in product(*map(range, kernel)):
        seen = x
        for axis, (t, s, d, count) in enumerate(zip(tap, stride, dilation, counts, strict=True)):
            positions = [t * d + s * unit for unit in range(count)]
            missing = max(0, positions[-1] + 1 - seen.shape[axis + 2])
            seen = F.pad(seen, [0, 0] * (len(kernel) - 1 - axis) + [0, missing])
            seen = seen.index_select(axis + 2, torch.tensor(positions))
        taps.append(seen)
    return torch.stack(taps, dim=-1)


CONV: list[Callable[..., Tensor]] = [F.conv1d, F.conv2d, F.conv3d]
CONV_TRANSPOSE: list[Callable[..., Tensor]] = [F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d]
CONV_MODULE: list[Callable[..., nn.Module]] = [nn.Conv1d, nn.Conv2d, nn.Conv3d]
CONV_TRANSPOSE_MODULE: list[Callable[..., nn.Module]] = [nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d]
MAX_POOL: list[Callable[..., Tensor]] = [F.max_pool1d, F.max_pool2d, F.max_pool3d]
AVG_POOL: list[Callable[..., Tensor]] = [F.avg_pool1d, F.avg_pool2d, F.avg_pool3d]
LP_POOL: list[Callable[..., Tensor]] = [F.lp_pool1d, F.lp_pool2d, F.lp_pool3d]


class PaddedConv(nn.Module):
    """F.pad, then torch's convolution without padding: for asymmetric padding, and for `same` with a stride."""

    def __init__(self, geometry: Geometry, conv: nn.Module) -> None:
        super().__init__()
        self.geometry = geometry
        self.conv = conv

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv(self.geometry.pad(x))
        return y


class QuietConv(nn.Module):
    """Torch's convolution, whose `same` padding warns about the copy that an even kernel costs."""

    def __init__(self, conv: nn.Module) -> None:
        super().__init__()
        self.conv = conv

    def forward(self, x: Tensor) -> Tensor:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            y: Tensor = self.conv(x)
        return y


class ConnectedConv(nn.Module):
    """For every output map one convolution, over just the input maps that its row of the table names."""

    def __init__(self, geometry: Geometry, table: Sequence[Sequence[int]], bias: bool) -> None:
        super().__init__()
        self.geometry = geometry
        self.table = table
        self.kernels = nn.ParameterList(torch.rand(1, len(maps), *geometry.kernel) for maps in table)
        self.bias = nn.Parameter(torch.rand(len(table))) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        g = self.geometry
        conv = CONV[len(g.kernel) - 1]
        padded = g.pad(x)
        y = torch.cat(
            [
                conv(padded[:, list(maps)], kernel, stride=g.stride, dilation=g.dilation)
                for maps, kernel in zip(self.table, self.kernels, strict=True)
            ],
            dim=1,
        )
        return y if self.bias is None else y + self.bias.view(-1, *[1] * len(g.kernel))


def convolution(options: Options, shape: Shape) -> nn.Module:
    axes = len(shape) - 1
    geometry = Geometry(options, shape[1:])
    bias = options.get("bias", True)
    if options.get("connections") is not None:
        return ConnectedConv(geometry, options["connections"], bias)
    padding = options.get("padding", 0)
    strided = max(geometry.stride) > 1
    native = geometry.symmetric if padding != "same" else not strided
    named = padding if isinstance(padding, str) and not strided else geometry.before
    conv = CONV_MODULE[axes - 1](
        shape[0],
        options["out_channels"],
        geometry.kernel,
        stride=geometry.stride,
        padding=named if native else 0,
        dilation=geometry.dilation,
        groups=options.get("groups", 1),
        bias=bias,
    )
    return QuietConv(conv) if native else PaddedConv(geometry, conv)


class CroppedConvTranspose(nn.Module):
    """Torch's transposed convolution without padding, then `F.pad` with negative rows: asymmetric and `same` padding.

    `same` is defined by the convolution that it is the gradient of: one with `same` padding from n·s positions to n.
    """

    def __init__(self, options: Options, shape: Shape) -> None:
        super().__init__()
        axes = len(shape) - 1
        bare = {name: value for name, value in options.items() if name not in ("padding", "output_padding", "bias")}
        self.g = Geometry(bare, shape[1:])
        self.conv = conv_transpose(bare | {"bias": False}, shape)
        self.bias = nn.Parameter(torch.rand(options["out_channels"])) if options.get("bias", True) else None
        self.extra = per_axis(options.get("output_padding", 0), axes)
        self.padding = options["padding"]

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv(x)
        margins: list[int] = []
        for axis in reversed(range(len(self.extra))):
            n, k, s, d = x.shape[axis + 2], self.g.kernel[axis], self.g.stride[axis], self.g.dilation[axis]
            if self.padding == "same":
                before = same_padding(n * s, k, s, d)[0]
                margins += [-before, n * s - (y.shape[axis + 2] - before) + self.extra[axis]]
            else:
                before, after = per_axis(self.padding, len(self.extra))[axis]
                margins += [-before, self.extra[axis] - after]
        y = F.pad(y, margins)
        return y if self.bias is None else y + self.bias.view(-1, *[1] * len(self.extra))


def conv_transpose(options: Options, shape: Shape) -> nn.Module:
    axes = len(shape) - 1
    geometry = Geometry({**options, "padding": 0}, shape[1:])
    padding = options.get("padding", 0)
    if padding == "same" or any(isinstance(rows, tuple) for rows in per_axis(padding, axes)):
        return CroppedConvTranspose(options, shape)
    return CONV_TRANSPOSE_MODULE[axes - 1](
        shape[0],
        options["out_channels"],
        geometry.kernel,
        stride=geometry.stride,
        padding=per_axis(0 if padding == "valid" else padding, axes),
        output_padding=per_axis(options.get("output_padding", 0), axes),
        groups=options.get("groups", 1),
        bias=options.get("bias", True),
        dilation=geometry.dilation,
    )


class LocallyConnected(nn.Module):
    """`F.unfold` of the padded input (a sequence being a map of one row), contracted position by position."""

    def __init__(self, options: Options, shape: Shape) -> None:
        super().__init__()
        self.geometry = g = Geometry(options, shape[1:])
        axes = len(shape) - 1
        rows = [1] * (2 - axes)
        self.unfold = nn.Unfold((*rows, *g.kernel), (*rows, *g.dilation), 0, (*rows, *g.stride))
        self.spatial = MAX_POOL[axes - 1](g.pad(torch.zeros(1, *shape)), g.kernel, g.stride, dilation=g.dilation).shape[
            2:
        ]
        bias = options.get("bias", "per_position")
        out = options["out_channels"]
        self.weight = nn.Parameter(torch.rand(*self.spatial, out, shape[0], *g.kernel))
        ones = [1] * axes
        self.bias = None
        if bias is not False:
            self.bias = nn.Parameter(torch.rand(out, *(ones if bias == "per_channel" else self.spatial)))

    def forward(self, x: Tensor) -> Tensor:
        padded = self.geometry.pad(x)
        patches = self.unfold(padded if padded.dim() == 4 else padded.unsqueeze(2))
        axes = len(self.spatial)
        kernels = self.weight.flatten(0, axes - 1).flatten(2)
        y = torch.einsum("bkp,pok->bop", patches, kernels)
        y = y.reshape(*y.shape[:2], *self.spatial)
        return y if self.bias is None else y + self.bias


class WindowPool(nn.Module):
    """A pool over moving windows; sizes are those that torch's own max pooling leaves."""

    def __init__(self, kind: str, options: Options, shape: Shape) -> None:
        super().__init__()
        self.kind = kind
        self.axes = len(shape) - 1
        self.options = options
        self.g = Geometry(options, shape[1:], strides_by_kernel=True)
        self.ceil = options.get("ceil_mode", False)
        self.plain = self.g.symmetric and set(self.g.dilation) == {1}
        if not self.g.symmetric:  # padded beforehand, torch's rule for a last window cannot see where the input ends
            assert not self.ceil or all(after == 0 for _, after in self.g.pads)
        if kind == "trainable":
            self.weight = nn.Parameter(torch.rand(shape[0]))
            self.bias = nn.Parameter(torch.rand(shape[0]))
        if kind == "mixed":
            self.mix = nn.Parameter(torch.rand(1))

    def largest(self, x: Tensor) -> Tensor:
        g = self.g
        pool = MAX_POOL[self.axes - 1]
        if g.symmetric:
            return pool(x, g.kernel, g.stride, g.before, g.dilation, ceil_mode=self.ceil)
        return pool(g.pad(x, -torch.inf), g.kernel, g.stride, 0, g.dilation, ceil_mode=self.ceil)

    def taps(self, x: Tensor) -> Tensor:
        return strided_taps(self.g.pad(x), self.g.kernel, self.g.stride, self.g.dilation, self.largest(x).shape[2:])

    def total(self, x: Tensor) -> Tensor:
        g = self.g
        if self.plain and self.axes > 1:
            return AVG_POOL[self.axes - 1](x, g.kernel, g.stride, g.before, self.ceil, divisor_override=1)
        return self.taps(x).sum(-1)

    def mean(self, x: Tensor) -> Tensor:
        g = self.g
        include = self.options.get("count_include_pad", True)
        if self.plain:
            return AVG_POOL[self.axes - 1](x, g.kernel, g.stride, g.before, self.ceil, include)
        where = torch.ones_like(x)
        counted = g.pad(where, 1.0 if include else 0.0)
        counts = strided_taps(counted, g.kernel, g.stride, g.dilation, self.largest(x).shape[2:]).sum(-1)
        return self.taps(x).sum(-1) / counts

    def norm(self, x: Tensor) -> Tensor:
        g = self.g
        p = self.options["norm_type"]
        if self.plain and not any(g.before):
            kernel, stride = (g.kernel[0], g.stride[0]) if self.axes == 1 else (g.kernel, g.stride)
            return LP_POOL[self.axes - 1](x, p, kernel, stride, self.ceil)
        length: Tensor = torch.linalg.vector_norm(self.taps(x), p, dim=-1)
        return length

    def forward(self, x: Tensor) -> Tensor:
        match self.kind:
            case "max":
                return self.largest(x)
            case "avg":
                return self.mean(x)
            case "lp":
                return self.norm(x)
            case "sum":
                return self.total(x)
            case "stochastic":
                return self.total(x * x) / self.total(x)
            case "mixed":
                return self.mix * self.largest(x) + (1 - self.mix) * self.mean(x)
            case "trainable":
                return self.total(x) * self.weight.view(-1, 1, 1) + self.bias.view(-1, 1, 1)
        raise LookupError(self.kind)


class Function(nn.Module):
    """A layer without parameters, as one call."""

    def __init__(self, call: Callable[..., Tensor]) -> None:
        super().__init__()
        self.call = call

    def forward(self, *inputs: Tensor) -> Tensor:
        return self.call(*inputs)


ADAPTIVE: dict[str, list[Callable[..., nn.Module]]] = {
    "avg": [nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d],
    "max": [nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveMaxPool3d],
}


def adaptive(kind: str, options: Options, axes: int) -> nn.Module:
    if axes == 1:  # torch takes None from two axes on
        return ADAPTIVE[kind][0](*per_axis(options["output_size"], 1))
    return ADAPTIVE[kind][axes - 1](tuple(per_axis(options["output_size"], axes)))


def global_pool(kind: str, options: Options, axes: int) -> nn.Module:
    pool = ADAPTIVE[kind][axes - 1](1)
    return pool if options.get("keepdim", False) else nn.Sequential(pool, nn.Flatten())


def pyramid(options: Options) -> nn.Module:
    pools = [adaptive(options.get("mode", "max"), {"output_size": level}, 2) for level in options["levels"]]
    return Function(lambda x: torch.cat([pool(x).flatten(1) for pool in pools], dim=1))


def after_batch(dim: int) -> int:
    """An axis counted with the batch; those counted from the end stay."""
    return dim + 1 if dim >= 0 else dim


def part(options: Options) -> Callable[[Tensor], Tensor]:
    wanted = slice(options.get("start", 0), options.get("end"), options.get("step", 1))

    def cut(x: Tensor) -> Tensor:
        return x.movedim(after_batch(options.get("dim", 0)), 0)[wanted].movedim(0, after_batch(options.get("dim", 0)))

    return cut


def padded(options: Options, axes: int) -> Callable[[Tensor], Tensor]:
    pairs = [rows if isinstance(rows, tuple) else (rows, rows) for rows in per_axis(options["padding"], axes)]
    margins = [rows for pair in reversed(pairs) for rows in pair]
    mode = options.get("mode", "constant")
    value = options.get("value", 0.0) if mode == "constant" else None
    return lambda x: F.pad(x, margins, mode, value)


def cropped(options: Options, spatial: Shape) -> Callable[[Tensor], Tensor]:
    """Slices; for `size`, rows are taken off in turn, the last one first, until the size is left."""
    bounds = []
    if "margin" in options:
        for n, rows in zip(spatial, per_axis(options["margin"], len(spatial)), strict=True):
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


def added(inplace: bool) -> Callable[..., Tensor]:
    def add(*inputs: Tensor) -> Tensor:
        total = inputs[0]
        for other in inputs[1:]:
            total = total.add_(other) if inplace else total + other
        return total

    return add


def multiplied(*inputs: Tensor) -> Tensor:
    most = max(x.dim() for x in inputs)
    total = torch.ones(())
    for x in inputs:
        total = total * x.view(*x.shape, *[1] * (most - x.dim()))
    return total


ACTIVATIONS: dict[str, Callable[..., nn.Module]] = {
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "leaky_relu": nn.LeakyReLU,
    "prelu": nn.PReLU,
    "elu": nn.ELU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "silu": nn.SiLU,
    "gelu": nn.GELU,
    "hardswish": nn.Hardswish,
    "hardsigmoid": nn.Hardsigmoid,
    "dropout": nn.Dropout,
    "identity": nn.Identity,
    "channel_shuffle": nn.ChannelShuffle,
    "pixel_shuffle": nn.PixelShuffle,
    "local_response_norm": nn.LocalResponseNorm,
    "upsample": nn.Upsample,
}

PER_CHANNEL: dict[str, Callable[..., nn.Module]] = {
    "batch_norm1d": nn.BatchNorm1d,
    "batch_norm2d": nn.BatchNorm2d,
    "batch_norm3d": nn.BatchNorm3d,
    "instance_norm1d": nn.InstanceNorm1d,
    "instance_norm2d": nn.InstanceNorm2d,
    "instance_norm3d": nn.InstanceNorm3d,
}


def torch_layer(type_name: str, options: Options, shapes: tuple[Shape, ...]) -> nn.Module:
    """The torch computation of a layer on inputs of these shapes (without the batch), in evaluation mode."""
    return _build(type_name, options, shapes).eval()


def _build(type_name: str, options: Options, shapes: tuple[Shape, ...]) -> nn.Module:
    shape = shapes[0]
    axes = len(shape) - 1
    if type_name[-1] == "d" and type_name[-2].isdigit() and int(type_name[-2]) != axes:
        axes = int(type_name[-2])
        shape = (shape[0], *[9] * axes)  # an input that does not fit: the module is built for one that does
    family = type_name.removesuffix(f"{axes}d")
    if type_name in ACTIVATIONS:
        return ACTIVATIONS[type_name](**options)
    if type_name in PER_CHANNEL:
        return PER_CHANNEL[type_name](shape[0], **options)
    if family.endswith("_pool") and family.split("_")[0] in ("adaptive", "global"):
        kind = family.split("_")[1]
        return (adaptive if family.startswith("adaptive") else global_pool)(kind, options, axes)
    if type_name == "spatial_pyramid_pool2d":
        return pyramid(options)
    if family.endswith("_pool"):
        return WindowPool(family.removesuffix("_pool"), options, shape)
    match family:
        case "conv":
            return convolution(options, shape)
        case "conv_transpose":
            return conv_transpose(options, shape)
        case "locally_connected":
            return LocallyConnected(options, shape)
        case "linear":
            return nn.Linear(shape[-1], **options)
        case "layer_norm":
            return nn.LayerNorm(**options)
        case "group_norm":
            return nn.GroupNorm(num_channels=shape[0], **options)
        case "softmax":
            return nn.Softmax(dim=after_batch(options.get("dim", 0)))
        case "flatten":
            return nn.Flatten(after_batch(options.get("start_dim", 0)), after_batch(options.get("end_dim", -1)))
        case "reshape":
            return Function(lambda x: x.reshape(x.shape[0], *options["shape"]))
        case "permute":
            return Function(lambda x: x.permute(0, *map(after_batch, options["dims"])))
        case "slice":
            return Function(part(options))
        case "pad":
            return Function(padded(options, axes))
        case "crop":
            return Function(cropped(options, shape[1:]))
        case "add":
            return Function(added(options.get("inplace", False)))
        case "multiply":
            return Function(multiplied)
        case "concat":
            return Function(lambda *inputs: torch.cat(inputs, dim=after_batch(options.get("dim", 0))))
    raise LookupError(type_name)


# What the tests ask of a module


SIGNED = ("conv", "linear", "locally_connected", "norm", "elu", "silu", "gelu", "sigmoid", "tanh", "hard", "softmax")


def settle(module: nn.Module, seed: int = 0) -> nn.Module:
    """The module in double precision, with positive parameters and statistics that are neither 0 nor 1."""
    module.double()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for value in (*module.parameters(), *module.buffers()):
            if value.is_floating_point():
                value.copy_(torch.rand(value.shape, generator=generator) + 0.1)
    return module


def random_inputs(type_name: str, shapes: tuple[Shape, ...], batch: int, seed: int = 1) -> list[Tensor]:
    """Inputs in double precision; positive ones for the pools, some of which take powers and divide."""
    generator = torch.Generator().manual_seed(seed)
    signed = any(part in type_name for part in SIGNED) or "relu" in type_name
    return [
        (torch.rand(batch, *shape, generator=generator) * 9 - (4.5 if signed else -0.1)).double() for shape in shapes
    ]


def run(module: nn.Module, inputs: list[Tensor]) -> Tensor:
    """The module's output; the inputs stay as they are, whatever the module does in place."""
    with torch.no_grad():
        y: Tensor = module(*[x.clone() for x in inputs])
    return y


def macs(module: nn.Module, inputs: list[Tensor]) -> int:
    """Half of what torch's own counter finds for one image: it counts a multiply and an add as two operations."""
    with FlopCounterMode(display=False) as counter:
        run(module, inputs)
    flops: int = counter.get_total_flops()
    count, rest = divmod(flops, 2 * inputs[0].shape[0])
    assert rest == 0
    return count


def parameter_count(module: nn.Module) -> int:
    """Numbers that training changes."""
    return sum(value.numel() for value in module.parameters() if value.requires_grad)


def buffer_count(module: nn.Module) -> int:
    """Stored numbers that training does not change by gradients, without batch norm's own counter."""
    return sum(value.numel() for name, value in module.named_buffers() if not name.endswith("num_batches_tracked"))


def weight_shapes(module: nn.Module) -> dict[str, list[int]]:
    """Name -> shape of everything stored, without the names of enclosing modules and without batch norm's counter."""
    stored = {name.rpartition(".")[2]: list(value.shape) for name, value in module.state_dict().items()}
    stored.pop("num_batches_tracked", None)
    return stored


def footprints(type_name: str, options: Options, shape: Shape, axis: int) -> list[tuple[int, int] | None]:
    """For every output unit along one spatial axis, the first and last input position whose disturbance reaches it.

    All parameters are one and so is every input, so that nothing cancels; then one position at a time becomes two.
    """
    module = torch_layer(type_name, options, (shape,)).double()
    size = shape[axis + 1]
    with torch.no_grad():
        for value in module.parameters():
            value.fill_(1.0)
        calm = torch.ones(size, *shape, dtype=torch.float64)
        disturbed = calm.clone()
        for position in range(size):
            disturbed[position].select(axis + 1, position).fill_(2.0)
        moved = (module(disturbed) - module(calm)).abs() > 1e-9
    along = (
        moved.movedim(axis + 2, 1).flatten(2).any(2) if moved.dim() == calm.dim() else moved.flatten(1).any(1)[:, None]
    )
    seen = [[position for position, hit in enumerate(unit) if hit] for unit in along.T.tolist()]
    return [(positions[0], positions[-1]) if positions else None for positions in seen]


def gradient_footprint(type_name: str, options: Options, shape: Shape, axis: int, unit: int) -> tuple[int, int] | None:
    """The same for one unit, found from the gradient of its middle value: for layers that are sums."""
    module = torch_layer(type_name, options, (shape,)).double()
    with torch.no_grad():
        for value in module.parameters():
            value.fill_(1.0)
    x = torch.ones(1, *shape, dtype=torch.float64, requires_grad=True)
    y: Tensor = module(x)
    y.select(axis + 2, unit).sum().backward()  # type: ignore[no-untyped-call]
    assert x.grad is not None
    hit = (x.grad.movedim(axis + 2, 0).flatten(1).abs() > 1e-9).any(1).tolist()
    positions = [position for position, seen in enumerate(hit) if seen]
    return (positions[0], positions[-1]) if positions else None


def regular_part(seen: list[tuple[int, int] | None]) -> tuple[int, Fraction | None, int | None]:
    """(widest footprint, advance per unit, what unit 0 would see first without a border), from footprints alone.

    Footprints that an end of the input cuts off do not repeat: as few units as possible are left out at both ends, so
    that the rest repeats. The advance is None where there is a single unit.
    """
    widest = max((high - low + 1 for low, high in filter(None, seen)), default=0)
    if len(seen) == 1:
        assert seen[0] is not None
        return widest, None, seen[0][0]
    for left_out in range((len(seen) - 1) // 2):
        found = _repetition(seen, range(left_out, len(seen) - left_out))
        if found is not None:
            return widest, *found
    raise AssertionError("the input is too small to show how footprints repeat")


def _repetition(seen: list[tuple[int, int] | None], units: range) -> tuple[Fraction, int | None] | None:
    for period in range(1, len(units) // 2 + 1):
        pairs = [(seen[one], seen[other]) for one, other in zip(units, units[period:], strict=False)]
        steps = [later[end] - first[end] for first, later in pairs if first and later for end in (0, 1)]
        alike = all((first is None) == (later is None) for first, later in pairs)
        if alike and len(pairs) > 1 and steps and len(set(steps)) == 1:
            jump = Fraction(steps[0], period)
            unit = next(unit for unit in units if unit % period == 0)
            ends = seen[unit]
            return jump, None if ends is None else int(ends[0] - jump * unit)
    return None
