"""Topics about convolutions that replace others at a lower cost."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import gcd
from typing import Any

from cnncalc.core.arithmetic import exact_div
from cnncalc.core.tensor import TensorSpec
from cnncalc.core.term import Term
from cnncalc.core.translation import _, said
from cnncalc.explain.layer import Equation, Explanation, Table
from cnncalc.explain.topics.terms import (
    Part,
    Ratio,
    Sizes,
    chain,
    decimal,
    equations_and_sum,
    field_of,
    macs_of,
    make_layer,
    params_of,
    part,
    percent,
    ratio,
    times_fewer,
)
from cnncalc.layers.conv import Conv2d


def _conv(out: int, kernel: int, **options: Any) -> Conv2d:
    """A square convolution that keeps the size of the map, without bias."""
    return make_layer(Conv2d, out_channels=out, kernel_size=(kernel, kernel), padding="same", bias=False, **options)


def _replacement(quantity: str, of: tuple[str, Part], by: tuple[str, Mapping[str, Part]], meaning: str) -> Explanation:
    """The cost of one layer, and of the layers that replace it, each and in sum."""
    (name, layer), (symbol, parts) = of, by
    before, after = getattr(layer, quantity), [getattr(one, quantity) for one in parts.values()]
    equations = (Equation(name, before), *equations_and_sum(symbol, tuple(parts), after))
    return Explanation(quantity, times_fewer(before, sum(map(int, after))), equations, meaning)


def _comparison_table(rows: dict[str, list[Part]]) -> Table:
    head = (_("Variant"), _("Params"), _("MACs"), "r")
    cells = tuple(
        (name, f"{int(params_of(parts)):,}", f"{int(macs_of(parts)):,}", str(int(field_of(parts))))
        for name, parts in rows.items()
    )
    return Table(head, cells, (False, True, True, True))


STACKS = ((2, 5), (3, 7))
"""Numbers of 3×3 layers, and the size of the one kernel with the same field."""

NUMBER_WORDS = {2: "two", 3: "three"}


def two_3x3(at: Sizes) -> list[Explanation]:
    """Stacks of 3×3 layers against one large kernel."""
    channels, x = at["C"], TensorSpec((at["C"], at["H"], at["W"]))
    k = Term.symbol("k", 3)
    large = {size: chain(x, _conv(channels, size)) for _n, size in STACKS}
    stacks = {size: chain(x, *[_conv(channels, 3)] * n) for n, size in STACKS}
    equations: dict[str, list[Equation]] = {"params": [], "macs": [], "fields": []}
    for n, size in STACKS:
        one, several = f"one_{size}x{size}", f"{NUMBER_WORDS[n]}_3x3"
        equations["params"] += [Equation(one, params_of(large[size])), Equation(several, params_of(stacks[size]))]
        equations["macs"] += [Equation(one, macs_of(large[size])), Equation(several, macs_of(stacks[size]))]
        equations["fields"].append(Equation(several, field_of(chain(x, *[_conv(channels, k)] * n))))
    shares = [Fraction(int(params_of(stacks[size])), int(params_of(large[size]))) for _n, size in STACKS]
    table = _comparison_table(
        {
            f"{n} × conv2d {kernel}×{kernel}": parts
            for count, size in STACKS
            for n, kernel, parts in ((1, size, large[size]), (count, 3, stacks[size]))
        }
    )
    return [
        Explanation(
            "params",
            " · ".join(f"{share.numerator}/{share.denominator} = {percent(share)}" for share in shares),
            tuple(equations["params"]),
            said(
                "C channels in and out, no biases: the weights grow with the square of the kernel, so two layers of"
                " 3×3 hold {two} of those of one 5×5, and three hold {three} of those of one 7×7.",
                two=percent(shares[0]),
                three=percent(shares[1]),
            ),
        ),
        Explanation(
            "macs",
            " · ".join(f"{share.numerator}/{share.denominator}" for share in shares),
            tuple(equations["macs"]),
            said("Every weight is used once at each of the H·W positions: MACs shrink exactly as the weights do."),
        ),
        Explanation(
            "receptive_field",
            " · ".join(f"{int(equation.expression)}×{int(equation.expression)}" for equation in equations["fields"]),
            tuple(equations["fields"]),
            said(
                "Each layer of 3×3 sees k − 1 = 2 positions further: the stack sees as far as the large kernel, with a"
                " non-linearity after every layer instead of one."
            ),
            table,
        ),
    ]


WIDTHS = (32, 64, 512, 1024)
"""Output channels in the table of savings."""


def depthwise_separable(at: Sizes) -> list[Explanation]:
    """A depthwise and a pointwise convolution against the standard one."""
    channels, out, k = at["C"], at["N"], at["k"]
    x = TensorSpec((channels, at["H"], at["W"]))
    standard = part(_conv(out, k), x)
    depthwise, pointwise = chain(x, _conv(channels, k, groups=channels), _conv(out, 1))
    share = ratio(depthwise.macs + pointwise.macs, standard.macs)
    parts = {"depthwise": depthwise, "pointwise": pointwise}
    of_macs = Ratio("ratio", share)
    limit = int(k) ** 2
    return [
        _replacement(
            "params",
            ("standard", standard),
            ("separable", parts),
            said(
                "C channels in, N out, a k×k kernel, no biases: the depthwise convolution has one k×k kernel per"
                " channel, the pointwise one mixes the channels with a 1×1 kernel."
            ),
        ),
        _replacement(
            "macs",
            ("standard", standard),
            ("separable", parts),
            said("Every weight is used once at each of the H·W positions."),
        ),
        Explanation(
            _("Ratio"),
            f"{decimal(of_macs.value)} = 1 / {decimal(1 / of_macs.value)}",
            (of_macs,),
            said(
                "The pointwise part costs 1 / (k·k) of the standard convolution and the depthwise part 1 / N besides: a"
                " saving of {limit} = k·k times is the limit for ever more output channels, and never reached.",
                limit=limit,
            ),
            Table(
                ("N", _("separable / standard"), _("times fewer")),
                tuple(_saving(int(channels), width, int(k)) for width in sorted({*WIDTHS, int(out)})),
                (True, True, True),
            ),
        ),
    ]


def _saving(channels: int, out: int, k: int) -> tuple[str, ...]:
    x = TensorSpec((channels, 1, 1))
    parts = chain(x, _conv(channels, k, groups=channels), _conv(out, 1))
    share = Fraction(int(params_of(parts)), int(part(_conv(out, k), x).params))
    return str(out), f"{share.numerator}/{share.denominator}", decimal(1 / share)


MOST_GROUP_ROWS = 8
"""Numbers of groups in the table."""


def grouped_convolution(at: Sizes) -> list[Explanation]:
    """A grouped convolution against the dense one."""
    channels, out, k, g = at["C"], at["N"], at["k"], at["g"]
    grid = (at["H"], at["W"])
    x = TensorSpec((channels, *grid))
    dense, all_groups = part(_conv(out, k), x), part(_conv(out, k, groups=g), x)
    own = TensorSpec((exact_div(channels, g), *grid))
    one_group = part(_conv(exact_div(out, g), k), own)
    counts = [n for n in range(1, min(gcd(channels, out), 4 * MOST_GROUP_ROWS) + 1) if gcd(channels, out) % n == 0]
    shown = sorted({*counts[: MOST_GROUP_ROWS - 1], int(g)})
    return [
        Explanation(
            "params",
            times_fewer(dense.params, all_groups.params),
            (
                Equation("dense", dense.params),
                Equation("one_group", one_group.params),
                Equation("grouped", all_groups.params),
                Equation("grouped", g * Term.symbol("one_group", int(one_group.params))),
            ),
            said(
                "C channels in, N out, a k×k kernel, no biases: each of the g groups reads C / g channels and makes"
                " N / g of them."
            ),
        ),
        Explanation(
            "macs",
            times_fewer(dense.macs, all_groups.macs),
            (Equation("dense", dense.macs), Equation("grouped", all_groups.macs)),
            said("Every weight is used once at each of the H·W positions: MACs shrink exactly as the weights do."),
        ),
        Explanation(
            _("Ratio"),
            f"1 / {int(g)}",
            (
                Ratio("one_group", ratio(one_group.params, dense.params)),
                Ratio("grouped", ratio(all_groups.params, dense.params)),
            ),
            said(
                "One group has 1 / (g·g) of the dense weights, and there are g of them: together 1 / g. To take one"
                " group for all of them is a common slip."
            ),
            Table(
                ("g", _("Params"), _("Share of dense")),
                tuple(_share(at, dense, n) for n in shown),
                (True, True, True),
            ),
        ),
    ]


def _share(at: Sizes, dense: Part, groups: int) -> tuple[str, ...]:
    x = TensorSpec((int(at["C"]), int(at["H"]), int(at["W"])))
    own = int(part(_conv(int(at["N"]), int(at["k"]), groups=groups), x).params)
    share = Fraction(own, int(dense.params))
    return str(groups), f"{own:,}", f"{share.numerator}/{share.denominator}"


def bottleneck(at: Sizes) -> list[Explanation]:
    """Reduce, convolve, expand, against one convolution at full width."""
    channels, k, x = at["C"], at["k"], TensorSpec((at["C"], at["H"], at["W"]))
    straight = part(_conv(channels, k), x)
    parts = _bottleneck(at["M"], channels, k, x)
    basic = chain(TensorSpec((at["M"], at["H"], at["W"])), *[_conv(at["M"], k)] * 2)
    named = dict(zip(("reduce", "convolve", "expand"), parts, strict=True))
    largest = _largest_width(int(channels), int(k), int(straight.params))
    kernel = f"{int(k)}×{int(k)}"
    return [
        _replacement(
            "params",
            ("straight", straight),
            ("bottleneck", named),
            said(
                "C channels in and out, no biases: 1×1 down to M channels, k×k among those, 1×1 up again. It pays up to"
                " M = {largest}.",
                largest=largest,
            ),
        ),
        _replacement(
            "macs",
            ("straight", straight),
            ("bottleneck", named),
            said("Every weight is used once at each of the H·W positions."),
        ),
        Explanation(
            "receptive_field",
            f"{int(field_of(parts))}×{int(field_of(parts))}",
            (Equation("straight", field_of([straight])), Equation("bottleneck", field_of(parts[1:2]))),
            said(
                "The 1×1 layers see no further: the field is that of the convolution in the middle. The last row is a"
                " block of two convolutions at the width of M, as in ResNet-18: with 3×3 kernels and C = 4·M it costs"
                " about as much as the bottleneck, and passes on M channels only."
            ),
            _comparison_table(
                {
                    f"{kernel}, {int(channels)} → {int(channels)}": [straight],
                    f"1×1, {kernel}, 1×1: {int(channels)} → {int(at['M'])} → {int(channels)}": parts,
                    f"2 × {kernel}, {int(at['M'])} → {int(at['M'])}": basic,
                }
            ),
        ),
    ]


def _bottleneck(width: int, channels: int, k: int, x: TensorSpec) -> list[Part]:
    return chain(x, _conv(width, 1), _conv(width, k), _conv(channels, 1))


def _largest_width(channels: int, k: int, straight: int) -> int:
    """The widest middle with fewer weights than the straight convolution; 0 where none has fewer."""
    x = TensorSpec((channels, 1, 1))
    low, high = 0, channels  # at full width it has the weights of the straight convolution, and two 1×1 layers more
    while high - low > 1:
        middle = (low + high) // 2
        pays = params_of(_bottleneck(middle, channels, k, x)) < straight
        low, high = (middle, high) if pays else (low, middle)
    return low


def one_by_one_reduction(at: Sizes) -> list[Explanation]:
    """A 1×1 layer before a large kernel."""
    out, k, x = at["N"], at["k"], TensorSpec((at["C"], at["H"], at["W"]))
    direct = part(_conv(out, k), x)
    reduced = dict(zip(("reduce", "convolve"), chain(x, _conv(at["M"], 1), _conv(out, k)), strict=True))
    return [
        _replacement(
            "params",
            ("direct", direct),
            ("reduced", reduced),
            said("C channels in, N out, no biases: a 1×1 layer brings them down to M before the k×k kernel."),
        ),
        _replacement(
            "macs",
            ("direct", direct),
            ("reduced", reduced),
            said("The same field and the same output, through a thinner map: the reduction of an Inception branch."),
        ),
    ]
