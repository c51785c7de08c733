"""A class: keys, what they score and what they refuse; sheets for students; feedback and the analysis of questions."""

from __future__ import annotations

import csv
import json
import os
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml

from cnncalc import analyze, load
from cnncalc.analysis.report import Report
from cnncalc.core.errors import InputError, Source
from cnncalc.core.graph import Graph
from cnncalc.homework.forgotten import values_without
from cnncalc.homework.grading import grade
from cnncalc.homework.key import Key
from cnncalc.homework.marking import Known, MarkedSheet
from cnncalc.homework.reading import networks
from cnncalc.homework.reading.key import read_key
from cnncalc.homework.reading.sheet import Networks, read_sheet
from cnncalc.homework.targets import Subject
from tests.support.inside import Written, inside

KEY = """\
network: lenet5
questions:
  c1.params: 2
  c3.params: {points: 3}
  f6.macs:
  most_params: 0.5
"""

ALL_RIGHT = "network: lenet5\nanswers: {c1.params: 156, c3.params: 2416, f6.macs: 10080}\nclaims: [most_params: c5]\n"


def key_of(folder: Path, text: str, networks: Networks | None = None) -> Key:
    (folder / "key.yaml").write_text(text, encoding="utf-8")
    return read_key(str(folder / "key.yaml"), networks or Networks())


def graded(folder: Path, key: str, sheet: str) -> MarkedSheet:
    networks = Networks()
    read = key_of(folder, key, networks)
    return grade(read_sheet(Source(str(folder / "anna.yaml"), sheet), networks), read, Known())


def score(folder: Path, key: str, sheet: str) -> tuple[float, float, int]:
    done = graded(folder, key, sheet)
    return float(done.points), float(done.max_points), done.exit_code


def check(folder: Path, *arguments: str) -> Written:
    return inside(["check", *arguments], folder)


def table(done: Written) -> list[list[str]]:
    return list(csv.reader(StringIO(done.out)))


# What a key scores


@pytest.mark.parametrize(
    ("sheet", "points", "code"),
    [
        (ALL_RIGHT, 6.5, 0),
        (ALL_RIGHT.replace("lenet5", "vgg16"), 6.5, 0),  # what it says of its network is ignored
        (ALL_RIGHT.replace("network: lenet5\n", ""), 6.5, 0),
        (ALL_RIGHT.replace("lenet5", "gone.yaml"), 6.5, 0),
        (ALL_RIGHT.replace("answers: {", "answers: {f6.params: 1, "), 6.5, 0),  # an extra answer is not scored
        (ALL_RIGHT.replace("c3.params: 2416, ", ""), 3.5, 1),  # not answered
        (ALL_RIGHT.replace("c3.params: 2416", "c3.params: ~"), 3.5, 1),
        (ALL_RIGHT.replace("2416", "2417"), 3.5, 1),
        (ALL_RIGHT.replace("2416", "2.42k"), 6.5, 0),
        (ALL_RIGHT.replace("2416", "many"), 3.5, 2),
        (ALL_RIGHT.replace("most_params: c5", "most_params: c3"), 6, 1),
        (ALL_RIGHT.replace("c1.params", "1st conv2d.params"), 6.5, 0),
        ("answers: {f6.params: 10164}\n", 0, 1),
        ("", 0, 2),
    ],
)
def test_points_of_a_key(tmp_path: Path, sheet: str, points: float, code: int) -> None:
    assert score(tmp_path, KEY, sheet) == (points, 6.5, code)


def test_a_network_of_ones_own_gets_no_marks(tmp_path: Path) -> None:
    own = "network: {name: lenet5, input: [1, 1, 1], layers: [conv2d: {name: c1, out_channels: 1, kernel_size: 1}]}\n"
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "eve.yaml").write_text(f"{own}answers: {{c1.params: 2}}\n", encoding="utf-8")
    assert json.loads(check(tmp_path, "class", "--format", "json").out)[0]["points"] == 1
    (tmp_path / "key.yaml").write_text(KEY, encoding="utf-8")
    (one,) = json.loads(check(tmp_path, "class", "--key", "key.yaml", "--format", "json").out)
    assert (one["network"], one["points"], one["max_points"]) == ("lenet5", 0, 6.5)
    assert one["answers"][0] | {"diagnosis": [], "mistakes": []} == {
        "ask": "c1.params",
        "given": "2",
        "expected": 156,
        "verdict": "wrong",
        "points": 0,
        "max_points": 2,
        "diagnosis": [],
        "mistakes": [],
    }


