"""Whatever is written, what comes out is a report or a diagnostic, never an exception of another kind."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnncalc import InputError, analyze, from_text
from cnncalc.analysis.compare import check_measure
from cnncalc.analysis.outline import outline
from cnncalc.analysis.table import choose_columns
from cnncalc.cli.options import ElementType, batch_size, levels, report_of, shape
from cnncalc.cli.options import settings as settings_of
from cnncalc.core.graph import Graph
from cnncalc.display import summary
from cnncalc.display.screen import console
from cnncalc.exporters.json import report_json
from cnncalc.exporters.rows import report_csv, report_markdown
from cnncalc.language.single import single_layer
from cnncalc.layers.catalogue import ADDRESSES, resolve

bounded = settings(
    max_examples=120,
    deadline=5000,  # catches hangs; a diagnostic takes milliseconds
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


def survives(work: Callable[[], Graph]) -> None:
    """Analyse a graph and write it in every way; the only way out is an `InputError` that can be shown."""
    try:
        report = analyze(work())
    except InputError as error:
        can_be_shown(error)
        return
    lines_of = outline(report)
    text = io.StringIO()
    summary.show(console(text), report, lines_of, choose_columns(None), pinned=False)
    assert text.getvalue()
    assert report_json(report)
    assert report_csv(report)
    assert report_markdown(report, lines_of, choose_columns(None))


def can_be_shown(error: InputError) -> None:
    assert error.diagnostics
    for diagnostic in error.diagnostics:
        lines = [text for _, text in diagnostic.lines()]
        assert lines[0].startswith(f"error[{diagnostic.code}]: ")
        assert lines[-1].strip().startswith("= help: "), lines
        assert all(line.isprintable() for line in lines)
        assert len("\n".join(lines)) < 4000


def from_yaml(document: Any) -> Callable[[], Graph]:
    return lambda: from_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True))


# Text


@bounded
@given(st.text(max_size=400))
def test_any_text(text: str) -> None:
    survives(lambda: from_text(text))


WORDS = """relu conv2d : { } [ ] , &a *a out_channels kernel_size 1e9 -1 0 name from when repeat times !tag ' " # <<
? | > %YAML {0} ${x} params ~ --- input layers"""
PIECES = st.sampled_from(
    [*WORDS.split(), "  - ", ": ", ", ", "\n", "    ", "\n  - ", "\n---\n", "\t", "\r", "\x85", "\ufeff", "中"]
)


@bounded
@given(st.lists(PIECES, max_size=30).map("".join))
def test_any_text_of_the_words_of_the_language(text: str) -> None:
    survives(lambda: from_text("input: [3, 8, 8]\nlayers:\n  - " + text))


# Documents


EXPRESSIONS = st.sampled_from(
    [
        "width * 2",
        "width // 0",
        "9**9**9",
        "width / 3",
        "nope",
        "in_channels",
        "1 if width else 2",
        "min()",
        "len(3)",
        "i",
        "max(1, 'a')",
        "[1, 2][5]",
        "[[1, 2], 3]",
        "make_divisible(7, 0)",
        "sum([1, 'a'])",
        "__import__('os')",
        "(1).real",
        "lambda: 1",
        "1 < 'a'",
        "not width",
        "'a' in 3",
        "-'a'",
        "1e400",
        "2 ** -1",
        "round(1 / 0)",
        "width[0]",
        "0x",
        "1_0",
        "same",
        "valid",
        "bilinear",
        "required",
        "previous",
        "{width}",
        "{1/0}",
        "a.b",
        "a b",
        "😀",
        "1if 1else 2",
    ]
)
NUMBERS = st.one_of(
    st.integers(-3, 20),
    st.sampled_from([10**30, -(10**30), 2**31 - 1, 2**31, 60_000, 1e9, 1e-320, 0.5, float("inf"), float("nan")]),
)
SCALARS = st.one_of(NUMBERS, EXPRESSIONS, st.booleans(), st.none(), st.text(max_size=5))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=6,
)
NAMES = st.sampled_from(["a", "b", "stem", "a.b", "previous", "input", "nope", "a{width}", "", "0", "中文", "a b"])
EXTRAS: dict[str, st.SearchStrategy[Any]] = {
    "name": NAMES | VALUES,
    "from": NAMES | st.lists(NAMES, max_size=3) | VALUES,
    "when": VALUES,
    "share": NAMES,
    "alias": NAMES | VALUES,
    "functional": VALUES,
}


def sensible(options: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Options of a layer, now and then with a value that makes sense."""
    value = st.one_of(st.integers(1, 4), st.integers(1, 4), st.lists(st.integers(0, 3), min_size=1, max_size=3), VALUES)
    return st.fixed_dictionaries({}, optional=dict.fromkeys(options, value) | EXTRAS | {"wrong": VALUES})


@st.composite
def single_entries(draw: st.DrawFn) -> Any:
    kind = draw(st.sampled_from([*ADDRESSES, "conv2", "dense"]))
    if draw(st.booleans()):
        return kind
    fields = list(resolve(kind).model_fields) if kind in ADDRESSES else ["filters"]
    return {kind: draw(sensible(fields))}


