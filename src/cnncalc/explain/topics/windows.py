"""Topics about windows: padding, receptive fields, and what tools call their cost."""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.analysis.conventions.torch import PER_MAC
from cnncalc.core.arithmetic import LARGEST, require
from cnncalc.core.errors import Fault
from cnncalc.core.field import ITSELF, Field
from cnncalc.core.tensor import TensorSpec
from cnncalc.core.term import Term, key_of
from cnncalc.core.translation import Listed, Phrase, _, said
from cnncalc.explain.layer import Equation, Explanation, Table
from cnncalc.explain.topics.terms import Sizes, make_layer, part, times_fewer
from cnncalc.layers.conv import Conv1d, Conv2d

KERNELS = range(1, 8)
"""Kernel sizes in the table."""


class _SizeKeeping(NamedTuple):
    """One kernel on one axis, with half its size as padding on either side, and with padding `same`."""

    half: int
    halved: int  # outputs with half the kernel on either side
    total: int
    before: int
    after: int
    same: int  # outputs with padding `same`


def same_padding(at: Sizes) -> list[Explanation]:
    """Padding that keeps the size of a map, for odd and even kernels."""
    one = _size_keeping(at, at["k"])
    total = {key_of(one.total): "total"}
    rows = tuple(_table_row(at, k) for k in sorted({*KERNELS, int(at["k"])}))
    return [
        Explanation(
            _("⌊k / 2⌋ on either side"),
            str(int(one.halved)),
            (Equation("p", one.half), Equation("n_out", one.halved)),
            _half_meaning(one),
        ),
        Explanation(
            _("Padding `same`"),
            f"{int(one.before)} + {int(one.after)}",
            (
                Equation("total", one.total),
                Equation("before", one.before, total),
                Equation("after", one.after, total),
                Equation("n_out", one.same),
            ),
            said(
                "⌈n / s⌉ outputs take a padding of {total} in all; at stride 1 that is d·(k − 1), which is odd where k"
                " is even and d is odd: the odd one goes to the end.",
                total=int(one.total),
            ),
            Table(
                ("k", _("⌊k / 2⌋ either side: n_out"), _("total"), _("before"), _("after"), _("`same`: n_out")),
                rows,
                (True,) * 6,
            ),
        ),
    ]


def _half_meaning(one: _SizeKeeping) -> str:
    """What half the kernel on either side does to the size of a map."""
    facts = {"n": int(one.halved), "same": int(one.same), "total": int(one.total)}
    if one.halved == one.same:
        return said("These are ⌈n / s⌉, as many as are wanted.")
    if one.total % 2:
        return said(
            "⌈n / s⌉ = {same} are wanted, which takes a padding of {total} in all: an odd number, that no p on either"
            " side can make.",
            **facts,
        )
    return said(
        "⌈n / s⌉ = {same} are wanted, which takes a padding of {total} in all, and not twice ⌊k / 2⌋.",
        **facts,
    )


def _size_keeping(at: Sizes, k: Term) -> _SizeKeeping:
    x = TensorSpec((1, at["n"]))
    half = k // 2
    p = Term.symbol("p", int(half))
    window = {"out_channels": 1, "kernel_size": (k,), "stride": (at["s"],), "dilation": (at["d"],)}
    ((before, after),) = make_layer(Conv1d, **window, padding="same").pads(x)
    total = before.operands[0] if isinstance(before, Term) else before + after
    pair = (Term.symbol("before", int(before)), Term.symbol("after", int(after)))
    (halved,) = part(make_layer(Conv1d, **window, padding=(p,)), x).extents
    (same,) = part(make_layer(Conv1d, **window, padding=(pair,)), x).extents
    return _SizeKeeping(half, halved, total, before, after, same)


def _table_row(at: Sizes, k: int) -> tuple[str, ...]:
    try:
        one = _size_keeping(at, Term.symbol("k", k))
    except Fault:  # it does not fit
        return str(k), *["–"] * 5
    return tuple(str(int(number)) for number in (k, one.halved, one.total, one.before, one.after, one.same))


MOST_LAYERS = 16
"""Layers of a stack; the field of a strided stack grows exponentially with them."""