def test_a_description_in_the_class_is_no_students(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    layers = (
        "layers: [conv2d: {name: c1, out_channels: 4, kernel_size: 3}, flatten, linear: {name: fc, out_features: 2}]"
    )
    (folder / "coursenet.yaml").write_text(f"name: coursenet\ninput: [1, 8, 8]\n{layers}\n", encoding="utf-8")
    (folder / "key.yaml").write_text("network: coursenet.yaml\nquestions: [c1.params, fc.params]\n", encoding="utf-8")
    tiny = "{name: coursenet, input: [1, 8, 8], layers: [flatten, linear: {name: fc, out_features: 1}]}"
    (folder / "eve.yaml").write_text(f"network: {tiny}\nanswers: {{fc.params: 65}}\n", encoding="utf-8")
    (folder / "bo.yaml").write_text("answers: {c1.params: 40, fc.params: 290}\n", encoding="utf-8")
    done = check(folder, ".", "--key", "key.yaml", "--format", "csv")
    assert [row[:1] + row[6:] for row in table(done)] == [
        ["file", "points", "max_points", "c1.params", "fc.params"],
        ["bo.yaml", "2", "2", "right", "right"],
        ["eve.yaml", "0", "2", "", "wrong"],
    ]
    assert done.err.strip() == "Not marked, as they answer nothing: coursenet.yaml, key.yaml"
    assert [row[0] for row in table(check(folder, ".", "--format", "csv"))] == ["file", "bo.yaml", "eve.yaml"]


@pytest.mark.parametrize(("conventions", "points", "code"), [("right", 6.5, 0), ("half", 5.5, 1), ("wrong", 4.5, 1)])
def test_a_convention_counts_as_the_key_says(tmp_path: Path, conventions: str, points: float, code: int) -> None:
    sheet = ALL_RIGHT.replace("156", "150")
    assert score(tmp_path, f"conventions: {conventions}\n{KEY}", sheet) == (points, 6.5, code)
    assert score(tmp_path, KEY, sheet) == (6.5, 6.5, 0)


@pytest.mark.parametrize(
    ("tolerance", "given", "points"),
    [
        ("0", 2417, 0),
        ("1%", 2440, 3),
        ("0.01", 2392, 3),
        ("1%", 2441, 0),
        ("1 %", "2.391k", 0),
        ("50%", "2416 bytes", 0),
    ],
)
def test_a_tolerance(tmp_path: Path, tolerance: str, given: Any, points: float) -> None:
    key = f"network: lenet5\ntolerance: {tolerance}\nquestions: {{c3.params: 3}}\n"
    assert score(tmp_path, key, f"answers: {{c3.params: {given}}}\n")[0] == points


def test_a_shape_is_right_or_not_whatever_the_tolerance(tmp_path: Path) -> None:
    key = "network: lenet5\ntolerance: 0.5\nquestions: [s2.output]\n"
    assert score(tmp_path, key, "answers: {s2.output: 6x14x14}\n")[0] == 1
    assert score(tmp_path, key, "answers: {s2.output: 6x14x15}\n")[0] == 0


def test_without_a_key_every_sheet_is_scored_over_its_own_questions(tmp_path: Path) -> None:
    for name, answers in (("a", "c1.params: 156"), ("b", "c1.params: 156, c3.params: 2416, c5.params: 1")):
        (tmp_path / f"{name}.yaml").write_text(f"network: lenet5\nanswers: {{{answers}}}\n", encoding="utf-8")
    rows = table(check(tmp_path, ".", "--format", "csv"))
    assert [row[6:8] for row in rows[1:]] == [["1", "1"], ["2", "3"]]
    assert "1/1" in check(tmp_path, ".").out


def test_one_sheet_by_a_key(tmp_path: Path) -> None:
    (tmp_path / "key.yaml").write_text(KEY, encoding="utf-8")
    (tmp_path / "anna.yaml").write_text(ALL_RIGHT.replace("c3.params: 2416", "f6.params: 3"), encoding="utf-8")
    done = check(tmp_path, "anna.yaml", "--key", "key.yaml")
    assert done.code == 1
    assert "3.5 of 6.5 points. 1 answer was not asked for, and is not scored." in done.out
    assert re.search(r"c3\.params +– +2,416 +✗ wrong", done.out)
    assert check(tmp_path, "vgg16", "conv1_1.params=1792", "--key", "key.yaml").err.startswith("error[usage]")


def test_points_in_the_csv_of_a_sheet(tmp_path: Path) -> None:
    (tmp_path / "key.yaml").write_text(f"conventions: half\n{KEY}", encoding="utf-8")
    (tmp_path / "anna.yaml").write_text(ALL_RIGHT.replace("156", "150"), encoding="utf-8")
    head, *rows = table(check(tmp_path, "anna.yaml", "--key", "key.yaml", "--format", "csv"))
    assert head == ["ask", "given", "expected", "verdict", "diagnosis", "points", "max_points"]
    assert [(row[0], row[3], *row[5:]) for row in rows] == [
        ("c1.params", "convention", "1", "2"),
        ("c3.params", "right", "3", "3"),
        ("f6.macs", "right", "1", "1"),
        ("most_params", "right", "0.5", "0.5"),
    ]


# What a key may be


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("questions: [c1.params]", {"missing-option": "which network"}),
        ("network: lenet5", {"missing-option": "asks nothing"}),
        ("network: lenet5\nquestions: {}", {"missing-option": "asks nothing"}),
        ("network: lenet5\nquestions: 3", {"wrong-kind": "questions"}),
        ("network: lenet55\nquestions: [c1.params]", {"unknown-architecture": "lenet5"}),
        ("network: lenet5\nqestions: [c1.params]", {"unknown-key": "did you mean `questions`?"}),
        ("network: lenet5\nquestions: {c1.params: {point: 2}}", {"unknown-key": "did you mean `points`?"}),
        ("network: lenet5\nquestions: {c1.parms: 2}", {"unknown-quantity": "did you mean `params`?"}),
        ("network: lenet5\nquestions: {d1.params: 2}", {"unknown-layer-name": "d1"}),
        ("network: lenet5\nquestions: {c1.params: -2}", {"bad-points": "from 0 to 1,000"}),
        ("network: lenet5\nquestions: {c1.params: 1e9}", {"bad-points": "from 0 to 1,000"}),
        ("network: lenet5\nquestions: {c1.params: [2]}", {"bad-points": "from 0 to 1,000"}),
        ("network: lenet5\ntolerance: 2\nquestions: [c1.params]", {"bad-tolerance": "less than 1"}),
        ("network: lenet5\ntolerance: [1]\nquestions: [c1.params]", {"bad-tolerance": "less than 1"}),
        ("network: lenet5\nconventions: maybe\nquestions: [c1.params]", {"bad-conventions": "right or half or wrong"}),
        ("network: lenet5\nquestions: {c1.params: 1, 1st conv2d.params: 2}", {"duplicate-question": "c1.params"}),
        ("network: lenet5\nquestions: [c1.params]\nsheets: {a: [c3.params]}", {"key-conflict": "`sheets`"}),
        ("network: lenet5\nsheets: [c1.params]", {"wrong-kind": "names of students"}),
        ("network: key.py\nquestions: [c1.params]", {"untrusted-network": "key.py"}),
        ("", {"empty-document": "questions:"}),
        ("[1]", {"wrong-kind": "names with values"}),
        (
            "network: lenet5\ntolerance: x\nconventions: y\nset: {}\nqs: 1\nquestions: {c1.parms: 2, c3.params: x}",
            dict.fromkeys(("bad-tolerance", "bad-conventions", "unknown-key", "unknown-quantity", "bad-points"), ""),
        ),
    ],
)
def test_a_key_that_cannot_be_used(tmp_path: Path, text: str, faults: dict[str, str]) -> None:
    with pytest.raises(InputError) as caught:
        key_of(tmp_path, text)
    assert {one.code for one in caught.value.diagnostics} == set(faults)
    for fragment in faults.values():
        assert fragment in str(caught.value)
    assert all(one.help for one in caught.value.diagnostics)


