"""Arithmetic as torch computes it, with options that its functions take."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


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