def receptive_field(at: Sizes) -> list[Explanation]:
    """The receptive fields of one dilated kernel, and of stacks of plain, strided and dilated ones.

    Errors:  size-out-of-range
    """
    k, s, d, layers = at["k"], at["s"], at["d"], int(at["L"])
    require(
        layers <= MOST_LAYERS,
        "size-out-of-range",
        "a stack of {layers} layers is too deep",
        option="L",
        help="give L from 1 to {most}",
        layers=layers,
        most=MOST_LAYERS,
    )
    most_dilated = int(d) ** (layers - 1)
    require(
        most_dilated <= LARGEST,
        "size-out-of-range",
        "the last of {layers} layers would be dilated {dilation:,} times",
        option="d",
        help="give a smaller d, or fewer layers",
        layers=layers,
        dilation=most_dilated,
    )
    one = part(make_layer(Conv1d, out_channels=1, kernel_size=(k,), dilation=(d,), padding="same"), TensorSpec((1, k)))
    stacks = {
        "plain": _stack([(k, 1, 1)] * layers),
        "strided": _stack([(k, s, 1)] * layers),
        "dilated": _stack([(k, 1, int(d) ** place) for place in range(layers)]),
    }
    heads = {
        "plain": _("plain"),
        "strided": said("stride {s}", s=int(s)),
        "dilated": said("dilation 1, {d}, ...", d=int(d)),
    }
    last = {"plain": (k, 1, 1), "strided": (k, s, 1), "dilated": (k, 1, Term.symbol("d_last", most_dilated))}
    rows = tuple(
        (str(layer), *(f"{fields[layer].size:,}" for fields in stacks.values())) for layer in range(1, layers + 1)
    )
    return [
        Explanation(
            _("Span of one kernel"),
            f"{int(one.growth) + 1:,}",
            (Equation("span", one.growth + 1),),
            said(
                "Dilation d leaves d − 1 positions out between weights: the kernel spans more, and still has k of them."
            ),
        ),
        Explanation(
            "receptive_field",
            " · ".join(f"{fields[-1].size:,}" for fields in stacks.values()),
            tuple(
                Equation(f"r_{name}", _grown_size(fields[layers - 1], _conv(*last[name])))
                for name, fields in stacks.items()
            ),
            said(
                "Each layer adds its span less one, times the jump between neighbouring units: with plain layers the"
                " field grows by as much every time, with strides or growing dilation many times over. Strides make the"
                " map smaller, dilation does not."
            ),
            Table((_("Layers"), *heads.values()), rows, (True,) * 4),
        ),
    ]


def _conv(k: int, stride: int, dilation: int) -> Conv1d:
    return make_layer(Conv1d, out_channels=1, kernel_size=(k,), stride=(stride,), dilation=(dilation,))


def _stack(layers: list[tuple[int, int, int]]) -> list[Field]:
    """The fields after no layer, the first, the first two and so on."""
    x, fields = TensorSpec((1, 1)), [ITSELF]
    for layer in layers:
        (window,) = _conv(*map(int, layer)).windows(x)
        fields.append(fields[-1].through(window))
    return fields


def _grown_size(before: Field, layer: Conv1d) -> int:
    """The size of the field after one more layer."""
    growth = part(layer.model_copy({"padding": "same"}), TensorSpec((1, 1))).growth
    size: int = Term.symbol("r_in", before.size) + growth * Term.symbol("j_in", int(before.jump))
    return size


# From the source code of fvcore 0.1.5, MMEngine 0.10.7, torchvision's and torch 2.13's own counters, THOP 0.1.1,
# torchinfo 1.8.0, ptflops 0.7.5, torchstat b52a3b0, convnet-burden 9c7f31b, DeepSpeed 0.19.8, calflops 0.3.2 and
# TorchLens 2.36.1.
COST_CONVENTIONS = (
    (Phrase("MACs"), (1, 0), ("fvcore", "MMEngine", "torchvision", "THOP")),
    (Phrase("MACs + bias"), (1, 1), ("torchinfo", "ptflops", "torchstat Flops", "convnet-burden")),
    (Phrase("2·MACs"), (2, 0), ("torch FlopCounterMode",)),
    (Phrase("2·MACs + bias"), (2, 1), ("DeepSpeed", "calflops", "TorchLens")),
)
"""What tools report as the cost of a convolution: factors for its MACs and its bias additions, and the tools."""


def flops_and_macs(at: Sizes) -> list[Explanation]:
    """One convolution, counted as different tools and papers count it."""
    k, x = at["k"], TensorSpec((at["C"], at["H"], at["W"]))
    layer = make_layer(Conv2d, out_channels=at["N"], kernel_size=(k, k), padding="same")
    one = part(layer, x)
    macs, bias = Term.symbol("MACs", int(one.macs)), int(one.bias_adds)
    twice = (Term.symbol(f"{name}_twice", 2 * int(at[name])) for name in "HW")
    doubled = part(layer, TensorSpec((at["C"], *twice)))
    rows = tuple(
        (_(name), f"{weight * int(macs) + biases * bias:,}", f"{Listed(tools, ',')}")
        for name, (weight, biases), tools in COST_CONVENTIONS
    )
    return [
        Explanation(
            "macs",
            f"{int(macs):,}",
            (Equation("MACs", one.macs), Equation("bias_adds", one.bias_adds)),
            said(
                "C channels in, N out, a k×k kernel on a map of H×W that keeps its size: every weight is multiplied and"
                " added once at each position. That product is MACs, not FLOPs."
            ),
        ),
        Explanation(
            "flops",
            f"{PER_MAC * int(macs):,}",
            (Equation("FLOPs", PER_MAC * macs),),
            said(
                "A multiplication and an addition are two FLOPs; but tools and papers that say FLOPs or GFLOPs often"
                " give MACs. Name the convention with the number."
            ),
            Table((_("Counted"), _("Number"), _("By")), rows, (False, True, False)),
        ),
        Explanation(
            _("Twice the height and width"),
            times_fewer(one.macs, doubled.macs),
            (Equation("MACs", doubled.macs), Equation("params", doubled.params)),
            said("Work grows with H·W; the parameters stay as they are, as they do not depend on the size of the map."),
        ),
    ]
