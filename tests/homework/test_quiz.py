"""`cnncalc quiz`: what a sheet asks is what `cnncalc check` marks, whatever the network."""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from cnncalc import analyze, from_text, load
from cnncalc.analysis.report import Report
from cnncalc.core.errors import InputError, Source
from cnncalc.exporters.quiz import answers_yaml, sheet_markdown
from cnncalc.homework.layer_text import spell_layer
from cnncalc.homework.marking import MarkedSheet, mark_sheet
from cnncalc.homework.quiz import Exercise, Quiz, compose, draw, exercise_kind, exercises
from cnncalc.homework.reading.sheet import Networks, read_sheet
from cnncalc.language import collection
from tests.support.command import cnncalc

SAMPLE = [members[0] for members in collection.families().values()]
"""One network of every family."""


def network(name: str, **options: Any) -> Report:
    graph = load(name, **options)
    return analyze(graph)


def described(text: str) -> Report:
    graph = from_text(text)
    return analyze(graph)


def answers(found: Report) -> dict[str, Any]:
    """Everything that can be asked about a network, with its answer."""
    return {one.question.ask: one.answer for one in exercises(found)}


def most(found: Report, difficulty: int = 3) -> int:
    """How many questions there are."""
    return len({one.twins for one in exercises(found) if one.level <= difficulty})


def all_at_once(found: Report, name: str) -> Quiz:
    """A sheet of every question, also of those that answer another."""
    every = {one.twins: one for one in exercises(found)}
    return Quiz(found, name, None, {}, 0, 3, tuple(every.values()))


def fitting(found: Report, n: int, seed: int, difficulty: int) -> Quiz:
    """A sheet of so many questions, or of as many as fit."""
    try:
        return compose(found, found.graph.name, n=n, seed=seed, difficulty=difficulty)
    except InputError as error:
        return compose(
            found, found.graph.name, n=error.diagnostics[0].facts["fitting"], seed=seed, difficulty=difficulty
        )


def marked(text: str, folder: Path = Path()) -> MarkedSheet:
    return mark_sheet(read_sheet(Source(str(folder / "answers.yaml"), text), Networks()), diagnose=False)


def verdicts(result: MarkedSheet) -> list[str]:
    assert result.problems == ()
    return [mark.verdict.value for mark in result.marks] + [claim.verdict.value for claim in result.claims]


# What is asked, and what is right


@pytest.mark.parametrize("name", SAMPLE)
def test_the_answers_of_a_sheet_check_as_right(name: str) -> None:
    found = network(name)
    for difficulty in (1, 2, 3):
        quiz = fitting(found, 25, len(name), difficulty)
        assert verdicts(marked(answers_yaml(quiz, name))) == ["right"] * len(quiz.exercises)


@pytest.mark.parametrize("name", ["lenet5", "mlp", "bilstm", "shufflenet_v2_x0_5", "r3d_18", "unet"])
def test_everything_that_can_be_asked_checks_as_right(name: str) -> None:
    found = network(name)
    assert set(verdicts(marked(answers_yaml(all_at_once(found, name), name)))) == {"right"}


@pytest.mark.parametrize("name", ["vgg16", "googlenet", "lenet5_1998"])
def test_one_wrong_answer_is_found(name: str) -> None:
    quiz = compose(network(name), name, n=20, seed=5, difficulty=3)
    text = answers_yaml(quiz, name)
    lines = text.splitlines()
    for place in (number for number, line in enumerate(lines) if line.startswith("  ")):
        ask, _, answer = lines[place].strip().partition(": ")
        layer = quiz.network.graph.nodes[0].path
        wrong = layer if ask.startswith("most") else re.sub(r"\d+$", lambda last: str(int(last[0]) + 1), answer)
        assert wrong != answer
        result = marked("\n".join([*lines[:place], f"  {ask}: {wrong}", *lines[place + 1 :]]))
        assert Counter(verdicts(result))["right"] == 19, ask
        assert result.exit_code == 1


