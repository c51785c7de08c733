"""Operation counts by kind, independent of any counting convention."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum


class Op(Enum):
    """A kind of scalar operation; a comparison picks a maximum or tests a threshold."""

    CONTRACTION_MAC = "contraction_mac"  # one multiply and one add inside a convolution or matrix product
    BIAS_ADD = "bias_add"
    NORM_MULTIPLY = "norm_multiply"
    NORM_ADD = "norm_add"
    NORM_DIVIDE = "norm_divide"
    NORM_COMPARE = "norm_compare"
    NORM_ROOT = "norm_root"  # square roots and the fractional powers of local response normalisation
    POOL_COMPARE = "pool_compare"
    POOL_ADD = "pool_add"
    POOL_MULTIPLY = "pool_multiply"
    POOL_DIVIDE = "pool_divide"
    POOL_POWER = "pool_power"
    ACTIVATION_COMPARE = "activation_compare"
    ACTIVATION_ADD = "activation_add"
    ACTIVATION_MULTIPLY = "activation_multiply"
    ACTIVATION_DIVIDE = "activation_divide"
    ACTIVATION_EXPONENTIAL = "activation_exponential"
    ACTIVATION_LOGARITHM = "activation_logarithm"
    ACTIVATION_TANH = "activation_tanh"
    ACTIVATION_ERF = "activation_erf"
    ELEMENTWISE_ADD = "elementwise_add"
    ELEMENTWISE_MULTIPLY = "elementwise_multiply"
    ELEMENTWISE_DIVIDE = "elementwise_divide"
    ELEMENTWISE_COMPARE = "elementwise_compare"
    ELEMENTWISE_POWER = "elementwise_power"  # powers and roots
    ELEMENTWISE_EXPONENTIAL = "elementwise_exponential"
    ELEMENTWISE_LOGARITHM = "elementwise_logarithm"
    INTERPOLATION_MULTIPLY = "interpolation_multiply"
    INTERPOLATION_ADD = "interpolation_add"

    __hash__ = object.__hash__  # members are singletons; Enum would hash the name, in Python, at every look-up


class OpCount(Mapping[Op, int]):
    """Exact counts by kind; kinds with a count of zero are not stored, and `of` gives 0 for them."""

    __slots__ = ("_counts",)

    def __init__(self, counts: Mapping[Op, int] | None = None) -> None:
        self._counts = {op: n for op, n in counts.items() if not isinstance(n, int) or n} if counts else {}

    def __getitem__(self, op: Op) -> int:
        return self._counts[op]

    def __iter__(self) -> Iterator[Op]:
        return iter(self._counts)

    def __len__(self) -> int:
        return len(self._counts)

    def __repr__(self) -> str:
        return f"OpCount({', '.join(f'{op.value}={n}' for op, n in self._counts.items())})"

    def of(self, op: Op) -> int:
        """The count of one kind, zero if it does not occur."""
        return self._counts.get(op, 0)

    @property
    def macs(self) -> int:
        """Multiply-accumulates of convolutions and matrix products; one MAC is one multiply and one add."""
        return self._counts.get(Op.CONTRACTION_MAC, 0)

    def times(self, factor: int) -> OpCount:
        """Every count multiplied by the factor."""
        return self if factor == 1 else OpCount({op: factor * n for op, n in self._counts.items()})

    @classmethod
    def total(cls, counts: Iterable[OpCount]) -> OpCount:
        """The sum of several counts, kind by kind."""
        summed: dict[Op, int] = {}
        for count in counts:
            for op, n in count.items():
                summed[op] = summed.get(op, 0) + n
        return cls(summed)


NOTHING = OpCount()
"""The count of a layer that only moves or reshapes values."""
