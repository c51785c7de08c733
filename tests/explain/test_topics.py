"""Topics: published numbers, sums that add up, and the rules of the layers behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cnncalc.analysis.infer import analyze
from cnncalc.analysis.report import Totals
from cnncalc.core.errors import Diagnostic, InputError, Source, Span
from cnncalc.core.notation import LATEX, PLAIN, TEXT
from cnncalc.core.term import Term, rational_value
from cnncalc.explain.layer import Equation, Explanation
from cnncalc.explain.topics.catalogue import TOPICS, explain_topic, title_of
from cnncalc.explain.topics.terms import Ratio
from cnncalc.language.builder import Network
from cnncalc.language.single import single_layer
from tests.support.cases import CASES
from tests.support.spelled import read_back


class Case(NamedTuple):
    """One row of the table."""

    id: str
    topic: str
    sizes: Mapping[str, int]
    source: str
    lines: Mapping[str, Mapping[str, Any]] = {}
    results: Mapping[str, str] = {}
    rows: Mapping[str, Mapping[str, list[str]]] = {}

    def __str__(self) -> str:
        return f"{self.topic}-{self.id}"


def cases() -> list[Case]:
    with (CASES / "topics.yaml").open(encoding="utf-8") as file:
        return [Case(**row) for row in yaml.safe_load(file)]


def explained(name: str, **sizes: int) -> dict[str, Explanation]:
    """A topic's explanations, by heading."""
    found = explain_topic(name, sizes)
    by_heading = {one.quantity: one for one in found}
    assert len(by_heading) == len(found)
    return by_heading


def value_of(line: Equation) -> Fraction:
    return line.value if isinstance(line, Ratio) else Fraction(int(line.expression))


def values(one: Explanation) -> dict[str, Fraction]:
    """The results of the lines, by symbol; of two for one symbol, which have to agree."""
    found: dict[str, Fraction] = {}
    for line in one.equations:
        assert found.setdefault(line.symbol, value_of(line)) == value_of(line)
    return found


@pytest.mark.parametrize("case", cases(), ids=str)
def test_numbers_are_the_published_ones(case: Case) -> None:
    found = explained(case.topic, **case.sizes)
    assert case.source
    assert case.lines or case.results or case.rows
    for heading, lines in case.lines.items():
        assert {symbol: values(found[heading])[symbol] for symbol in lines} == {
            symbol: Fraction(value) for symbol, value in lines.items()
        }
    for heading, result in case.results.items():
        assert found[heading].result == result
    for heading, rows in case.rows.items():
        table = found[heading].table
        assert table is not None
        by_first = {row[0]: list(row[1:]) for row in table.rows}
        assert {first: by_first[first] for first in rows} == rows


def test_every_topic_has_published_numbers() -> None:
    assert {case.topic for case in cases()} == set(TOPICS)


# Sums


def terms(value: int) -> Iterator[Term]:
    if isinstance(value, Term):
        yield value
        for operand in value.operands:
            yield from terms(operand)


def symbols_in(line: Equation) -> dict[str, int]:
    """The symbols of an expression with their values, each of which may stand for one number only."""
    found: dict[str, int] = {}
    for term in terms(line.expression):
        if term.operator is None and not term.symbol_name.isdigit():
            assert found.setdefault(term.symbol_name, int(term)) == int(term)
    return found


def check_sums(found: list[Explanation]) -> None:
    """Every side of every sum has the value of the last."""
    for one in found:
        assert one.result
        assert one.meaning
        for line in one.equations:
            _symbol, *sides = line.sides(PLAIN)
            known = {name: int(value) for name, value in values(one).items()} | symbols_in(line)
            for side in sides:
                assert read_back(side, known) == value_of(line), (one.quantity, line.sides(PLAIN))
            assert all(line.sides(notation) for notation in (TEXT, LATEX))
        if one.table is not None:
            assert one.table.rows
            assert {len(row) for row in one.table.rows} == {len(one.table.head)} == {len(one.table.numbers)}


@pytest.mark.parametrize("name", TOPICS)
def test_every_side_of_a_sum_is_worth_the_same(name: str) -> None:
    check_sums(explain_topic(name))
    assert title_of(name) == TOPICS[name].title