def test_published_figures_are_the_answers() -> None:
    vgg16 = answers(network("vgg16"))
    # torchvision, VGG16_Weights: num_params, _ops 15.47; 4 B each
    assert vgg16["total.params"] == 138_357_544
    assert round(vgg16["total.macs"] / 1e9, 2) == 15.47
    assert vgg16["total.param_memory"] == 4 * 138_357_544
    # cs231n, convolutional networks, VGGNet in detail: sizes and weights of every layer, biases left out there
    assert vgg16["features.4.output"] == (64, 112, 112)
    assert vgg16["features.4.params"] == 0
    assert vgg16["features.2.memory"] == 4 * 3_211_264
    assert vgg16["features.28.params"] == 2_359_296 + 512
    assert vgg16["flatten.output"] == (25_088,)
    assert vgg16["most_params"] == "classifier.0"
    assert "most_memory" not in vgg16  # there all four layers at 64 × 224 × 224 are first: features.0 to features.3
    # Araujo et al. 2019, README of google-research/receptive_field, vgg_16: field, stride and padding of pool5
    field = [vgg16[f"features.30.{quantity}"] for quantity in ("receptive_field", "jump", "start")]
    assert field == [212, 32, -90]
    resnet50 = answers(network("resnet50"))
    assert resnet50["bn1.buffers"] == 2 * 64  # a mean and a variance for each channel
    assert resnet50["total.buffers"] == 53_120  # torchvision, the float buffers of resnet50's state_dict


def test_a_difficulty_asks_what_it_says() -> None:
    found = {level: [one for one in exercises(network("mobilenet_v2")) if one.level == level] for level in (1, 2, 3)}
    assert {one.topic for one in found[1]} == {"output", "params"}
    assert {one.kind for one in found[1]} == {"conv2d", "pointwise", "linear", "global_avg_pool2d"}
    assert {one.topic for one in found[2]} == {
        *("output", "params", "buffers", "macs", "flops", "memory", "param_memory")
    }
    assert {one.kind for one in found[2]} > {"depthwise", "batch_norm2d"}
    assert {one.topic for one in found[3]} == {"receptive_field", "jump", "start", "total", "most"}


def test_what_sets_a_convolution_apart() -> None:
    kinds = {
        name: {exercise_kind(row) for row in network(name).rows if row.type.startswith("conv")}
        for name in ("mobilenet_v2", "resnext50_32x4d", "lenet5_1998", "deeplabv3_resnet50")
    }
    assert kinds == {
        "mobilenet_v2": {"conv2d", "pointwise", "depthwise"},
        "resnext50_32x4d": {"conv2d", "pointwise", "grouped"},
        "lenet5_1998": {"conv2d", "connected"},
        "deeplabv3_resnet50": {"conv2d", "pointwise", "dilated"},
    }


def test_fields_that_no_window_tells_are_not_asked() -> None:
    efficientnet = answers(network("efficientnet_b0"))  # its gates let every unit see everything
    assert [ask for ask in efficientnet if ask.endswith(".receptive_field")] == [
        "features.1.0.block.0.0.receptive_field"
    ]
    vgg16 = answers(network("vgg16"))
    assert "features.0.receptive_field" not in vgg16  # it is the kernel
    assert "features.1.receptive_field" not in vgg16  # a relu sees what the convolution sees
    assert "classifier.0.receptive_field" not in vgg16  # everything


def test_a_layer_called_total_is_not_mistaken_for_the_network() -> None:
    found = described(
        "input: [3, 9, 8]\nlayers:\n  - conv2d: {name: Total, out_channels: 4, kernel_size: 3}\n"
        "  - conv2d: {name: next, out_channels: 5, kernel_size: 3}\n"
    )
    asked = [one for one in exercises(found) if one.question.ask == "total.params"]
    assert [(one.answer, one.topic) for one in asked] == [(3 * 9 * 4 + 4 + 4 * 9 * 5 + 5, "total")]
    assert not any(ask.startswith("Total.") for ask in answers(found))


def test_heads_that_run_many_times_are_left_out_of_totals() -> None:
    found = answers(network("fasterrcnn_vgg16"))
    assert {ask for ask in found if ask.startswith(("total", "most"))} == {
        "total.params",
        "total.param_memory",
        "most_params",
    }


# How sheets are drawn