def macros(layers: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(layers, max_size=3)
    parts: dict[str, dict[str, st.SearchStrategy[Any]]] = {
        "sequential": {"layers": several},
        "repeat": {"times": st.integers(0, 3) | VALUES, "layers": several, "index": st.just("i") | VALUES},
        "residual": {
            "body": several,
            "shortcut": several,
            "skip": VALUES,
            "merge": st.sampled_from(["add", "concat", "x"]),
        },
        "branches": {
            "paths": st.lists(several, max_size=3) | st.dictionaries(NAMES, several, max_size=2),
            "dim": VALUES,
        },
        "split": {"sizes": st.lists(st.integers(1, 2), max_size=3) | VALUES, "dim": VALUES},
        "block": {"type": st.sampled_from(["one", "two", "three"]), "channels": VALUES, "type ": VALUES},
    }
    each = {"each": st.lists(VALUES, max_size=3), "as": NAMES | st.lists(NAMES, max_size=2), "layers": several}
    whole = [
        st.fixed_dictionaries({kind: st.fixed_dictionaries({}, optional=keys | EXTRAS)}) for kind, keys in parts.items()
    ]
    return st.one_of(
        *whole, st.fixed_dictionaries({"repeat": st.fixed_dictionaries({}, optional=each)}), several, VALUES
    )


LAYERS = st.lists(st.recursive(single_entries(), macros, max_leaves=5), max_size=5)
PARAMS = st.dictionaries(st.sampled_from(["width", "channels", "x{", "i"]), VALUES, max_size=3)
DOCUMENTS = st.fixed_dictionaries(
    {"input": st.just([4, 12, 10]) | st.lists(st.integers(0, 9), max_size=6) | VALUES, "layers": LAYERS},
    optional={
        "params": st.just({"width": 4}) | PARAMS | VALUES,
        "blocks": st.fixed_dictionaries(
            {},
            optional={
                "one": st.fixed_dictionaries({"layers": LAYERS}, optional={"params": PARAMS | VALUES, "x": VALUES}),
                "two": st.just({"layers": [{"block": {"type": "one"}}, {"block": {"type": "three"}}]}),
                "three": st.just({"layers": [{"block": {"type": "two"}}]}) | VALUES,
            },
        )
        | VALUES,
        "outputs": st.lists(NAMES, max_size=2) | VALUES,
        "inputs": st.dictionaries(NAMES, st.just([3, 8, 8]) | VALUES, max_size=3),
        "name": NAMES | VALUES,
        "title": VALUES,
        "year": VALUES,
        "accuracy": VALUES | st.fixed_dictionaries({}, optional={"top1": VALUES, "source": VALUES}),
        "variants": st.dictionaries(NAMES, VALUES, max_size=2) | VALUES,
        "layer": VALUES,
    },
)


@settings(bounded, max_examples=400)
@given(DOCUMENTS)
def test_documents_with_wrong_values(document: Any) -> None:
    survives(from_yaml(document))


@settings(bounded, max_examples=250)
@given(single_entries())
def test_every_layer_with_wrong_options(entry: Any) -> None:
    survives(from_yaml({"input": [4, 12, 10], "params": {"width": 4}, "layers": [entry]}))


@settings(bounded, max_examples=200)
@given(EXPRESSIONS | st.text(alphabet="0123456789.+-*/%()[],<>= wij_e'\"\\{}ifelsnotad", max_size=20))
def test_expressions(text: str) -> None:
    survives(
        from_yaml(
            {
                "input": [4, 12, 10],
                "params": {"width": 4},
                "layers": [{"conv2d": {"out_channels": text, "kernel_size": 1}}],
            }
        )
    )


# Command line


@settings(bounded, max_examples=100)
@given(
    st.text(max_size=8) | st.sampled_from(["alexnet", "cifar10_small"]),
    st.text(max_size=12),
    st.text(max_size=12),
    st.integers(),
)
def test_architecture_input_and_settings(name: str, setting: str, value: str, batch: int) -> None:
    def work(ask: Callable[[], Any]) -> None:
        with suppress(InputError):
            ask()

    work(lambda: report_of(name, value, batch, ElementType.int8, "torch", [setting]))
    work(lambda: report_of("alexnet", None, 1, ElementType.int8, "torch", [f"classes={value}"]))
    work(lambda: (shape(value), batch_size(batch), settings_of([setting, value]), levels(batch), choose_columns(value)))
    work(lambda: check_measure(setting))


@settings(bounded, max_examples=200)
@given(
    st.sampled_from([*ADDRESSES, "x"]),
    st.lists(
        st.text(max_size=8)
        | st.tuples(
            st.sampled_from(["kernel_size", "out_channels", "dim", "size", "bias"]),
            EXPRESSIONS | st.integers(0, 5).map(str) | st.text(max_size=6),
        ).map("=".join),
        max_size=3,
    ),
    st.lists(st.sampled_from([(3, 9, 8), (3,), (3, 9), (3, 4, 5, 6)]), max_size=2),
)
def test_single_layers(kind: str, options: list[str], shapes: list[tuple[int, ...]]) -> None:
    survives(lambda: single_layer(kind, options, shapes))