@given(name=st.sampled_from(sorted(TOPICS)), sizes=st.data())
def test_every_side_is_worth_the_same_at_any_size(name: str, sizes: st.DataObject) -> None:
    drawn = {size: sizes.draw(st.integers(1, 12), label=size) for size in TOPICS[name].sizes}
    try:
        found = explain_topic(name, drawn)
    except InputError as error:
        (only,) = error.diagnostics
        assert only.code in ("groups-do-not-divide", "size-out-of-range", "window-does-not-fit")
        return
    check_sums(found)


def formula(line: Equation) -> str:
    return line.sides(PLAIN)[1]


def test_symbols_of_one_value_stay_apart() -> None:
    (line,) = explained("depthwise-separable", C=3, N=3, k=3, H=3, W=3)["Ratio"].equations
    assert line.sides(PLAIN) == ["ratio", "1 / N + 1 / (k·k)", "1 / 3 + 1 / (3·3)", "4 / 9"]
    one_group, all_groups = explained("grouped", C=2, N=2, k=2, g=2, H=2, W=2)["Ratio"].equations
    assert (formula(one_group), formula(all_groups)) == ("1 / (g·g)", "1 / g")


def test_formulas_are_those_of_the_course() -> None:
    params = {line.symbol: formula(line) for line in explained("depthwise-separable")["params"].equations}
    assert params == {
        "standard": "N·C·k·k",
        "depthwise": "C·k·k",
        "pointwise": "N·C",
        "separable": "depthwise + pointwise",
    }
    assert formula(explained("receptive-field")["Span of one kernel"].equations[0]) == "d·(k − 1) + 1"
    assert formula(explained("svd")["Largest rank that pays"].equations[1]) == "⌊(m·n − 1) / (n + m)⌋"
    connected = [formula(line) for line in explained("connectivity")["params"].equations]
    assert connected == ["n_out·n + n_out", "n_out·k + n_out", "k + 1"]
    assert formula(explained("grouped")["params"].equations[2]) == "N·(C / g)·k·k"
    assert formula(explained("two-3x3")["macs"].equations[3]) == "3·C·C·3·3·H·W"


def test_a_ratio_is_exact_in_every_notation() -> None:
    (line,) = explained("depthwise-separable", N=64)["Ratio"].equations
    assert line.sides(LATEX)[1:] == [
        r"\frac{1}{N} + \frac{1}{k \cdot k}",
        r"\frac{1}{64} + \frac{1}{3 \cdot 3}",
        r"\frac{73}{576}",
    ]
    assert rational_value(line.expression) == Fraction(73, 576)


# The same networks as anybody would describe them


def totals(net: Network) -> Totals:
    return analyze(net.build()).totals()


WIDTH, KERNEL, EXTENT = st.integers(1, 9), st.integers(1, 5), st.integers(1, 9)


@given(WIDTH, WIDTH, KERNEL, EXTENT, EXTENT)
def test_a_separable_convolution_costs_what_the_network_does(c: int, n: int, k: int, h: int, w: int) -> None:
    found = explained("depthwise-separable", C=c, N=n, k=k, H=h, W=w)
    net = Network("separable", input=(c, h, w))
    net.conv2d(out_channels=c, kernel_size=k, padding="same", groups=c, bias=False)
    net.conv2d(out_channels=n, kernel_size=1, bias=False)
    expected = totals(net)
    assert values(found["params"])["separable"] == expected.params
    assert values(found["macs"])["separable"] == expected.macs