def test_a_sheet_is_varied_and_asks_nothing_twice() -> None:
    for name in ("vgg16", "resnet50", "mobilenet_v2", "googlenet"):
        for seed in range(5):
            quiz = compose(network(name), name, n=10, seed=seed, difficulty=2)
            assert len({one.twins for one in quiz.exercises}) == 10
            topics = Counter(one.topic for one in quiz.exercises)
            assert len(topics) >= 5
            assert max(topics.values()) <= 3
            assert len({one.kind for one in quiz.exercises}) >= 3
            assert [one.level for one in quiz.exercises] == [1] * 5 + [2] * 5


def test_equal_layers_are_one_question() -> None:
    pool = [one for one in exercises(network("resnet152")) if one.topic == "params" and one.kind == "conv2d"]
    sums = {(spell_layer(one.question.row), one.question.row.inputs_text) for one in pool if one.question.row}
    assert len(pool) == 51  # the first layer and the 3×3 convolutions of 3 + 8 + 36 + 3 blocks
    # conv1; of four stages the 3×3 convolution at stride 1, and of three the one at stride 2 in the first block
    assert len({one.twins for one in pool}) == len(sums) == 8


def test_a_seed_draws_one_sheet_whatever_the_order_of_hashes(tmp_path: Path) -> None:
    asked = ("quiz", "googlenet", "--difficulty", "3", "--n", "15", "--seed")
    first, again = (cnncalc(*asked, "7", env={"PYTHONHASHSEED": seed}) for seed in ("1", "2"))
    assert (first.code, first.err) == (0, "")
    assert first.out == again.out
    assert cnncalc(*asked, "8").out != first.out


def test_where_the_hard_ones_run_out_easier_ones_follow() -> None:
    pool = exercises(network("mlp"))
    hard = len({one.twins for one in pool if one.level == 3})
    drawn = draw(pool, 13, 0, 3)
    assert 4 < sum(one.level == 3 for one in drawn) <= hard
    assert sum(one.level == 3 for one in drawn) < len(drawn) / 2


def test_more_questions_than_fit() -> None:
    found = network("mlp")
    fits = {difficulty: len(fitting(found, 99, 0, difficulty).exercises) for difficulty in (1, 3)}
    assert 1 < fits[1] < fits[3] < most(found) + 1
    with pytest.raises(InputError, match=f"99 questions are asked for, but only {fits[1]} about `mlp`") as caught:
        compose(found, "mlp", n=99, seed=0, difficulty=1)
    assert f"`--n {fits[1]}`, or `--difficulty 3`" in str(caught.value)
    with pytest.raises(InputError, match=f"help: write `--n {fits[3]}`$"):
        compose(found, "mlp", n=999, seed=0, difficulty=3)


def test_without_a_number_a_sheet_asks_what_there_is() -> None:
    found = network("mlp")
    fits = len(fitting(found, 10, 1, 1).exercises)
    assert len(compose(found, "mlp", seed=1, difficulty=1).exercises) == fits < 10
    assert len(compose(network("vgg16"), "vgg16", seed=0, difficulty=1).exercises) == 10
    done = cnncalc("quiz", "mlp")
    assert done.code == 0
    assert len(re.findall(r"^### \d+\.", done.out, re.MULTILINE)) == fits
    told = f"{fits} questions about mlp at difficulty 1 fit on a sheet where none answers another."
    assert done.err == f"{told} `--difficulty 3` has more.\n"
    assert cnncalc("quiz", "vgg16").err == ""
    assert cnncalc("quiz", "mlp", "--n", "10").code == 2  # asked for, and not there


def test_one_question_is_one() -> None:
    done = cnncalc("quiz", "mlp", "--n", "1")
    assert "1 question, difficulty 1" in done.out
    assert "1 questions" not in done.out


def test_a_network_with_nothing_to_ask() -> None:
    silent = described("name: silent\ninput: [3, 9, 8]\nlayers: [relu]\n")
    with pytest.raises(InputError, match="at difficulty 1 there is nothing to ask about `silent`"):
        compose(silent, "silent", n=1, seed=0, difficulty=1)


# What the sheet shows


def sheet_of(name: str, n: int = 12, difficulty: int = 3, seed: int = 1, **options: Any) -> tuple[Quiz, str]:
    quiz = compose(network(name, **options), name, n=n, seed=seed, difficulty=difficulty)
    return quiz, sheet_markdown(quiz)


