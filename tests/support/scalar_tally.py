"""Scalars, and the operations on them counted one by one."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import product

from torch import Tensor, nn

from tests.support.torch_layers import weight_name

Index = tuple[int, ...]
Values = dict[Index, float]


class Tally(Counter[str]):
    """Scalar operations, counted as they are carried out."""

    def add(self, kind: str, a: float, b: float) -> float:
        self[f"{kind}_add"] += 1
        return a + b

    def less(self, kind: str, a: float, b: float) -> float:
        return self.add(kind, a, -b)

    def multiply(self, kind: str, a: float, b: float) -> float:
        self[f"{kind}_multiply"] += 1
        return a * b

    def divide(self, kind: str, a: float, b: float) -> float:
        self[f"{kind}_divide"] += 1
        return a / b if b else math.nan

    def larger(self, kind: str, a: float, b: float) -> float:
        self[f"{kind}_compare"] += 1
        return a if a > b else b

    def smaller(self, kind: str, a: float, b: float) -> float:
        self[f"{kind}_compare"] += 1
        return b if a > b else a

    def positive(self, kind: str, a: float, otherwise: float) -> float:
        self[f"{kind}_compare"] += 1
        return a if a > 0 else otherwise

    def power(self, kind: str, a: float, exponent: float) -> float:
        self[f"{kind}_power"] += 1
        return math.pow(a, exponent)

    def root(self, a: float, exponent: float = 0.5) -> float:
        self["norm_root"] += 1
        return math.pow(a, exponent)

    def special(self, name: str, a: float) -> float:
        self[f"activation_{name}"] += 1
        functions: dict[str, Callable[[float], float]] = {"exponential": math.exp, "tanh": math.tanh, "erf": math.erf}
        return functions[name](a)

    def multiply_add(self, total: float, a: float, b: float) -> float:
        self["contraction_mac"] += 1
        return total + a * b

    def sum(self, kind: str, values: Iterable[float]) -> float:
        found = iter(values)
        total = next(found)
        for value in found:
            total = self.add(kind, total, value)
        return total

    def largest(self, kind: str, values: Iterable[float]) -> float:
        found = iter(values)
        best = next(found)
        for value in found:
            best = self.larger(kind, best, value)
        return best


def values_of(x: Tensor) -> Values:
    """An array's values by their index."""
    flat: list[float] = x.flatten().tolist()
    return dict(zip(indices(tuple(x.shape)), flat, strict=True))


def indices(shape: Iterable[int]) -> Iterator[Index]:
    """Every index of an array of this shape, the last axis fastest."""
    return product(*map(range, shape))


def parameters_of(module: nn.Module) -> dict[str, Values]:
    """Parameters and buffers by their name."""
    return {weight_name(name): values_of(value.double()) for name, value in module.state_dict().items()}
