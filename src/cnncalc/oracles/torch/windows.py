"""Layers with windows as torch computes them: convolutions, locally connected layers and pools.

Where torch lacks a layer or an option, it is built so that torch determines the sizes: pad with `F.pad`, gather windows
with `F.unfold` or strided slices, contract with a matrix product. None of our rules are read here.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from itertools import accumulate, product
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

Options = dict[str, Any]
Shape = tuple[int, ...]
Pads = list[tuple[int, int]]


def per_axis(value: Any, axes: int) -> list[Any]:
    """One entry for every axis."""
    if not isinstance(value, tuple):
        return [value] * axes
    return list(value) * axes if len(value) == 1 else list(value)


def same_padding(size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """The least padding with which a window begins at every stride of the input, found by trial."""
    wanted = len(range(0, size, stride))
    span = range(0, dilation * kernel, dilation)[-1] + 1
    rows = 0
    while size + rows < span or torch.empty(size + rows).unfold(0, span, stride).shape[0] < wanted:
        rows += 1
    return rows // 2, rows - rows // 2


class WindowOptions:
    """Kernel, stride, padding and dilation of a window, per axis."""

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
        """Whether torch's own padding suffices."""
        return all(before == after for before, after in self.pads)

    @property
    def before(self) -> list[int]:
        """Padding at the beginning of every axis."""
        return [before for before, _ in self.pads]

    def pad(self, x: Tensor, value: float = 0.0) -> Tensor:
        """The padded input."""
        return F.pad(x, [rows for pair in reversed(self.pads) for rows in pair], value=value)

    def inside(self, padded: Tensor) -> Tensor:
        """A padded map without its padding."""
        return F.pad(padded, [-rows for pair in reversed(self.pads) for rows in pair])


def strided_taps(x: Tensor, kernel: list[int], stride: list[int], dilation: list[int], counts: Shape) -> Tensor:
    """The values of every tap at each position, along a new last axis, zero-padded at the end."""
    taps = []
    for tap in product(*map(range, kernel)):
        values = x
        for axis, (t, s, d, count) in enumerate(zip(tap, stride, dilation, counts, strict=True)):
            positions = [t * d + s * unit for unit in range(count)]
            missing = max(0, positions[-1] + 1 - values.shape[axis + 2])
            values = F.pad(values, [0, 0] * (len(kernel) - 1 - axis) + [0, missing])
            values = values.index_select(axis + 2, torch.tensor(positions))
        taps.append(values)
    return torch.stack(taps, dim=-1)


CONV: list[Callable[..., Tensor]] = [F.conv1d, F.conv2d, F.conv3d]
CONV_MODULE: list[Callable[..., nn.Module]] = [nn.Conv1d, nn.Conv2d, nn.Conv3d]
CONV_TRANSPOSE_MODULE: list[Callable[..., nn.Module]] = [nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d]
MAX_POOL: list[Callable[..., Tensor]] = [F.max_pool1d, F.max_pool2d, F.max_pool3d]
AVG_POOL: list[Callable[..., Tensor]] = [F.avg_pool1d, F.avg_pool2d, F.avg_pool3d]
FLT_MAX = torch.finfo(torch.float32).max
LP_POOL: list[Callable[..., Tensor]] = [F.lp_pool1d, F.lp_pool2d, F.lp_pool3d]


class PaddedConv(nn.Module):
    """`F.pad`, then torch's convolution without padding: for asymmetric padding, and `same` with a stride."""

    def __init__(self, geometry: WindowOptions, conv: nn.Module) -> None:
        super().__init__()
        self.geometry = geometry
        self.conv = conv

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv(self.geometry.pad(x))
        return y


class QuietConv(nn.Module):
    """Torch's convolution without the warning that `same` padding with an even kernel copies the input."""

    def __init__(self, conv: nn.Module) -> None:
        super().__init__()
        self.conv = conv

    def forward(self, x: Tensor) -> Tensor:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            y: Tensor = self.conv(x)
        return y


class ConnectedConv(nn.Module):
    """One convolution for every output map, over the input maps in its row of a connection table.

    The kernels of all output maps are concatenated in one array.
    """

    def __init__(self, geometry: WindowOptions, table: Sequence[Sequence[int]], bias: bool) -> None:
        super().__init__()
        self.geometry = geometry
        self.table = table
        self.weight = nn.Parameter(torch.rand(sum(map(len, table)), *geometry.kernel))
        self.bias = nn.Parameter(torch.rand(len(table))) if bias else None

    def kernels(self) -> list[Tensor]:
        """The kernel of every output map, (1, maps read, *kernel)."""
        ends = accumulate(map(len, self.table))
        return [self.weight[None, end - len(maps) : end] for end, maps in zip(ends, self.table, strict=True)]

    def forward(self, x: Tensor) -> Tensor:
        g = self.geometry
        conv = CONV[len(g.kernel) - 1]
        padded = g.pad(x)
        y = torch.cat(
            [
                conv(padded[:, list(maps)], kernel, stride=g.stride, dilation=g.dilation)
                for maps, kernel in zip(self.table, self.kernels(), strict=True)
            ],
            dim=1,
        )
        return y if self.bias is None else y + self.bias.view(-1, *[1] * len(g.kernel))


