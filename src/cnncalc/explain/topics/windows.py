"""Where windows stand and how far they see; and what their work is called."""

from __future__ import annotations

from typing import NamedTuple

from cnncalc.analysis.conventions.torch import PER_MAC
from cnncalc.core.arithmetic import LARGEST, require
from cnncalc.core.errors import Fault
from cnncalc.core.field import ITSELF, Field
from cnncalc.core.tensor import TensorSpec
from cnncalc.core.term import Term, key_of
from cnncalc.core.translation import Listed, Phrase, _, said
from cnncalc.explain.layer import Explanation, Line, Table
from cnncalc.explain.topics.terms import Sizes, made, part, times_fewer
from cnncalc.layers.conv import Conv1d, Conv2d

KERNELS = range(1, 8)
"""Kernel sizes that a table goes through."""


class _Kept(NamedTuple):
    """One kernel on one axis, with half of its size on either side and with what keeps the size."""

    half: int
    halved: int  # outputs
    total: int
    before: int
    after: int
    same: int  # outputs


def same_padding(at: Sizes) -> list[Explanation]:
    """Padding that keeps the size of a map, for odd kernels and for even ones."""
    one = _kept(at, at["k"])
    total = {key_of(one.total): "total"}
    rows = tuple(_table_row(at, k) for k in sorted({*KERNELS, int(at["k"])}))
    return [
        Explanation(
            _("⌊k / 2⌋ on either side"),
            str(int(one.halved)),
            (Line("p", one.half), Line("n_out", one.halved)),
            _of_half(one),
        ),
        Explanation(
            _("Padding `same`"),
            f"{int(one.before)} + {int(one.after)}",
            (
                Line("total", one.total),
                Line("before", one.before, total),
                Line("after", one.after, total),
                Line("n_out", one.same),
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


def _of_half(one: _Kept) -> str:
    """What becomes of a map with half of the kernel on either side."""
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


def _kept(at: Sizes, k: Term) -> _Kept:
    x = TensorSpec((1, at["n"]))
    half = k // 2
    p = Term.symbol("p", int(half))
    window = {"out_channels": 1, "kernel_size": (k,), "stride": (at["s"],), "dilation": (at["d"],)}
    ((before, after),) = made(Conv1d, **window, padding="same").pads(x)
    total = before.operands[0] if isinstance(before, Term) else before + after
    pair = (Term.symbol("before", int(before)), Term.symbol("after", int(after)))
    (halved,) = part(made(Conv1d, **window, padding=(p,)), x).extents
    (same,) = part(made(Conv1d, **window, padding=(pair,)), x).extents
    return _Kept(half, halved, total, before, after, same)


def _table_row(at: Sizes, k: int) -> tuple[str, ...]:
    try:
        one = _kept(at, Term.symbol("k", k))
    except Fault:  # it does not fit
        return str(k), *["–"] * 5
    return tuple(str(int(number)) for number in (k, one.halved, one.total, one.before, one.after, one.same))


MOST_LAYERS = 16
"""Layers of a stack; what a strided one sees doubles with each."""


def receptive_field(at: Sizes) -> list[Explanation]:
    """How far one dilated kernel sees, and stacks of plain, strided and dilated ones.

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
    one = part(made(Conv1d, out_channels=1, kernel_size=(k,), dilation=(d,), padding="same"), TensorSpec((1, k)))
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
            (Line("span", one.growth + 1),),
            said(
                "Dilation d leaves d − 1 positions out between weights: the kernel spans more, and still has k of them."
            ),
        ),
        Explanation(
            "receptive_field",
            " · ".join(f"{fields[-1].size:,}" for fields in stacks.values()),
            tuple(Line(f"r_{name}", _grown(fields[layers - 1], _conv(*last[name]))) for name, fields in stacks.items()),
            said(
                "Each layer adds its span less one, times the jump between neighbouring units: with plain layers the"
                " field grows by as much every time, with strides or growing dilation many times over. Strides make the"
                " map smaller, dilation does not."
            ),
            Table((_("Layers"), *heads.values()), rows, (True,) * 4),
        ),
    ]


def _conv(k: int, stride: int, dilation: int) -> Conv1d:
    return made(Conv1d, out_channels=1, kernel_size=(k,), stride=(stride,), dilation=(dilation,))


def _stack(layers: list[tuple[int, int, int]]) -> list[Field]:
    """What units see behind no layer, the first, the first two and so on."""
    x, fields = TensorSpec((1, 1)), [ITSELF]
    for layer in layers:
        (window,) = _conv(*map(int, layer)).windows(x)
        fields.append(fields[-1].through(window))
    return fields


def _grown(before: Field, layer: Conv1d) -> int:
    """The size of the field behind one more layer."""
    growth = part(layer.model_copy({"padding": "same"}), TensorSpec((1, 1))).growth
    size: int = Term.symbol("r_in", before.size) + growth * Term.symbol("j_in", int(before.jump))
    return size


# As the sources of these have it: fvcore 0.1.5, MMEngine 0.10.7, torchvision's and torch 2.13's own counters,
# THOP 0.1.1, torchinfo 1.8.0, ptflops 0.7.5, torchstat b52a3b0, convnet-burden 9c7f31b, DeepSpeed 0.19.8,
# calflops 0.3.2, TorchLens 2.36.1.
READINGS = (
    (Phrase("MACs"), (1, 0), ("fvcore", "MMEngine", "torchvision", "THOP")),
    (Phrase("MACs + bias"), (1, 1), ("torchinfo", "ptflops", "torchstat Flops", "convnet-burden")),
    (Phrase("2·MACs"), (2, 0), ("torch FlopCounterMode",)),
    (Phrase("2·MACs + bias"), (2, 1), ("DeepSpeed", "calflops", "TorchLens")),
)
"""What tools call the cost of a convolution: so many times its MACs, so many times its bias additions."""


def flops_and_macs(at: Sizes) -> list[Explanation]:
    """One convolution, counted as different tools and papers count it."""
    k, x = at["k"], TensorSpec((at["C"], at["H"], at["W"]))
    layer = made(Conv2d, out_channels=at["N"], kernel_size=(k, k), padding="same")
    one = part(layer, x)
    macs, bias = Term.symbol("MACs", int(one.macs)), int(one.bias_adds)
    twice = (Term.symbol(f"{name}_twice", 2 * int(at[name])) for name in "HW")
    doubled = part(layer, TensorSpec((at["C"], *twice)))
    rows = tuple(
        (_(name), f"{weight * int(macs) + biases * bias:,}", f"{Listed(tools, ',')}")
        for name, (weight, biases), tools in READINGS
    )
    return [
        Explanation(
            "macs",
            f"{int(macs):,}",
            (Line("MACs", one.macs), Line("bias_adds", one.bias_adds)),
            said(
                "C channels in, N out, a k×k kernel on a map of H×W that keeps its size: every weight is multiplied and"
                " added once at each position. That product is MACs, not FLOPs."
            ),
        ),
        Explanation(
            "flops",
            f"{PER_MAC * int(macs):,}",
            (Line("FLOPs", PER_MAC * macs),),
            said(
                "A multiplication and an addition are two FLOPs; but tools and papers that say FLOPs or GFLOPs often"
                " give MACs. Name the convention with the number."
            ),
            Table((_("Counted"), _("Number"), _("By")), rows, (False, True, False)),
        ),
        Explanation(
            _("Twice the height and width"),
            times_fewer(one.macs, doubled.macs),
            (Line("MACs", doubled.macs), Line("params", doubled.params)),
            said("Work grows with H·W; the parameters stay as they are, for no size of a map occurs in them."),
        ),
    ]
