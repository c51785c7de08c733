"""Topics about fully connected layers: how they relate to convolutions, and how they get smaller."""

from __future__ import annotations

from fractions import Fraction

from cnncalc.core.arithmetic import require
from cnncalc.core.tensor import TensorSpec, spell
from cnncalc.core.term import Term
from cnncalc.core.translation import _, said
from cnncalc.explain.layer import Equation, Explanation, Table
from cnncalc.explain.topics.terms import (
    Part,
    Sizes,
    chain,
    equations_and_sum,
    make_layer,
    params_of,
    part,
    percent,
    simplify,
    times_fewer,
)
from cnncalc.layers.conv import Conv1d, Conv2d
from cnncalc.layers.linear import Linear
from cnncalc.layers.local import LocallyConnected1d
from cnncalc.layers.pool import MaxPool2d
from cnncalc.layers.reshape import Flatten

PADDING, STRIDE = Term.symbol("p", 0), Term.symbol("s", 1)
"""Defaults of the convolutions here, as symbols that the formulas show."""


def fc_as_conv(at: Sizes) -> list[Explanation]:
    """A fully connected layer as a convolution whose kernel is as large as the map.

    Errors:  size-out-of-range
    """
    for extent, larger in (("H", "H_large"), ("W", "W_large")):
        require(
            at[larger] >= at[extent],
            "size-out-of-range",
            "{larger} is {given}, less than {extent} = {least}",
            option=larger,
            help="the larger map has at least the size of the other: give {larger} from {least} on",
            larger=larger,
            given=int(at[larger]),
            extent=extent,
            least=int(at[extent]),
        )
    x = TensorSpec((at["C"], at["H"], at["W"]))
    large = TensorSpec((at["C"], at["H_large"], at["W_large"]))
    linear = part(make_layer(Linear, out_features=at["F"]), Flatten().output(x))
    layer = make_layer(
        Conv2d,
        out_channels=at["F"],
        kernel_size=(at["H"], at["W"]),
        stride=(STRIDE, STRIDE),
        padding=(PADDING, PADDING),
    )
    conv, on_large = part(layer, x), part(layer, large)
    here, there = (tuple(map(int, one.extents)) for one in (conv, on_large))
    height, width = (Term.symbol(name, extent) for name, extent in zip(("H_out", "W_out"), there, strict=True))
    return [
        Explanation(
            "params",
            f"{int(conv.params):,}",
            (Equation("linear", linear.params), Equation("conv", conv.params)),
            said(
                "F outputs over a map of C×H×W: a kernel as large as the map fits once, and multiplies the same values"
                " with the same weights."
            ),
        ),
        Explanation(
            "macs",
            f"{int(conv.macs):,}",
            (Equation("linear", linear.macs), Equation("conv", simplify(conv.macs))),
            said(
                "On the map that it was made for, the convolution outputs {shape}: the same numbers, the same cost.",
                shape=spell((int(at["F"]), *here)),
            ),
        ),
        Explanation(
            "output",
            spell((int(at["F"]), *there)),
            (
                *(Equation(f"{name}_out", extent) for name, extent in zip("HW", on_large.extents, strict=True)),
                Equation("MACs", Term.symbol("conv", int(conv.macs)) * height * width),
            ),
            said(
                "On a map of {large} the linear layer fails: it would get {features:,} features instead of {fitting:,}."
                " The convolution gives its answer at {places} places in one pass.",
                large=spell(tuple(map(int, large.shape))),
                features=int(large.numel),
                fitting=int(x.numel),
                places=there[0] * there[1],
            ),
        ),
    ]


def connectivity(at: Sizes) -> list[Explanation]:
    """Fully, locally and convolutionally connected units."""
    k, x = at["k"], TensorSpec((1, at["n"]))
    window = {"out_channels": 1, "kernel_size": (k,), "stride": (STRIDE,), "padding": (PADDING,)}
    conv, local = (part(make_layer(type_, **window), x) for type_ in (Conv1d, LocallyConnected1d))
    outputs = Term.symbol("n_out", int(conv.extents[0]))
    full = part(make_layer(Linear, out_features=outputs), TensorSpec((at["n"],)))
    ways = {_("fully connected"): full, _("locally connected"): local, _("convolution"): conv}
    rows = tuple((name, f"{int(one.params):,}", f"{int(one.macs):,}") for name, one in ways.items())
    return [
        Explanation(
            "output",
            str(int(outputs)),
            (Equation("n_out", conv.extents[0]),),
            said("n inputs and a window of k leave n_out units; all three ways have as many."),
        ),
        Explanation(
            "params",
            " · ".join(f"{int(one.params):,}" for one in (full, local, conv)),
            (Equation("full", full.params), Equation("local", local.params), Equation("conv", conv.params)),
            said(
                "Fully connected, each unit has a weight for every input and a bias; locally connected, k weights and a"
                " bias of its own; in a convolution all units share one kernel and one bias."
            ),
        ),
        Explanation(
            "macs",
            " · ".join(f"{int(one.macs):,}" for one in (full, local, conv)),
            (Equation("full", full.macs), Equation("local", local.macs), Equation("conv", conv.macs)),
            said("Looking at k inputs only saves work; sharing the kernel saves parameters, but no work."),
            Table((_("Connection"), _("Params"), _("MACs")), rows, (False, True, True)),
        ),
    ]


