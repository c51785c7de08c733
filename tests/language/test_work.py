"""A small file cannot take long: what a description may ask to be worked out is bounded, and says where it ended."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from time import process_time

import pytest

from cnncalc import InputError, analyze, from_text
from cnncalc.core.errors import Diagnostic
from cnncalc.core.translation import use_language
from cnncalc.language import collection
from cnncalc.language import work as work_of
from cnncalc.language.load import load
from cnncalc.language.work import MOST_STEPS, Work

SECONDS = 20
"""Many times what any of these takes; without bounds, they take hours."""

HEAD = "input: [3, 8, 8]\n"
REPEATED = "layers:\n  - repeat: {{times: 9000, index: i, layers: [{{relu: {{when: '{0}'}}}}]}}\n  - relu\n"

EXPLOSIVE = {
    "sums of sums": (
        HEAD
        + "params:\n  a: range(8000)\n  b: ([sum(a) for k in range(64)])\n"
        + REPEATED.format("sum([sum(b) + sum(a) for k in b]) < i"),
        "sum([sum(b) + sum(a) for k in b]) < i",
    ),
    "comprehensions": (HEAD + REPEATED.format(long := f"0 < sum([{'+'.join('k' * 100)} for k in range(64)])"), long),
    "fractions": (HEAD + "params: {x: 1 / 3}\n" + REPEATED.format(long := " + ".join(["x"] * 120)), long),
    "comparisons": (
        HEAD + "params: {a: range(10000), b: range(10000)}\n" + REPEATED.format(long := " and ".join(["a==b"] * 50)),
        long,
    ),
    "slices": (
        HEAD + "params: {a: range(10000)}\n" + REPEATED.format(long := " and ".join(["a[1:]"] * 45)),
        long,
    ),
    "expressions of their own": (
        HEAD
        + "layers:\n  - repeat: {times: 9000, layers: [{relu: {"
        # more of them than are kept once they are compiled
        + ", ".join(f"p{i}: {i} + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1" for i in range(8000))
        + "}}]}\n",
        None,
    ),
    "lists of params": (HEAD + "params:\n" + "".join(f"  p{i}: range(10000)\n" for i in range(9000)), "range(10000)"),
    "written lists": (
        HEAD + f"layers:\n  - repeat: {{times: 9000, layers: [{{relu: {{when: [{', '.join('1' * 9000)}]}}}}]}}\n",
        "[...]",
    ),
    "names": (
        HEAD
        + f"params: {{s: '{'a' * 20_000}'}}\n"
        + f"layers:\n  - repeat: {{times: 9000, layers: [{{relu: {{name: '{(long := '{s}' * 20_000)}'}}}}]}}\n",
        long,
    ),
    "wires": (
        HEAD
        + "layers:\n  - relu: {name: a}\n"
        + f"  - repeat: {{times: 9000, layers: [{{concat: {{from: [{', '.join('a' * 20_000)}]}}}}]}}\n",
        "concat",
    ),
    "names in scope": (
        HEAD + "params:\n" + "".join(f"  p{i}: 1\n" for i in range(20_000)) + REPEATED.format("p1 < 0"),
        "repeat",
    ),
    "params of a block": (
        HEAD
        + "blocks:\n  a:\n    params:\n"
        + "".join(f"      p{i}: [1]\n" for i in range(9000))
        + "    layers: []\nlayers:\n  - repeat: {times: 9000, layers: [{block: {type: a}}]}\n",
        "[...]",
    ),
    "imports": (
        HEAD + "import:\n" + "".join(f"  i{i}: resnet18\n" for i in range(9000)) + "layers: [relu]\n",
        "resnet18",
    ),
    "written values": (
        HEAD + "values:\n" + "".join(f"  w{i}: range(10000)\n" for i in range(9000)) + "layers: [relu]\n",
        "range(10000)",
    ),
}


@pytest.mark.parametrize("text", EXPLOSIVE)
def test_what_takes_long_ends_soon_and_says_where(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    description, named = EXPLOSIVE[text]
    if text != "comprehensions":  # what takes longest for a step is told with all of them
        monkeypatch.setattr(work_of, "MOST_STEPS", MOST_STEPS // 10)
    began = process_time()
    with pytest.raises(InputError) as caught:
        from_text(description)
    assert process_time() - began < SECONDS
    if named is None:  # stopped by something else, and soon
        return
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "too-much-work"
    assert diagnostic.facts["text"] == named
    assert diagnostic.span is not None
    marked = diagnostic.span.source.line(diagnostic.span.line)[diagnostic.span.column - 1 : diagnostic.span.end_column]
    assert marked.startswith((named[:20], "'" + named[:20], "["))
    steps = f"{work_of.MOST_STEPS:,}"
    for language, words in (("en", f"beyond {steps} steps of evaluation"), ("zh", f"求值超过了 {steps} 步")):
        with use_language(language):
            assert words in str(diagnostic)


def test_every_built_in_fits_a_hundred_times_over() -> None:
    taken = {}
    for name in collection.names():
        load(name, work=(work := Work()))
        taken[name] = MOST_STEPS - work.left
    assert max(taken.values()) > 10_000
    assert {name: steps for name, steps in taken.items() if steps * 100 > MOST_STEPS} == {}


def test_readings_share_a_budget() -> None:
    work = Work()
    left = []
    for _ in range(3):
        load("resnet18", work=work)
        left.append(work.left)
    assert left[0] > left[1] > left[2]
    assert left[0] - left[1] == left[1] - left[2]  # the first pays for the parsing besides


# Sums and fields that are too long to be told


def test_a_long_sum_is_told_from_its_end() -> None:
    from cnncalc.core.notation import PLAIN
    from cnncalc.core.term import Term
    from cnncalc.explain.layer import explain

    graph = from_text(HEAD + f"layers:\n  - relu: {{name: a}}\n  - concat: {{from: [{', '.join('a' * 3000)}]}}\n")
    output = explain(analyze(graph), "concat")[0]
    channels = output.equations[0].expression
    assert isinstance(channels, Term)
    formula, worked = channels.formula(PLAIN), channels.substitution(PLAIN)
    assert formula.startswith("… + C_2")
    assert formula.endswith(" + C_3000")
    assert sum(map(int, worked.split(" + "))) == 9000 == channels


ADAPTIVE = """
input: [3, 997]
layers:
  - repeat:
      times: 4500
      index: i
      layers:
        - adaptive_avg_pool1d: {output_size: 991 - 2 * (i % 400)}
        - adaptive_avg_pool1d: {output_size: 997}