def blank(sheet: str) -> str:
    (text,) = re.findall(r"```yaml\n(.*?)```", sheet, re.S)
    return str(text)


@pytest.mark.parametrize("name", ["vgg16", "densenet121", "bilstm", "swin_t"])
def test_a_sheet_asks_every_question_and_leaves_room(name: str) -> None:
    quiz, sheet = sheet_of(name)
    asked = re.findall(r"^### \d+\. `(.+?)`", sheet, re.M)
    assert asked == [one.question.ask for one in quiz.exercises]
    assert sheet.count(f"Answer: {'_' * 40}") == sheet.count("?**") == len(asked)
    for one in quiz.exercises:
        row = one.question.row
        if row is not None and one.level < 3:
            said = {f"on an input of {row.inputs_text}."}
            if one.topic in ("params", "param_memory", "buffers"):
                said.add(f"on an input with {row.inputs[0].channels} channels.")
            assert any(f"`{spell_layer(row)}` {way}" in sheet for way in said)


@pytest.mark.parametrize("name", ["vgg16", "densenet121", "bilstm", "swin_t"])
def test_the_blanks_are_the_file_of_answers(name: str) -> None:
    quiz, sheet = sheet_of(name)
    empty, full = yaml.safe_load(blank(sheet)), yaml.safe_load(answers_yaml(quiz, name))
    for key in ("answers", "claims"):
        assert list(empty.get(key, {})) == list(full.get(key, {}))
        assert set(empty.get(key, {}).values()) <= {None}
    assert set(verdicts(marked(blank(sheet)))) == {"wrong"}  # nothing is answered


def texts_of(sheet: str) -> tuple[str, list[str]]:
    """What stands above the questions of a sheet, and the text of each."""
    above, *questions = re.split(r"^### \d+\. ", sheet.partition("\n## Your answers")[0], flags=re.M)
    return above, questions


def stands_in(answer: Any, text: str) -> bool:
    """Whether an answer stands in a text as a number, a shape or a name of its own; numbers below 10 tell nothing."""
    if isinstance(answer, tuple) and len(answer) == 1:
        (answer,) = answer
    if isinstance(answer, int) and abs(answer) < 10:
        return False
    spelled = "×".join(map(str, answer)) if isinstance(answer, tuple) else str(answer)
    before, behind = (r"(?<![\w×.])", r"(?![\w×])(?!\.\d)") if not isinstance(answer, str) else ("`", r"[`.]")
    plain = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text).replace("−", "-")  # [1,0] are two numbers
    return re.search(f"{before}{re.escape(spelled)}{behind}", plain) is not None


@pytest.mark.parametrize("family", collection.families())
def test_no_answer_stands_in_another_question(family: str) -> None:
    for name in collection.families()[family]:
        found = network(name)
        every = exercises(found)
        easiest = min(one.level for one in every)  # of a net of transposed convolutions alone, nothing is easy
        for seed in range(50):
            quiz = compose(found, name, seed=seed, difficulty=max(easiest, 1 + seed % 3), every=every)
            above, questions = texts_of(sheet_markdown(quiz))
            assert len(questions) == len(quiz.exercises)
            for place, one in enumerate(quiz.exercises):
                others = "\n".join(text for number, text in enumerate(questions) if number != place)
                assert not stands_in(one.answer, others), (name, seed, one.question.ask)
                if not isinstance(one.answer, str):  # the table names every layer, by a number as well
                    told_above = re.sub(r"^\| [^|]+", "", above.partition("\n## ")[2], flags=re.M)
                    assert not stands_in(one.answer, told_above), (name, seed, one.question.ask)


def test_what_stands_in_a_text() -> None:
    text = "`features.5.params` `conv2d out_channels=64 kernel_size=[11,12]` on 64×112×112 − 1,792 layer1.10"
    told: tuple[Any, ...] = (64, (64, 112, 112), 1792, "features.5")
    for answer in told:
        assert stands_in(answer, text), answer
    untold: tuple[Any, ...] = (112, (112, 112), 792, 10, 5, "features.50", "5.params", 2, (2,))
    for answer in untold:
        assert not stands_in(answer, text), answer


