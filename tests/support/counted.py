"""Numbers that count the operations on them, and formulas of layers, evaluated with such numbers.

Nothing here reads cnncalc: options of a formula are attributes of torch's module.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from functools import reduce
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from torch import nn

    from tests.support.scalar_tally import Index, Tally, Values


class Counted:
    """A number; every operation with it is noted. Signs are changed for free."""

    def __init__(self, value: float, counts: Counter[str]) -> None:
        self.value, self.counts = value, counts

    def _noted(self, kind: str, value: float) -> Counted:
        self.counts[kind] += 1
        return Counted(value, self.counts)

    def __add__(self, other: Counted | float) -> Counted:
        return self._noted("add", self.value + plain(other))

    def __sub__(self, other: Counted | float) -> Counted:
        return self._noted("add", self.value - plain(other))

    def __rsub__(self, other: float) -> Counted:
        return self._noted("add", other - self.value)

    def __mul__(self, other: Counted | float) -> Counted:
        return self._noted("multiply", self.value * plain(other))

    def __truediv__(self, other: Counted | float) -> Counted:
        return self._noted("divide", self.value / plain(other) if plain(other) else math.nan)

    def __rtruediv__(self, other: float) -> Counted:
        return self._noted("divide", other / self.value if self.value else math.nan)

    def __pow__(self, exponent: float) -> Counted:
        return self._noted("power", self.value**exponent)

    __radd__, __rmul__ = __add__, __mul__

    def __neg__(self) -> Counted:
        return Counted(-self.value, self.counts)

    def __abs__(self) -> Counted:
        return self._noted("compare", abs(self.value))

    def _compared(self, outcome: bool) -> bool:
        self.counts["compare"] += 1
        return outcome

    def __gt__(self, other: Counted | float) -> bool:
        return self._compared(self.value > plain(other))

    def __ge__(self, other: Counted | float) -> bool:
        return self._compared(self.value >= plain(other))

    def __lt__(self, other: Counted | float) -> bool:
        return self._compared(self.value < plain(other))

    def __le__(self, other: Counted | float) -> bool:
        return self._compared(self.value <= plain(other))

    # what NumPy's functions call on objects

    def sqrt(self) -> Counted:
        return self._noted("power", math.sqrt(self.value))

    def exp(self) -> Counted:
        return self._noted("exponential", math.exp(self.value))

    def log(self) -> Counted:
        return self._noted("logarithm", math.log(self.value))

    def log1p(self) -> Counted:
        return (self + 1).log()

    def tanh(self) -> Counted:
        return self._noted("tanh", math.tanh(self.value))

    def erf(self) -> Counted:
        return self._noted("erf", math.erf(self.value))


def plain(number: Counted | float) -> float:
    """The number alone."""
    return number.value if isinstance(number, Counted) else number


# Formulas


class Formula(NamedTuple):
    """How a layer computes its values: one by one from `x`, from `x` and `y` of two inputs, or from a whole row `x`."""

    text: str
    counted_as: str  # the family of its operations
    along: str = ""  # the option that names the axis of the rows

    def values(self, t: Tally, module: nn.Module, inputs: Sequence[Values]) -> Values:
        """The outputs; the operations are tallied."""
        counts: Counter[str] = Counter()
        names = _Names(_functions(counts), module)
        code = compile(self.text, "<formula>", "eval")

        def number(value: float) -> Counted:
            return Counted(value, counts)

        def computed(**given: Any) -> Any:
            names.update(given)
            return eval(code, {"__builtins__": {}}, names)

        y: Values = {}
        if self.along:
            (x,) = inputs
            for places in _rows(x, getattr(module, self.along)):
                row = np.array([number(x[at]) for at in places], dtype=object)
                y.update((at, plain(value)) for at, value in zip(places, computed(x=row), strict=True))
        else:
            for at in _places(inputs):
                numbers = [number(_spread(each, at)) for each in inputs]
                others = [computed(x=numbers[0])] if len(numbers) == 1 else numbers
                y[at] = plain(reduce(lambda x, y: computed(x=x, y=y), others))
        for kind, times in counts.items():
            t[f"{self.counted_as}_{kind}"] += times
        return y


class _Names(dict[str, Any]):
    """Names of a formula: its functions, and the options of torch's module."""

    def __init__(self, known: dict[str, Any], module: nn.Module) -> None:
        super().__init__(known)
        self._module = module

    def __missing__(self, name: str) -> Any:
        return getattr(self._module, name)


def _functions(counts: Counter[str]) -> dict[str, Any]:
    """The functions of a formula. `where` evaluates both of its outcomes."""

    def counted(value: Counted | float) -> Counted:
        return value if isinstance(value, Counted) else Counted(value, counts)

    def chosen(better: Callable[[Any, Any], bool]) -> Callable[..., Counted]:
        def of(*values: Any) -> Counted:
            return reduce(
                lambda best, value: value if better(value, best) else best,
                map(counted, values if len(values) > 1 else values[0]),
            )

        return of

    def special(name: str) -> Callable[[Any], Any]:
        def of(value: Any) -> Any:
            if isinstance(value, np.ndarray):
                return np.array([of(each) for each in value], dtype=object)
            return getattr(value, name)() if isinstance(value, Counted) else getattr(math, name)(value)

        return of

    return {
        **{name: special(name) for name in ("sqrt", "exp", "log", "tanh", "erf")},
        "max": chosen(lambda value, best: value > best),
        "min": chosen(lambda value, best: value < best),
        "sum": lambda row: reduce(lambda total, value: total + value, row),
        "where": lambda condition, then, otherwise: then if condition else otherwise,
        "pi": math.pi,
    }


def _rows(x: Values, dim: int) -> list[list[Index]]:
    """The indices along an axis, row by row; `dim` counts the batch axis."""
    shape = [1 + max(places) for places in zip(*x, strict=True)]
    axis = dim - 1 if dim >= 0 else len(shape) + dim
    return [
        [(*rest[:axis], place, *rest[axis + 1 :]) for place in range(shape[axis])]
        for rest in product(*map(range, (*shape[:axis], 1, *shape[axis + 1 :])))
    ]


def _places(inputs: Sequence[Values]) -> list[Index]:
    """The places of values with which no input is repeated any more."""
    axes = max(len(next(iter(x))) for x in inputs)
    ends = [[*max(x), *[0] * (axes - len(next(iter(x))))] for x in inputs]  # a vector is one value per channel
    return [*product(*(range(1 + max(along)) for along in zip(*ends, strict=True)))]


def _spread(x: Values, at: Index) -> float:
    """The value at a place; along an axis of one position, that of this position."""
    return x[tuple(min(place, last) for place, last in zip(at, max(x), strict=False))]