@given(WIDTH, WIDTH, st.sampled_from([1, 3, 5]), EXTENT, EXTENT)
def test_a_bottleneck_costs_what_the_network_does(c: int, m: int, k: int, h: int, w: int) -> None:
    found = explained("bottleneck", C=c, M=m, k=k, H=h, W=w)
    net = Network("bottleneck", input=(c, h, w))
    net.conv2d(out_channels=m, kernel_size=1, bias=False)
    net.conv2d(out_channels=m, kernel_size=k, padding=k // 2, bias=False)
    net.conv2d(out_channels=c, kernel_size=1, bias=False)
    expected, reach = totals(net), analyze(net.build()).last_local_reach()
    assert values(found["params"])["bottleneck"] == expected.params
    assert values(found["macs"])["bottleneck"] == expected.macs
    assert reach is not None
    assert values(found["receptive_field"])["bottleneck"] == reach.axes[0].size


@given(st.integers(1, 40), st.integers(1, 4))
def test_a_bottleneck_pays_up_to_the_width_that_is_named(c: int, k: int) -> None:
    paying = [m for m in range(1, c + 1) if 2 * c * m + k * k * m * m < k * k * c * c]
    assert f"M = {max(paying, default=0)}." in explained("bottleneck", C=c, k=k)["params"].meaning


@given(st.integers(1, 60), st.integers(1, 60))
def test_a_rank_pays_up_to_the_one_that_is_named(m: int, n: int) -> None:
    paying = [r for r in range(1, m + n) if r * (m + n) < m * n]
    assert values(explained("svd", m=m, n=n, r=1)["Largest rank that pays"])["r_max"] == max(paying, default=0)


@given(st.integers(2, 4), st.integers(1, 3), st.integers(1, 3), st.integers(1, 4))
def test_stacks_see_what_the_network_does(k: int, s: int, d: int, layers: int) -> None:
    found = explained("receptive-field", k=k, s=s, d=d, L=layers)["receptive_field"]
    for symbol, stride, dilation in (("r_plain", 1, 1), ("r_strided", s, 1), ("r_dilated", 1, d)):
        net = Network("stack", input=(1, 2000))
        for place in range(layers):
            net.conv1d(out_channels=1, kernel_size=k, stride=stride, dilation=dilation**place)
        reach = analyze(net.build()).last_local_reach()
        assert reach is not None
        assert values(found)[symbol] == reach.axes[0].size


def test_a_kernel_of_the_size_of_the_map_is_a_linear_layer() -> None:
    found = explained("fc-as-conv", C=3, H=4, W=5, F=6, H_large=7, W_large=6)
    conv = single_layer("conv2d", ["out_channels=6", "kernel_size=[4,5]"], [(3, 4, 5)])
    linear = single_layer("linear", ["out_features=6"], [(60,)])
    assert {analyze(graph).totals().params for graph in (conv, linear)} == set(
        map(int, values(found["params"]).values())
    )
    assert found["output"].result == "6×4×2"


# What makes no sense


def objections(name: str, sizes: Mapping[str, int], **places: Any) -> tuple[Diagnostic, ...]:
    with pytest.raises(InputError) as raised:
        explain_topic(name, sizes, **places)
    return raised.value.diagnostics


@pytest.mark.parametrize(
    ("name", "sizes", "code", "option"),
    [
        ("grouped", {"g": 5}, "groups-do-not-divide", "groups"),
        ("grouped", {"N": 100}, "groups-do-not-divide", "groups"),
        ("svd", {"r": 4097}, "size-out-of-range", "r"),
        ("svd", {"r": 0}, "size-out-of-range", None),
        ("svd", {"r": 2**31}, "size-out-of-range", None),
        ("fc-as-conv", {"W_large": 6}, "size-out-of-range", "W_large"),
        ("connectivity", {"k": 12}, "window-does-not-fit", "kernel_size"),
        ("pooling-parameters", {"k": 15}, "window-does-not-fit", "kernel_size"),
        ("receptive-field", {"L": 10**9}, "size-out-of-range", "L"),
        ("receptive-field", {"d": 10**9}, "size-out-of-range", "d"),
        ("two-3x3", {"k": 3}, "unknown-size", None),
    ],
)
def test_sizes_that_make_no_sense_are_objected_to(
    name: str, sizes: dict[str, int], code: str, option: str | None
) -> None:
    (only,) = objections(name, sizes)
    assert only.code == code
    assert only.facts.get("option") == option
    assert only.lines()


def test_all_sizes_are_judged_together() -> None:
    assert [one.code for one in objections("svd", {"rank": 3, "r": 0, "m": 4})] == ["unknown-size", "size-out-of-range"]


def test_a_size_is_objected_to_where_it_was_written() -> None:
    source = Source("command line", "--topic grouped C=12 g=5")
    spans = {"C": Span(source, 1, 17, 21), "g": Span(source, 1, 22, 25)}
    (only,) = objections("grouped", {"C": 12, "g": 5}, spans=spans)
    assert only.span == spans["g"]
    (only,) = objections("grouped", {"C": 0}, spans=spans)
    assert only.span == spans["C"]
    (only,) = objections("connectivity", {"n": 2}, spans={"n": spans["C"]})
    assert only.span == spans["C"]


def test_an_unknown_topic_is_likened_to_the_known_ones() -> None:
    place = Span(Source("command line", "--topic groupd"), 1, 9, 15)
    (only,) = objections("groupd", {}, span=place)
    assert (only.code, only.span) == ("unknown-topic", place)
    assert "`grouped`" in only.help
    with pytest.raises(InputError, match="topics are two-3x3, depthwise-separable"):
        title_of("xyzzy")