def test_conventions_are_those_that_the_questions_need() -> None:
    plain = sheet_of("vgg16", difficulty=1)[1]
    assert "biases" in plain
    assert "MAC" not in plain
    assert "Receptive" not in plain
    hard = sheet_of("resnet18", n=40)[1]
    for sentence in (
        "One MAC is one multiply and one add",
        "FLOPs are 2 × MACs",
        "running statistics of a norm are no parameters",
        "a mean and a variance per channel",
        "border ignored",
        "a number in float32 takes 4",
        "negative ones lie in the padding",
    ):
        assert sentence in hard


def test_the_way_of_a_receptive_field() -> None:
    sheet = sheet_markdown(all_at_once(network("resnet18"), "resnet18"))
    assert "`conv2d 7×7/2 p3` → `max_pool2d 3×3/2 p1` → 4 × `conv2d 3×3 p1` → `conv2d 3×3/2 p1`." in sheet
    dilated = sheet_markdown(all_at_once(network("deeplabv3_resnet50"), "deeplabv3_resnet50"))
    assert "`conv2d 3×3 p2 d2`" in dilated


def test_the_network_is_listed_where_its_totals_are_asked() -> None:
    assert "| `0 … 1` ×2 |" in sheet_of("resnet18")[1].replace("\u2003", "")
    assert "The network\n" not in sheet_of("resnet18", difficulty=2)[1]
    assert "too many layers to list" in sheet_of("hrnet_w18")[1]


def test_layers_are_written_as_the_command_line_takes_them() -> None:
    seen: dict[str, tuple[Any, Exercise]] = {}
    for name in ("lenet5_1998", "alexnet_caffe", "deeplabv3_resnet50", "unet", "shufflenet_v1_g1", "bilstm", "swin_t"):
        for one in exercises(network(name)):
            row = one.question.row
            if one.topic == "output" and row is not None and len(row.inputs) == 1:
                seen[spell_layer(row)] = (row, one)
    for text, (row, one) in seen.items():
        if not row.layer.any_layout:  # what a permute lays out cannot be said in a shape
            from cnncalc.language.single import single_layer

            kind, *options = text.split()
            assert analyze(single_layer(kind, options, [row.inputs[0].shape])).rows[-1].output.shape == one.answer
    assert len(seen) > 50


# Networks and files of all kinds

ODD_FILE = "odd: #1 `net` 'x'.yaml"