"""


def test_fields_are_tracked_until_they_take_too_long() -> None:
    began = process_time()
    rows = analyze(from_text(ADAPTIVE)).rows
    assert process_time() - began < SECONDS
    assert rows[0].reach is not None
    assert rows[-1].reach is None


def test_no_built_in_comes_near_the_end_of_tracking(monkeypatch: pytest.MonkeyPatch) -> None:
    from cnncalc.analysis import infer

    for name in ("hrnet_w18", "deeplabv3_resnet50", "swin_s"):  # those that take the most
        graph = load(name)
        whole = [row.reach for row in analyze(graph).rows]
        with monkeypatch.context() as patched:
            patched.setattr(infer, "MOST_LOOKS", infer.MOST_LOOKS // 100)
            assert [row.reach for row in analyze(graph).rows] == whole


# Errors by the thousand

FAULTY = {
    "keys twice": (HEAD + "lay: 1\n" * 24_000, 24_000 - 1),
    "tags": (HEAD + "layers:\n" + "  - !x relu\n" * 24_000, 24_000),
}


@pytest.mark.parametrize("text", FAULTY)
def test_thousands_of_faulty_lines_are_linear(text: str) -> None:
    description, faults = FAULTY[text]
    began = process_time()
    with pytest.raises(InputError) as caught:
        from_text(description)
    said = str(caught.value)
    assert process_time() - began < SECONDS
    assert len(caught.value.diagnostics) == faults
    assert said.count("error[") == 20
    assert said.endswith(f"... and {faults - 20:,} more")
    with use_language("zh"):
        assert str(caught.value).endswith(f"……另有 {faults - 20:,} 个")


MISSPELLED = {
    "a name in a repeat": ("conv2d: {out_channels: widht, kernel_size: 1}", "widht"),
    "a layer in a repeat": ("relu: {from: sten}", "sten"),
    "another layer in every round": ("relu: {from: 'sten{i}'}", "sten0"),
    "an option in a repeat": ("relu: {inplac: true}", "inplac"),
}


@pytest.mark.parametrize("text", MISSPELLED)
def test_what_is_misspelled_in_a_repeat_is_looked_up_a_few_times(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from cnncalc.core import suggest

    entry, word = MISSPELLED[text]
    looked_up: list[str] = []
    closest = suggest.closest_name

    def counted(word: str, known: Iterable[str]) -> str | None:
        looked_up.append(word)
        return closest(word, known)

    monkeypatch.setattr(suggest, "closest_name", counted)
    params = "params: {" + ", ".join(f"width{i}: 1" for i in range(9000)) + "}\n"
    layers = f"  - repeat: {{times: 9000, name: r, index: i, layers: [{{{entry}}}]}}\n"
    began = process_time()
    with pytest.raises(InputError) as caught:
        from_text(HEAD + params + "layers:\n  - relu: {name: stem}\n" + layers)
    assert process_time() - began < SECONDS
    assert len(caught.value.diagnostics) == 1
    assert word in str(caught.value)
    assert 0 < len(looked_up) <= 101


def test_equal_diagnostics_at_one_place_are_said_once(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(HEAD + "layers:\n  - relu: {inplac: true}\n")
    found: list[Diagnostic] = []
    for _ in range(2):
        with pytest.raises(InputError) as caught:
            load(str(path))
        found += caught.value.diagnostics
    assert len(found) == 2
    assert len(InputError(found).diagnostics) == 1
    other = found[0]._replace(code="another")
    assert InputError([found[0], other, found[1]]).diagnostics == (found[0], other)


def test_a_line_is_found_in_a_source_that_is_split_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from cnncalc.core.errors import Source

    class Counted(str):
        splits = 0

        def splitlines(self, keepends: bool = False) -> list[str]:
            Counted.splits += 1
            return super().splitlines(keepends)

    source = Source("x", Counted("a\nb\nc"))
    assert [source.line(number) for number in (0, 1, 3, 4)] == ["", "a", "c", ""]
    assert Counted.splits == 1


def test_regions_of_regions_stay_numbers_that_can_be_written() -> None:
    layer = "{roi_align: {output_size: 7, regions: 99999}}"
    text = f"input: [9, 20, 20]\nlayers:\n  - repeat: {{times: 400, layers: [{layer}]}}\n"
    with pytest.raises(InputError) as caught:
        analyze(from_text(text))
    assert caught.value.diagnostics[0].code == "too-large"
    assert re.search(r"9999800001 × \(9×7×7\)", str(caught.value))


def test_values_are_written_as_json_part_by_part_and_not_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    numpy = pytest.importorskip("numpy")
    from cnncalc.exporters import values

    arrays = {f"a{rows}": numpy.arange(rows * 6, dtype=numpy.float32).reshape(rows, 2, 3) / 10 for rows in (1, 5)}
    arrays["b"] = numpy.array([[0.1, numpy.inf]], numpy.float32)
    whole = values.values_json("x", arrays)
    assert json.loads(whole)["outputs"]["a5"]["values"][4] == [[2.4, 2.5, 2.6], [2.7, 2.8, 2.9]]
    assert json.loads(whole)["outputs"]["b"]["values"] == [[0.1, None]]
    for at_once in (1, 4, 6):
        monkeypatch.setattr(values, "_AT_ONCE", at_once)
        assert values.values_json("x", arrays) == whole
    monkeypatch.setattr(values, "MOST_VALUES", 37)
    with pytest.raises(InputError, match="too-many-values"):
        values.values_json("x", arrays)


def test_levels_of_names_are_bounded() -> None:
    deepest = ".".join(["a"] * 60)
    assert analyze(from_text(HEAD + f"layers:\n  - relu: {{name: {deepest}}}\n")).rows[0].path == deepest
    for layer in (f"relu: {{name: {deepest}.a}}", f"sequential: {{name: a, layers: [{{relu: {{name: {deepest}}}}}]}}"):
        with pytest.raises(InputError, match="more than 60 levels"):
            from_text(HEAD + f"layers:\n  - {layer}\n")


def test_a_stack_counts_as_the_layers_that_it_holds() -> None:
    stacks = "input: [7, 8]\nlayers:\n  - repeat: {times: %d, layers: [{lstm: {hidden_size: 3, num_layers: 1000}}]}\n"
    assert len(from_text(stacks % 10).nodes) == 10
    with pytest.raises(InputError, match="more than 10,000 layers"):
        from_text(stacks % 11)