def test_a_bomb_of_aliases_is_no_key(tmp_path: Path) -> None:
    levels = "\n".join(f"  l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 9))
    with pytest.raises(InputError) as caught:
        key_of(tmp_path, f"network: lenet5\nquestions:\n  l0: &l0 [c1.params]\n{levels}\n")
    assert caught.value.diagnostics[0].code == "too-large"


def test_students_with_questions_of_their_own(tmp_path: Path) -> None:
    key = "network: lenet5\nsheets:\n  anna: {c1.params: 2}\n  李雷: [c3.params, c5.params]\n  carla: {f6.macs: 1}\n"
    (tmp_path / "key.yaml").write_text(key, encoding="utf-8")
    for path, answers in (("anna.yaml", "c1.params: 156"), ("x/李雷/hw.yaml", "c3.params: 2416"), ("eva.yaml", "a: 1")):
        (tmp_path / "in" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / path).write_text(f"network: lenet5\nanswers: {{{answers}}}\n", encoding="utf-8")
    done = check(tmp_path, "in", "--key", "key.yaml", "--format", "csv")
    assert [(row[0], *row[6:8]) for row in table(done)[1:]] == [
        ("anna.yaml", "2", "2"),
        ("eva.yaml", "0", "0"),
        ("hw.yaml", "1", "2"),
    ]
    assert "error[not-in-key]: the key key.yaml has no questions for in/eva.yaml" in done.err
    assert "Nothing was handed in by carla" in done.err
    (tmp_path / "anna" / "other").mkdir(parents=True)  # who marks has the name of a student
    (tmp_path / "anna" / "other" / "eva.yaml").write_text("answers: {c1.params: 156}\n", encoding="utf-8")
    assert "error[not-in-key]" in check(tmp_path, str(tmp_path / "anna" / "other"), "--key", "key.yaml").err
    screen = check(tmp_path, "in", "--key", "key.yaml").out
    assert "The numbers are those of the questions on each student's own sheet." in screen
    assert re.search(r"^hw\.yaml +1/2 +✓ +–$", screen, re.M)
    assert re.search(r"^anna\.yaml +2/2 +✓$", screen, re.M)


def test_each_network_of_a_class_is_analyzed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    def counting(graph: Graph) -> Report:
        told.append(graph.name)
        return analyze(graph)

    monkeypatch.setattr(networks, "analyze", counting)
    own = "network: {name: own, input: [1, 8, 8], layers: [conv2d: {name: c1, out_channels: 2, kernel_size: 3}]}\n"
    for number in range(10):
        (tmp_path / f"a{number}.yaml").write_text(ALL_RIGHT, encoding="utf-8")
        (tmp_path / f"b{number}.yaml").write_text(f"{own}answers: {{c1.params: 20}}\n", encoding="utf-8")
    assert check(tmp_path, ".").code == 0
    assert sorted(told) == ["lenet5", "own"]
    told.clear()
    (tmp_path / "key.yaml").write_text(KEY, encoding="utf-8")
    assert check(tmp_path, ".", "--key", "key.yaml").code == 1
    assert told == ["lenet5"]


# Files that are handed in


def test_folders_of_folders_and_several_files(tmp_path: Path) -> None:
    for path in ("hw/anna/answers.yaml", "hw/bo/answers.yaml", "hw/bo/.git/x.yaml", "hw/__MACOSX/answers.yaml"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(ALL_RIGHT, encoding="utf-8")
    (tmp_path / "hw" / "loop").symlink_to(tmp_path / "hw", target_is_directory=True)
    rows = table(check(tmp_path, "hw", "--format", "csv"))
    assert [row[0] for row in rows[1:]] == ["anna/answers.yaml", "bo/answers.yaml"]
    several = ["hw/anna/answers.yaml", "hw/bo/answers.yaml"]
    assert [row[0] for row in table(check(tmp_path, *several, "--format", "csv"))[1:]] == [
        "anna/answers.yaml",
        "bo/answers.yaml",
    ]
    gone = check(tmp_path, "hw/anna/answers.yaml", "hw/gone.yaml", "--format", "csv")
    assert (gone.code, [row[2] for row in table(gone)[1:]]) == (2, ["4", "0"])
    assert "there is no file hw/gone.yaml" in gone.err


def test_a_folder_without_end_is_not_searched(tmp_path: Path) -> None:
    deep = tmp_path / "in" / "/".join("d" * 12)
    deep.mkdir(parents=True)
    (deep / "a.yaml").write_text(ALL_RIGHT, encoding="utf-8")
    assert "error[too-large]" in check(tmp_path, "in").err


TABLE = (
    'Name,Anna\nnetwork,lenet5\nQuestion,Answer\nc1.params,156\ns2.output,6,14,14\nc3.params,"2,416"\nmost_params,c5\n'
)


@pytest.mark.parametrize(
    "text",
    [
        TABLE,
        TABLE.replace("6,14,14", '"6x14x14"').replace("\n", "\r\n"),
        "network;lenet5\nquestion;points;your answer\nc1.params;2;156\ns2.output;1;6x14x14\n"
        'c3.params;3;"2,416"\nmost_params;1;c5\n',
        TABLE.replace('"2,416"', "2416").replace("6,14,14", "6x14x14").replace(",", "\t"),
        TABLE.replace("Anna", "李雷").replace("Name", "姓名").replace("Question,Answer", "题目,答案"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_a_csv_is_a_sheet(tmp_path: Path, text: str, encoding: str) -> None:
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    done = check(tmp_path, "a.csv", "--format", "json")
    assert done.err == ""
    assert json.loads(done.out)["score"] == {"right": 4, "wrong": 0, "convention": 0}


def test_what_is_wrong_in_a_csv_is_said_at_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "network,lenet5\nc1.params,many\nc3.parms,3\nc5.params\nc1.params,156\n", encoding="utf-8"
    )
    done = check(tmp_path, "a.csv")
    assert done.code == 2
    for place in ("a.csv:2:11", "a.csv:3:1", "a.csv:4:1"):
        assert f"--> {place}" in done.err
    (tmp_path / "b.csv").write_text('network,lenet5\nc1.params,"' + "1" * 200_000, encoding="utf-8")
    assert "error[not-csv]" in check(tmp_path, "b.csv").err


@pytest.mark.parametrize(
    "text", ["NETWORK: lenet5\nAnswers: {c1.params: 156}", "Network：lenet5\nANSWERS：\n  C1.Params：156"]
)
def test_keys_of_a_sheet_in_any_case(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    assert check(tmp_path, "a.yaml").code == 0
    (tmp_path / "b.yaml").write_text(f"{text}\nnetwork: vgg16\n", encoding="utf-8")
    assert "error[unknown-key]" in check(tmp_path, "b.yaml").err


# Commas


@pytest.mark.parametrize(
    ("text", "one", "other"),
    [("1,792E+03", "1,792", "1,792,000"), ("3,84E+02", "384", "38,400"), ("1,792x10^3", "1,792", "1,792,000")],
)
def test_a_comma_with_a_power_of_ten_may_be_two_numbers(tmp_path: Path, text: str, one: str, other: str) -> None:
    done = check(tmp_path, "vgg16", f"conv1_1.params={text}")
    assert done.code == 2
    assert "error[bad-answer]" in done.err
    assert one in done.err
    assert other in done.err


def test_a_sheet_settles_its_commas(tmp_path: Path) -> None:
    answers = "c1.params: '1,56E+02', total.params: '6,1706E+04', c3.params: '2,416E+03', s2.output: '6,14,14'"
    (tmp_path / "a.yaml").write_text(f"network: lenet5\nanswers: {{{answers}}}\n", encoding="utf-8")
    found = json.loads(check(tmp_path, "a.yaml", "--format", "json").out)["answers"]
    assert [(one["given"], one["verdict"]) for one in found] == [
        ("1,56E+02", "right"),
        ("6,1706E+04", "right"),
        ("2,416E+03", "right"),
        ("6,14,14", "right"),
    ]


# Feedback and analysis


def class_of_three(folder: Path) -> None:
    (folder / "key.yaml").write_text(f"conventions: half\n{KEY}", encoding="utf-8")
    (folder / "in").mkdir()
    for name, sheet in (
        ("anna", ALL_RIGHT),
        ("bo", ALL_RIGHT.replace("156", "150").replace("2416", "416")),
        ("eva", ALL_RIGHT.replace("2416", "416").replace("f6.macs: 10080", "f6.macs: many")),
    ):
        (folder / "in" / f"{name}.yaml").write_text(sheet, encoding="utf-8")


def test_feedback_for_every_student(tmp_path: Path) -> None:
    class_of_three(tmp_path)
    done = check(tmp_path, "in", "--key", "key.yaml", "--feedback", "back", "-o", "grades.csv")
    assert (done.code, done.out) == (2, "")
    assert "Feedback for 3 sheets is in back." in done.err
    assert sorted(os.listdir(tmp_path / "back")) == ["anna.md", "bo.md", "eva.md"]
    rows = list(csv.reader(StringIO((tmp_path / "grades.csv").read_text(encoding="utf-8"))))
    assert [(row[0], *row[6:8]) for row in rows[1:]] == [
        ("anna.yaml", "6.5", "6.5"),
        ("bo.yaml", "2.5", "6.5"),
        ("eva.yaml", "2.5", "6.5"),
    ]
    texts = {path.stem: path.read_text(encoding="utf-8") for path in (tmp_path / "back").iterdir()}
    assert "6.5 of 6.5 points." in texts["anna"]
    assert "weights alone, without biases" in texts["bo"]
    assert "just one" in texts["eva"]
    assert "**Could not be read**\n\n- line 2: `many` is not a number" in texts["eva"]
    again = check(tmp_path, "in", "--key", "key.yaml", "--feedback", "back", "--hide-answers")
    assert again.code == 2
    assert "2,416" not in (tmp_path / "back" / "bo.md").read_text(encoding="utf-8")


def test_a_link_in_the_folder_of_feedback_is_not_followed(tmp_path: Path) -> None:
    class_of_three(tmp_path)
    (tmp_path / "back").mkdir()
    (tmp_path / "back" / "bo.md").symlink_to(tmp_path / "precious")
    done = check(tmp_path, "in", "--key", "key.yaml", "--feedback", "back")
    assert "error[file-exists]: back/bo.md" in done.err
    assert sorted(os.listdir(tmp_path / "back")) == ["bo.md"]
    assert not (tmp_path / "precious").exists()
    assert "error[cannot-write]" in check(tmp_path, "in", "--feedback", "no/where").err


def test_which_mistakes_a_class_made(tmp_path: Path) -> None:
    class_of_three(tmp_path)
    items = json.loads(check(tmp_path, "in", "--key", "key.yaml", "--items", "--format", "json").out)
    by_ask = {one["ask"]: one for one in items}
    assert list(by_ask) == ["c1.params", "c3.params", "f6.macs", "most_params"]
    counts = {
        ask: [one[name] for name in ("asked", "right", "convention", "wrong", "missing")] for ask, one in by_ask.items()
    }
    assert counts == {
        "c1.params": [3, 2, 1, 0, 0],
        "c3.params": [3, 1, 0, 2, 0],
        "f6.macs": [3, 2, 0, 0, 1],
        "most_params": [3, 3, 0, 0, 0],
    }
    (slip,) = by_ask["c3.params"]["frequent"]
    assert (slip["times"], slip["given"], slip["verdict"]) == (2, "416", "wrong")
    assert slip["mistake"]
    assert "just one" in slip["sentence"]
    screen = check(tmp_path, "in", "--key", "key.yaml", "--items").out
    assert re.search(r"^c3\.params +1/3 +2$", screen, re.M)
    assert "✗ 2 × 416: Every filter spans all 6 channels" in screen
    for format in ("csv", "markdown", "latex"):
        assert "c3.params" in check(tmp_path, "in", "--key", "key.yaml", "--items", "--format", format).out
    hidden = check(tmp_path, "in", "--key", "key.yaml", "--items", "--hide-answers").out
    assert "2,416" not in hidden


# Sheets for students


def quiz(folder: Path, *arguments: str) -> Written:
    return inside(["quiz", *arguments], folder)


@pytest.fixture
def names(tmp_path: Path) -> Path:
    (tmp_path / "names.txt").write_text("Anna Smith\n\n李雷\n  ../../etc/passwd\nBo\u202e x\n", encoding="utf-8")
    return tmp_path


def test_a_sheet_for_every_student_and_one_key(names: Path) -> None:
    asked = ["lenet5", "--students", "names.txt", "--n", "5", "--difficulty", "3", "--points", "1,2,3", "-o", "quiz/"]
    done = quiz(names, *asked)
    assert (done.code, done.out) == (0, "")
    assert done.err == "Sheets for 4 students are in quiz/, and their key is quiz-key.yaml.\n"
    files = ["Anna_Smith", "Bo_x", "etc_passwd", "李雷"]
    assert sorted(os.listdir(names / "quiz")) == sorted(
        f"{name}.{ending}" for name in files for ending in ("md", "yaml")
    )
    key = yaml.safe_load((names / "quiz-key.yaml").read_text(encoding="utf-8"))
    assert set(key["sheets"]) == set(files)
    blank = {name: yaml.safe_load((names / "quiz" / f"{name}.yaml").read_text(encoding="utf-8")) for name in files}
    sheets = {name: {*(one.get("answers") or {}), *(one.get("claims") or {})} for name, one in blank.items()}
    assert {name: set(asked) for name, asked in key["sheets"].items()} == sheets
    assert len({frozenset(one) for one in sheets.values()}) == 4
    assert "Name: **Anna Smith**" in (names / "quiz" / "Anna_Smith.md").read_text(encoding="utf-8")
    first = check(names, "quiz", "--key", "quiz-key.yaml", "--format", "json")
    assert [one["points"] for one in json.loads(first.out)] == [0] * 4
    key_text = (names / "quiz-key.yaml").read_text(encoding="utf-8")
    right = dict(re.findall(r"^    (\S+): \S+  # (\S+)$", key_text, re.M))  # beside the questions
    for name in files:
        path = names / "quiz" / f"{name}.yaml"
        lines = path.read_text(encoding="utf-8").splitlines()
        filled = [f"{line} {right[line.strip(' :')]}" if line.startswith("  ") else line for line in lines]
        path.write_text("\n".join(filled), encoding="utf-8")
    full = check(names, "quiz", "--key", "quiz-key.yaml", "--format", "json")
    assert (full.code, full.err) == (0, "")
    assert all(one["points"] == one["max_points"] > 5 for one in json.loads(full.out))
    again = quiz(names, *asked)
    assert (again.code, "error[file-exists]" in again.err) == (2, True)  # the answers of students stay


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Anna\nanna\n", "duplicate-name"),
        ("a/b\na:b\n", "duplicate-name"),
        ("...\n", "bad-name"),
        ("x" * 10_000, "bad-name"),
        ("\n \n", "no-students"),
        ("\n".join(map(str, range(1_001))), "too-large"),
    ],
)
def test_names_that_make_no_files(tmp_path: Path, text: str, code: str) -> None:
    (tmp_path / "names.txt").write_text(text, encoding="utf-8")
    done = quiz(tmp_path, "lenet5", "--students", "names.txt", "-o", "quiz")
    assert done.err.startswith(f"error[{code}]")
    assert os.listdir(tmp_path) == ["names.txt"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("--students 3", "missing-option"),
        ("--students 0 -o quiz", "bad-count"),
        ("--students 1001 -o quiz", "bad-count"),
        ("--students 99999999999999 -o quiz", "bad-count"),
        ("--students gone.txt -o quiz", "cannot-read"),
        ("--students 3 -o quiz --answers a.yaml", "usage"),
        ("--students 3 -o no/where", "cannot-write"),
        ("--students 3 -o quiz --key no/where.yaml", "cannot-write"),
        ("--students 900 -o quiz --n 30 --difficulty 3", "too-large"),
        ("--topics params,totl", "unknown-topic"),
        ("--points 1,2", "bad-points"),
        ("--points x", "bad-points"),
        ("--key=", "cannot-write"),
        ("--key a.md -o a.md", "same-file"),
        ("--format latex -o a.md", "wrong-ending"),
    ],
)
def test_what_cannot_be_made_leaves_nothing_behind(tmp_path: Path, arguments: str, code: str) -> None:
    done = quiz(tmp_path, "vgg16", *arguments.split())
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error[{code}]")
    assert os.listdir(tmp_path) == []


def test_topics_and_a_key_for_all(tmp_path: Path) -> None:
    done = quiz(tmp_path, "vgg16", "--topics", "receptive_field,forgotten", "--n", "6", "--key", "key.yaml")
    asked = re.findall(r"^### \d+\. `(.+?)`", done.out, re.M)
    kinds = {"receptive_field" if ask.endswith(".receptive_field") else ask.rpartition(" ")[2] for ask in asked}
    assert kinds == {"receptive_field", "forgets"}
    key = yaml.safe_load((tmp_path / "key.yaml").read_text(encoding="utf-8"))
    assert (list(key["questions"]), set(key["questions"].values())) == (asked, {1})
    (tmp_path / "anna.yaml").write_text(re.findall(r"```yaml\n(.*?)```", done.out, re.S)[0], encoding="utf-8")
    (one,) = json.loads(f"[{check(tmp_path, 'anna.yaml', '--key', 'key.yaml', '--format', 'json').out}]")
    assert (one["points"], one["max_points"]) == (0, 6)


# Diagnoses that are asked for


@pytest.mark.parametrize(
    ("ask", "answer", "verdict"),
    [
        ("conv1_1.params=1728 forgets", "bias", "right"),
        ("conv1_1.params=1,728 forgets", "the bias.", "right"),
        ("conv1_1.params=1728 forgets", "偏置", "right"),
        ("conv1_1.params=1728 forgets", "padding", "wrong"),
        ("conv1_1.params=1728 forgets", "", "wrong"),
        ("conv1_1.output=64x222x222 forgets", "padding", "right"),
        ("pool1.output=64x223x223 forgets", "stride", "right"),
        ("conv1_1.params=1729 forgets", "bias", "bad-claim"),
        ("conv1_1.params=1728 forgets", "everything", "bad-answer"),
    ],
)
def test_what_was_forgotten(tmp_path: Path, ask: str, answer: str, verdict: str) -> None:
    (tmp_path / "a.yaml").write_text(f'network: vgg16\nanswers: {{"{ask}": "{answer}"}}\n', encoding="utf-8")
    done = check(tmp_path, "a.yaml", "--format", "json")
    found = json.loads(done.out)
    told = [one["verdict"] for one in found["claims"]] + [one["code"] for one in found["errors"]]
    assert told == [verdict]


def test_what_comes_out_without_an_option() -> None:
    # worked by hand: ⌊(224 + 0 − 3) / 1⌋ + 1 = 222; 3·3·3·64 = 1,728
    subject = Subject(Networks().load("vgg16"))
    assert values_without(subject.question("conv1_1.output")) == {"padding": (64, 222, 222)}
    assert values_without(subject.question("conv1_1.params")) == {"bias": 1728}
    mobile = Subject(Networks().load("mobilenet_v2"))
    depthwise = mobile.question("features.2.conv.1.0.params")  # 96 filters of 3×3, each on one of 96 channels
    assert values_without(depthwise) == {"groups": 96 * 96 * 9}
    assert values_without(Subject(Networks().load("resnet18")).question("layer1.0.add.output")) == {}
    assert load("vgg16").nodes  # the network itself stays as it is