ODD = r"""
name: "odd: #1 \"net\" | *x*"
title: "A *bold* `net` | #1"
params: {width: 4}
input: [3, 12, 10]
layers:
  - conv2d: {name: "1", out_channels: width, kernel_size: 3}
  - conv2d: {name: 卷积-2+x, out_channels: 5, kernel_size: [3, 2], stride: [2, 1]}
  - max_pool2d: {name: null_, kernel_size: 2}
  - flatten
  - linear: {name: "true", out_features: 7}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "nets").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "nets" / ODD_FILE).write_text(ODD, encoding="utf-8")
    return tmp_path


def test_odd_names_settings_and_input_come_back(folder: Path) -> None:
    found = network(str(folder / "nets" / ODD_FILE), params={"width": "2 * 3"}, input=(3, 20, 21))
    n = len(fitting(found, 99, 1, 3).exercises)
    asked = ["quiz", f"nets/{ODD_FILE}", "--set", "width=2 * 3", "--input", "3x20x21", "--difficulty", "3", f"--n={n}"]
    done = cnncalc(*asked, "--output", "out/sheet.md", "--answers", "out/answers.yaml", folder=folder)
    assert (done.code, done.out, done.err) == (0, "", "")
    sheet = (folder / "out" / "sheet.md").read_text(encoding="utf-8")
    assert sheet == cnncalc(*asked, folder=folder).out
    assert sheet.startswith("# Exercises: A \\*bold\\* \\`net\\` \\| \\#1\n")
    assert "Set: `width=2 * 3`." in sheet
    text = (folder / "out" / "answers.yaml").read_text(encoding="utf-8")
    top = yaml.safe_load(text)
    assert top["network"] == f"../nets/{ODD_FILE}"
    assert (top["input"], top["set"]) == ([3, 20, 21], {"width": "2 * 3"})
    assert {"1.params", "卷积-2+x.params", "true.params"} <= set(top["answers"])
    assert top["answers"]["1.params"] == 3 * 9 * 6 + 6
    assert top["answers"]["卷积-2+x.params"] == 6 * 3 * 2 * 5 + 5
    assert top["answers"]["null_.output"] == "5x4x9"  # of 8×18: ⌊(18 − 3) / 2⌋ + 1 and 19 − 2 + 1
    for place in (folder, folder / "out"):  # the path is one from the file, not from where the command runs
        path = os.path.relpath(folder / "out" / "answers.yaml", place)
        assert cnncalc("check", path, folder=place).code == 0


def test_a_variant_of_a_file(folder: Path) -> None:
    shown = cnncalc("show", "vgg16").out
    (folder / "nets" / "nets.yaml").write_text(shown, encoding="utf-8")
    done = cnncalc("quiz", "nets/nets.yaml:vgg11", "--answers", "out/a.yaml", "--n", "5", folder=folder)
    assert done.code == 0
    top = yaml.safe_load((folder / "out" / "a.yaml").read_text(encoding="utf-8"))
    assert top["network"] == "../nets/nets.yaml:vgg11"
    assert cnncalc("check", "out/a.yaml", folder=folder).code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "fragments"),
    [
        (
            "vgg16 --n 500",
            "too-many-questions",
            ["500 questions", "at difficulty 1 fit on a sheet", "`--difficulty 3`"],
        ),
        ("vgg16 --n 0", "bad-count", ["at least 1 question, not 0"]),
        ("vgg16 --difficulty 4", "bad-difficulty", ["from 1 to 3, not 4", "`--difficulty 2`"]),
        ("vgg61", "unknown-architecture", ["did you mean `vgg16`?"]),
        ("- --n 1", "untrusted-network", ["standard input"]),
        ("net.py", "untrusted-network", ["net.py"]),
        ("vgg16 -o a.md --answers ./a.md", "same-file", ["both be written", "`--output sheet.md"]),
        ("vgg16 -o a.md --answers link.md", "same-file", ["both be written"]),
        ("nets/good.yaml --answers nets/good.yaml", "same-file", ["nets/good.yaml is the network itself"]),
        ("vgg16 --answers=", "cannot-write", ["--answers names no file"]),
        ("vgg16 -o a.md --answers gone/a.yaml", "cannot-write", ["gone/a.yaml"]),
        ("vgg16 -o gone/a.md --answers a.yaml", "cannot-write", ["gone/a.md"]),
        ("vgg16 -o nets --answers a.yaml", "cannot-write", ["nets", "it is a folder"]),
        ("vgg16 -o /dev/full --answers a.yaml", "cannot-write", ["the disk is full"]),
        (f"vgg16 -o {'x' * 300} --answers a.yaml", "cannot-write", ["too long"]),
    ],
)
def test_objections_leave_no_file_behind(folder: Path, arguments: str, code: str, fragments: list[str]) -> None:
    (folder / "link.md").symlink_to("a.md")
    (folder / "nets" / "good.yaml").write_text("input: [3, 9, 8]\nlayers: [relu]\n", encoding="utf-8")
    before = {path: path.is_file() and path.read_bytes() for path in folder.rglob("*")}
    done = cnncalc("quiz", *arguments.split(), folder=folder)
    assert (done.code, done.out) == (2, "")
    assert "Traceback" not in done.err
    assert f"error[{code}]: " in done.err
    assert "= help: " in done.err
    for fragment in fragments:
        assert fragment in done.err
    assert {path: path.is_file() and path.read_bytes() for path in folder.rglob("*")} == before


def test_old_files_stay_where_one_of_the_two_cannot_be_written(folder: Path) -> None:
    (folder / "answers.yaml").write_text("old", encoding="utf-8")
    done = cnncalc("quiz", "vgg16", "-o", "gone/a.md", "--answers", "answers.yaml", folder=folder)
    assert done.code == 2
    assert (folder / "answers.yaml").read_text(encoding="utf-8") == "old"


def test_without_a_network_an_example_is_shown() -> None:
    done = cnncalc("quiz")
    assert done.code == 2
    assert "or a name: `cnncalc quiz vgg16`" in done.err