class StandardizedConv(nn.Module):
    """A convolution whose filters are standardized first, as timm's StdConv2d does by `F.batch_norm`."""

    def __init__(self, conv: nn.Module) -> None:
        super().__init__()
        self.conv = conv
        inner: Any = next(module for module in conv.modules() if isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d))

        def convolve(x: Tensor) -> Tensor:
            weight = inner.weight
            rows = F.batch_norm(weight.reshape(1, len(weight), -1), None, None, training=True, momentum=0.0, eps=1e-6)
            y: Tensor = inner._conv_forward(x, rows.reshape_as(weight), inner.bias)
            return y

        inner.forward = convolve  # of the module itself, wherever it is wrapped

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv(x)
        return y


def convolution(options: Options, shape: Shape) -> nn.Module:
    """Torch's convolution, or one per output map with a connection table."""
    if options.get("standardized"):
        if options.get("connections") is not None:
            raise ValueError("a table of connections has no filters of equal size")
        return StandardizedConv(convolution({**options, "standardized": False}, shape))
    axes = len(shape) - 1
    geometry = WindowOptions(options, shape[1:])
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
    if not native:
        return PaddedConv(geometry, conv)
    return QuietConv(conv) if named == "same" else conv


class CroppedConvTranspose(nn.Module):
    """Torch's transposed convolution without padding, then `F.pad` with negative rows: asymmetric and `same` padding.

    `same` is defined by the convolution that it is the gradient of: one with `same` padding from n·s positions to n.
    """

    def __init__(self, options: Options, shape: Shape) -> None:
        super().__init__()
        axes = len(shape) - 1
        bare = {name: value for name, value in options.items() if name not in ("padding", "output_padding", "bias")}
        self.g = WindowOptions(bare, shape[1:])
        self.conv = conv_transpose(bare | {"bias": False}, shape)
        self.bias = nn.Parameter(torch.rand(options["out_channels"])) if options.get("bias", True) else None
        self.extra = per_axis(options.get("output_padding", 0), axes)
        self.padding = options["padding"]

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv(x)
        margins: list[int] = []
        for axis in reversed(range(len(self.extra))):
            n, k, s, d = int(x.shape[axis + 2]), self.g.kernel[axis], self.g.stride[axis], self.g.dilation[axis]
            if self.padding == "same":
                before = same_padding(n * s, k, s, d)[0]
                margins += [-before, n * s - (int(y.shape[axis + 2]) - before) + self.extra[axis]]
            else:
                rows = per_axis(self.padding, len(self.extra))[axis]
                before, after = rows if isinstance(rows, tuple) else (rows, rows)
                margins += [-before, self.extra[axis] - after]
        y = F.pad(y, margins)
        return y if self.bias is None else y + self.bias.view(-1, *[1] * len(self.extra))


def conv_transpose(options: Options, shape: Shape) -> nn.Module:
    """Torch's transposed convolution, cropped where its own padding option does not suffice."""
    axes = len(shape) - 1
    geometry = WindowOptions({**options, "padding": 0}, shape[1:])
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
    """`F.unfold` of the padded input (a sequence is a map of one row), contracted at every position."""

    def __init__(self, options: Options, shape: Shape) -> None:
        super().__init__()
        self.geometry = g = WindowOptions(options, shape[1:])
        axes = len(shape) - 1
        rows = [1] * (2 - axes)
        self.unfold = nn.Unfold((*rows, *g.kernel), (*rows, *g.dilation), 0, (*rows, *g.stride))
        image = g.pad(torch.zeros(1, *shape))
        self.spatial = MAX_POOL[axes - 1](image, g.kernel, g.stride, dilation=g.dilation).shape[2:]
        bias = options.get("bias", "per_position")
        out = options["out_channels"]
        self.weight = nn.Parameter(torch.rand(*self.spatial, out, shape[0], *g.kernel))
        self.bias = None
        if bias is not False:
            self.bias = nn.Parameter(torch.rand(out, *(() if bias == "per_channel" else self.spatial)))

    def forward(self, x: Tensor) -> Tensor:
        padded = self.geometry.pad(x)
        patches = self.unfold(padded if padded.dim() == 4 else padded.unsqueeze(2))
        axes = len(self.spatial)
        kernels = self.weight.flatten(0, axes - 1).flatten(2)
        y = torch.bmm(patches.permute(2, 0, 1), kernels.transpose(1, 2)).permute(1, 2, 0)
        y = y.reshape(*y.shape[:2], *self.spatial)
        if self.bias is None:
            return y
        return y + (self.bias if self.bias.dim() > 1 else self.bias.view(-1, *[1] * axes))