def svd(at: Sizes) -> list[Explanation]:
    """A linear layer factored into two thin ones.

    Errors:  size-out-of-range
    """
    most = min(int(at["m"]), int(at["n"]))
    require(
        at["r"] <= most,
        "size-out-of-range",
        "a matrix of {m}×{n} has no rank of {r}",
        option="r",
        help="give r from 1 to {most}",
        m=int(at["m"]),
        n=int(at["n"]),
        r=int(at["r"]),
        most=most,
    )
    full = part(make_layer(Linear, out_features=at["m"], bias=False), TensorSpec((at["n"],)))
    first, second = _factors(at, at["r"])
    one_rank = params_of(_factors(at, 1))
    largest = (full.params - 1) // one_rank
    ranks = [r for r in sorted({int(at["r"]), int(largest), int(largest) + 1, most}) if 1 <= r <= most]
    total = int(first.params) + int(second.params)
    return [
        Explanation(
            "params",
            said("{share} of the weights", share=percent(Fraction(total, int(full.params)))),
            (Equation("full", full.params), *equations_and_sum("factored", "VU", (first.params, second.params))),
            said(
                "n inputs, m outputs, rank r: one linear layer becomes two, n → r without a bias and r → m, which keeps"
                " the bias, and nothing in between. MACs are as many as weights, before and after."
            ),
        ),
        Explanation(
            _("Largest rank that pays"),
            f"{int(largest):,}",
            (Equation("per_rank", one_rank), Equation("r_max", largest)),
            said(
                "It pays while r·(m + n) < m·n. At full rank, {most:,}, the factors hold more than the matrix: only"
                " leaving out ranks saves anything, at the price of an approximation.",
                most=most,
            ),
            Table(
                ("r", _("Params"), _("Saved")),
                tuple(_rank_row(at, rank, int(full.params)) for rank in ranks),
                (True, True, True),
            ),
        ),
    ]


def _factors(at: Sizes, rank: int) -> list[Part]:
    inner = make_layer(Linear, out_features=rank, bias=False)
    return chain(TensorSpec((at["n"],)), inner, make_layer(Linear, out_features=at["m"], bias=False))


def _rank_row(at: Sizes, rank: int, full: int) -> tuple[str, ...]:
    held = int(params_of(_factors(at, rank)))
    return f"{rank:,}", f"{held:,}", f"{full - held:,}".replace("-", "−")


def pooling_parameters(at: Sizes) -> list[Explanation]:
    """Where pooling saves parameters, and where it does not."""
    k, x = at["k"], TensorSpec((at["C"], at["H"], at["W"]))
    pool = part(make_layer(MaxPool2d, kernel_size=(k, k), stride=(k, k), padding=(PADDING, PADDING)), x)
    conv = make_layer(Conv2d, out_channels=at["N"], kernel_size=(3, 3), padding="same")
    linear = make_layer(Linear, out_features=at["F"])
    without, after = part(conv, x), part(conv, pool.output)
    flat, pooled = (part(linear, Flatten().output(one)) for one in (x, pool.output))
    return [
        Explanation(
            "params",
            f"{int(pool.params)}",
            (Equation("pool", pool.params), Equation("conv", without.params), Equation("conv_pooled", after.params)),
            said(
                "A pool has no weights, and a convolution after it has as many as before: they do not depend "
                "on the size of the map."
            ),
        ),
        Explanation(
            "macs",
            times_fewer(without.macs, after.macs),
            (Equation("conv", without.macs), Equation("conv_pooled", after.macs)),
            said("What shrinks is the work after the pool: there are fewer positions to visit."),
        ),
        Explanation(
            _("Linear layer after a flatten"),
            times_fewer(flat.params, pooled.params),
            (
                *(Equation(f"{name}_out", extent) for name, extent in zip("HW", pool.extents, strict=True)),
                Equation("linear", flat.params),
                Equation("linear_pooled", pooled.params),
            ),
            said(
                "Only here does pooling save parameters: a linear layer has a weight for every value that it flattens."
            ),
        ),
    ]
