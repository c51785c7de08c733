"""Arithmetic as torch computes it, with options that its functions take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from cnncalc.oracles.torch.windows import Options


class Scalar(nn.Module):
    """A function of torch, with the numbers that it takes."""

    def __init__(self, **options: Any) -> None:
        super().__init__()
        ((name, self.value),) = [(name, value) for name, value in options.items() if value is not None]
        self.operation: str = self.value if name == "function" else name
        self.numbers: tuple[Any, ...] = {"function": (), "clamp": self.value}.get(name, (self.value,))
        bounds: tuple[float | None, float | None] = self.value if name == "clamp" else (None, None)
        self.least, self.greatest = bounds

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = getattr(torch, {"power": "pow"}.get(self.operation, self.operation))(x, *self.numbers)
        return y


class Stored(nn.Module):
    """A parameter, or a buffer, for each image of the input."""

    def __init__(self, name: str, shape: tuple[int, ...], trainable: bool) -> None:
        super().__init__()
        self.name = name
        if trainable:
            self.register_parameter(name, nn.Parameter(torch.zeros(shape)))
        else:
            self.register_buffer(name, torch.zeros(shape))

    def forward(self, x: Tensor) -> Tensor:
        stored: Tensor = getattr(self, self.name)
        return stored.expand(len(x), *stored.shape).clone()


REDUCTIONS: dict[str, Callable[..., Tensor]] = {
    "sum": torch.sum,
    "mean": torch.mean,
    "max": torch.amax,
    "var": torch.var,
    "norm": torch.linalg.vector_norm,
}


def axes_after_batch(given: int | tuple[int, ...]) -> list[int]:
    """Axes counted with the batch axis."""
    return [dim + 1 if dim >= 0 else dim for dim in (given if isinstance(given, tuple) else (given,))]


def rolled(options: dict[str, Any]) -> Callable[[Tensor], Tensor]:
    """`torch.roll`."""
    return lambda x: torch.roll(x, options["shifts"], axes_after_batch(options["dims"]))


def reduced(options: dict[str, Any]) -> Callable[[Tensor], Tensor]:
    """A reduction along some axes, which count without the batch."""
    dims = axes_after_batch(options["dim"])
    name, rest = options["operation"], {"correction": options.get("correction", 1)}
    more = rest if name == "var" else {}
    return lambda x: REDUCTIONS[name](x, dim=dims, keepdim=options.get("keepdim", False), **more)


class Opaque(nn.Module):
    """Ones in the place of what an opaque layer puts out, beside its tensors, and as many MACs as it states."""

    def __init__(self, options: Options) -> None:
        super().__init__()
        self.shape, self.macs = options["shape"], options.get("macs") or 0
        for name, shape in options.get("parameters", ()):
            self.register_parameter(name, nn.Parameter(torch.zeros(shape)))
        for name, shape in options.get("buffers", ()):
            self.register_buffer(name, torch.zeros(shape))

    def forward(self, input: Tensor, *others: Tensor) -> Tensor:
        if self.macs:
            input.new_zeros(len(input), self.macs) @ input.new_zeros(self.macs, 1)
        return input.new_ones(len(input), *self.shape)