class WindowPool(nn.Module):
    """A pool over sliding windows, with the sizes of torch's max pooling."""

    def __init__(self, kind: str, options: Options, shape: Shape) -> None:
        super().__init__()
        self.kind = kind
        self.axes = len(shape) - 1
        self.options = options
        self.g = WindowOptions(options, shape[1:], strides_by_kernel=True)
        self.ceil = options.get("ceil_mode", False) is not False
        caffe = options.get("ceil_mode") == "caffe"
        unpadded = options.get("padding") != "same" and not any(map(any, self.g.pads))
        self.keeps_windows = caffe and unpadded  # those that begin beyond the input; torch has none
        pads = list(zip(self.g.before, self.g.kernel, strict=True))
        more_than_torch = any(2 * rows > k for rows, k in pads)
        self.pads_as_caffe = caffe and more_than_torch and all(rows < k for rows, k in pads)
        self.plain = self.g.symmetric and set(self.g.dilation) == {1} and not caffe
        if kind == "trainable":
            self.weight = nn.Parameter(torch.rand(shape[0]))
            self.bias = nn.Parameter(torch.rand(shape[0]))
        if kind == "mixed":
            self.mix = nn.Parameter(torch.rand(1))

    def maximum(self, x: Tensor) -> Tensor:
        """Torch's max pooling; asymmetric padding, and more than torch takes, is added beforehand."""
        g = self.g
        pool = MAX_POOL[self.axes - 1]
        if self.keeps_windows:
            return pool(F.pad(x, self.beyond(x), value=-FLT_MAX), g.kernel, g.stride, 0, g.dilation)
        if g.symmetric and not self.pads_as_caffe:
            return pool(x, g.kernel, g.stride, g.before, g.dilation, ceil_mode=self.ceil)
        y = pool(g.pad(x, -torch.inf), g.kernel, g.stride, 0, g.dilation, ceil_mode=self.ceil)
        if self.ceil:  # torch drops a last window beyond the input; here it took padding for input
            for axis, (stride, before) in enumerate(zip(g.stride, g.before, strict=True), start=2):
                last = y.shape[axis] - 1
                if last * stride >= x.shape[axis] + before:
                    y = y.narrow(axis, 0, last)
        return y

    def beyond(self, x: Tensor) -> list[int]:
        """Rows that Caffe's last windows find missing at the end of each axis, in the order of `F.pad`."""
        rows = []
        for n, k, s, d in zip(x.shape[2:], self.g.kernel, self.g.stride, self.g.dilation, strict=True):
            span = d * (k - 1) + 1
            if n + s <= span:
                raise ValueError("no window begins within the input")
            rows.append(next(start + span - n for start in range(0, n + s, s) if start + span >= n))
        return [missing for after in reversed(rows) for missing in (0, after)]

    def taps(self, x: Tensor) -> Tensor:
        """The values in every window."""
        return strided_taps(self.g.pad(x), self.g.kernel, self.g.stride, self.g.dilation, self.maximum(x).shape[2:])

    def total(self, x: Tensor) -> Tensor:
        """The sum over every window."""
        g = self.g
        if self.plain and self.axes > 1:
            return AVG_POOL[self.axes - 1](x, g.kernel, g.stride, g.before, self.ceil, divisor_override=1)
        return self.taps(x).sum(-1)

    def mean(self, x: Tensor) -> Tensor:
        """The mean over every window, with or without the padding in it."""
        g = self.g
        include = self.options.get("count_include_pad", True)
        if self.plain:
            return AVG_POOL[self.axes - 1](x, g.kernel, g.stride, g.before, self.ceil, include)
        where = torch.ones_like(x)
        counted = g.pad(where, 1.0 if include else 0.0)
        counts = strided_taps(counted, g.kernel, g.stride, g.dilation, self.maximum(x).shape[2:]).sum(-1)
        return self.taps(x).sum(-1) / counts

    def norm(self, x: Tensor) -> Tensor:
        """The p-norm of every window."""
        g = self.g
        p = self.options["norm_type"]
        # torch rescales a window that ceil_mode cuts, unlike the norm that it documents
        if self.plain and not any(g.before) and not self.ceil:
            kernel, stride = (g.kernel[0], g.stride[0]) if self.axes == 1 else (g.kernel, g.stride)
            return LP_POOL[self.axes - 1](x, p, kernel, stride, self.ceil)
        length: Tensor = torch.linalg.vector_norm(self.taps(x), p, dim=-1)
        return length

    def forward(self, x: Tensor) -> Tensor:
        match self.kind:
            case "max":
                return self.maximum(x)
            case "avg":
                return self.mean(x)
            case "lp":
                return self.norm(x)
            case "sum":
                return self.total(x)
            case "stochastic":
                return self.total(x * x) / self.total(x)
            case "mixed":
                return self.mix * self.maximum(x) + (1 - self.mix) * self.mean(x)
            case "trainable":
                return self.total(x) * self.weight.view(-1, 1, 1) + self.bias.view(-1, 1, 1)
        raise LookupError(self.kind)
