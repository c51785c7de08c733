"""Sheets as people type and save them: what can be understood is marked, and what cannot leaves the rest alone."""

from __future__ import annotations

import csv
import os
from io import StringIO
from pathlib import Path

import pytest

from cnncalc import InputError, from_text
from cnncalc.core.errors import Source
from cnncalc.homework.marking import MarkedSheet, mark_sheet
from cnncalc.homework.questions import Verdict
from cnncalc.homework.reading.sheet import Networks, read_file, read_sheet
from tests.support.command import cnncalc

SHEET = "network: vgg16\nanswers:\n  conv1_1.params: 1792\n"


def marked(text: str) -> MarkedSheet:
    return mark_sheet(read_sheet(Source("<text>", text), Networks()))


def right(done: MarkedSheet) -> list[str]:
    """What was marked, all of it right."""
    asked = [(one.question.ask, one.verdict) for one in done.marks] + [(one.claim, one.verdict) for one in done.claims]
    assert {verdict for _, verdict in asked} <= {Verdict.RIGHT}
    return [ask for ask, _ in asked]


@pytest.mark.parametrize(
    "text",
    [
        "network：vgg16\nanswers：\n  conv1_1.params：1，792\nclaims：\n  - 参数最多：fc6\n",
        "network:vgg16\nanswers:\n  conv1_1.params:1792\nclaims:\n  - most_params:fc6\n",
        "network: vgg16\nanswers:\n\tconv1_1.params: 1792\nclaims:\n\t- most_params: fc6\n",
        "network: vgg16\nanswers:\n　　conv1_1.params: 1792\nclaims:\n　　- most_params: fc6\n",
        "network: vgg16\r\nanswers:\r\n  conv1_1.params: 1792\r\nclaims: [fc6 has the most parameters]\r\n",
        "姓名：李雷\n学号：1\nnetwork: vgg16\nanswers: {第1个卷积层的参数量: 1792}\nclaims: [fc6 参数最多]\n",
        "name: Ada\ndate: 2026-01-01\nnetwork: vgg16\nanswers: [conv1_1.params = 1792, fc6 has the most parameters]\n",
    ],
)
def test_what_a_keyboard_does_is_understood(text: str) -> None:
    done = marked(text)
    assert not done.problems, str(InputError(done.problems))
    assert len(right(done)) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "sheet.yaml"
    path.write_bytes(f"# 作业：李雷\n{SHEET}  第2个卷积层.参数量: 36928\n".encode(encoding))
    done = mark_sheet(read_file(str(path), Networks()))
    assert not done.problems, str(InputError(done.problems))
    assert right(done) == ["conv1_1.params", "第2个卷积层.参数量"]


@pytest.mark.parametrize("content", [bytes(range(256)) * 3, b"\xd7\xf7", b"\xff\xfe\x00", "作业".encode("utf-16")])
def test_what_is_no_text_is_no_sheet(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "sheet.yaml"
    path.write_bytes(content)
    (problem,) = mark_sheet(read_file(str(path), Networks())).problems
    assert problem.code == "not-text"


@pytest.mark.parametrize(
    "tagged", ["!!str 1792", "!!int 1792", "!!float 1792", "!!str '1792'", '!!int "1792"', "! 1792", "!!float 1.792e3"]
)
def test_tags_of_yaml_itself_are_read(tagged: str) -> None:
    done = marked(f"network: !!str vgg16\nanswers: !!map\n  !!str conv1_1.params: {tagged}\n")
    assert not done.problems, str(InputError(done.problems))
    assert right(done) == ["conv1_1.params"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("conv1_2.params: !!python/object/apply:os.system [ls]", "unknown-tag"),
        ("conv1_2.params: !!python/tuple [1, 2]", "unknown-tag"),
        ("conv1_2.params: !mine 3", "unknown-tag"),
        ("!mine conv1_2.params: 3", "unknown-tag"),
        ("conv1_2.params: !mine {a: !mine {b: 1}}", "unknown-tag"),
        ("conv1_2.params: *3", "unknown-anchor"),
        ("conv1_2.params: *n", "unknown-anchor"),
        ("[conv1_2, params]: 3", "not-a-name"),
        ("conv1_2.params: [64, 224", "not-yaml"),
        ("conv1_2.params: '64", "not-yaml"),
        ("conv1_2.params: 3: 4", "not-yaml"),
        ("conv1_2.params: @3", "not-yaml"),
        ("conv1_2.params: `3`", "not-yaml"),
        ("- conv1_2.params", "not-yaml"),
        ("conv1_2.params: .nan", "bad-answer"),
        ("conv1_2.params: -.inf", "bad-answer"),
        ("conv1_2.params: 1e999", "bad-answer"),
        ("conv1_2.params: 2026-01-01", "bad-answer"),
        ("conv1_2.params: 1:30", "bad-answer"),
        ("conv1_2.params: yes", "bad-answer"),
        ("conv1_2.params: [1, [2, 3]]", "wrong-kind"),
        ("conv1_2.params: {a: {b: 3}}", "wrong-kind"),
        ("12: 3", "unknown-quantity"),
        ("2026-01-01: 3", "unknown-quantity"),
        ("~: 3", "unknown-quantity"),
    ],
)
def test_one_line_that_is_wrong_leaves_the_rest(line: str, code: str) -> None:
    done = marked(f"{SHEET}  {line}\n  pool5.output: 7x7x512\nclaims:\n  - most_params: fc6\n")
    assert right(done) == ["conv1_1.params", "pool5.output", "most_params"]
    assert {one.code for one in done.problems} == {code}
    for one in done.problems:
        assert one.help
        assert one.span is not None
        assert one.span.line in (4, 5)
    assert done.exit_code == 2


def test_several_lines_that_are_no_yaml() -> None:
    done = marked(f"{SHEET}  a.output: [64, 224\n  b.params: '3\n  c.params: 3: 4\n  pool5.output: 7x7x512\n  - [\n")
    assert right(done) == ["conv1_1.params", "pool5.output"]
    assert [one.code for one in done.problems] == ["not-yaml"] * 4


@pytest.mark.parametrize(
    "text", ["network: [\nanswers: {a.params: 1}", "{network: vgg16, answers: {a.params: 1", "\t[:"]
)
def test_what_holds_the_rest_has_to_be_yaml(text: str) -> None:
    done = marked(text)
    assert (done.marks, [one.code for one in done.problems]) == ((), ["not-yaml"])


def test_octal_numbers_are_decimal() -> None:
    done = marked("network: vgg16\nanswers: {conv1_1.channels: 064, conv1_1.size: '0224'}")
    assert right(done) == ["conv1_1.channels", "conv1_1.size"]


def test_a_network_that_is_named_twice_is_none() -> None:
    done = marked(f"network: alexnet\n{SHEET}")
    assert [one.code for one in done.problems] == ["duplicate-key"]
    assert done.network is None


def test_a_sheet_is_one_document_and_the_first_is_marked() -> None:
    done = marked(f"{SHEET}---\n{SHEET}")
    assert right(done) == ["conv1_1.params"]
    assert [one.code for one in done.problems] == ["not-yaml"]


def test_a_text_of_another_kind_is_told_once() -> None:
    done = marked("".join(f"user{number}:x:{number}:/home\n" for number in range(30)))
    assert [one.code for one in done.problems] == ["wrong-kind"]


# Folders


def test_a_folder_with_odd_files(tmp_path: Path) -> None:
    for name in ("a.yaml", "a.yml", "B.YAML", "=cmd.yaml", ".hidden.yaml", "._a.yaml"):
        (tmp_path / name).write_text(SHEET)
    (tmp_path / "empty.yaml").write_text("")
    (tmp_path / "binary.yaml").write_bytes(bytes(range(256)))
    for name in ("notes.txt", "sheet.yaml.txt", ".DS_Store"):
        (tmp_path / name).write_text("x")
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "linked.yaml").symlink_to("a.yaml")
    (tmp_path / "nowhere.yaml").symlink_to("gone.yaml")
    os.mkfifo(tmp_path / "pipe.yaml")
    os.mkfifo(tmp_path / "pipe")
    done = cnncalc("check", tmp_path, "--format", "csv")
    rows = {row[0]: row[2:] for row in list(csv.reader(StringIO(done.out)))[1:]}
    assert done.code == 2
    good, bad = ["1", "0", "0", "0", "1", "1", "right"], ["0", "0", "0", "1", "0", "0", ""]
    assert rows == {
        **dict.fromkeys(("'=cmd.yaml", "B.YAML", "a.yaml", "a.yml", "linked.yaml"), good),
        **dict.fromkeys(("binary.yaml", "empty.yaml", "folder.yaml", "nowhere.yaml", "pipe.yaml"), bad),
    }
    assert "Not marked, as no .yaml or .csv files: notes.txt, pipe, sheet.yaml.txt\n" in done.err


def test_a_folder_of_a_thousand_sheets(tmp_path: Path) -> None:
    for number in range(1000):
        (tmp_path / f"{number:04}.yaml").write_text(f"{SHEET}claims: [fc6 has the most parameters]\n")
    done = cnncalc("check", tmp_path, "--format", "csv")
    assert (done.code, done.err) == (0, "")
    assert done.out.count(",2,0,0,0,2,2,right,right\n") == 1000
    (tmp_path / "one_more.yaml").write_text(SHEET)
    assert "error[too-large]" in cnncalc("check", tmp_path).err


def test_tags_of_yaml_itself_are_read_in_descriptions() -> None:
    graph = from_text("input: !!seq [!!int 3, 9, 8]\nlayers: [conv2d: !!map {out_channels: !!int '4', kernel_size: 3}]")
    assert graph.nodes[0].layer.out_channels == 4
    with pytest.raises(InputError) as caught:
        from_text("name: !mine x\ninput: [3, 9, 8]\nlayers: [conv2d: !other {out_channels: 4}, relu]")
    assert [one.code for one in caught.value.diagnostics] == ["unknown-tag"] * 2


# Keys in capitals, and commas


def test_keys_of_a_sheet_in_any_letter_case() -> None:
    done = marked(
        "Network: vgg16\nINPUT: [3, 224, 224]\nANSWERS:\n  Conv1_1.PARAMS: 1792\nClaims: [Most_Params: FC6]\n"
    )
    assert not done.problems, str(InputError(done.problems))
    assert right(done) == ["Conv1_1.PARAMS", "Most_Params"]
    twice = marked("Network: alexnet\nnetwork: vgg16\nanswers: {conv1_1.params: 1792}\n")
    assert [one.code for one in twice.problems] == ["unknown-key"]


@pytest.mark.parametrize(
    ("number", "first", "second"),
    [
        ("1,792E+03", "1,792", "1,792,000"),
        ("3,84E+02", "384", "38,400"),
        ("1,792 × 10^3", "1,792", "1,792,000"),
        ("17,92e2", "1,792", "179,200"),
    ],
)
def test_a_comma_before_a_power_of_ten_has_two_readings(number: str, first: str, second: str) -> None:
    done = marked(f'network: vgg16\nanswers: {{conv1_1.params: "{number}", pool5.output: "7,7,512"}}\n')
    (problem,) = done.problems
    assert problem.code == "bad-answer"
    assert f"`{number}` has two readings: {first} with a decimal comma, {second} without" in str(problem)
    assert f"write `{first}` or `{second}`" in str(problem)
    (one,) = done.marks
    assert one.verdict is Verdict.RIGHT


@pytest.mark.parametrize(
    ("other", "verdict"),
    [
        ("total.macs: '15,5 G'", Verdict.RIGHT),
        ("total.params: '138.357.544'", Verdict.RIGHT),
        ("total.macs: 15.5 G", Verdict.WRONG),  # a point before decimals: the comma groups
        ("total.params: '138,357,544'", Verdict.WRONG),
        ("conv1_2.params: '36,928'", None),  # either
        ("conv1_2.params: '3,69E+04'", None),  # as open as this one
        ("total.macs: '15,5 G', total.flops: 30.9 G", None),  # they contradict
        ("pool5.output: '7,7,512'", None),  # commas of a shape
    ],
)
def test_other_numbers_of_a_sheet_tell_what_a_comma_is(other: str, verdict: Verdict | None) -> None:
    done = marked(f'network: vgg16\nanswers: {{conv1_1.params: "1,792E+03", {other}}}\n')
    found = [one.verdict for one in done.marks if one.question.ask == "conv1_1.params"]
    assert found == ([] if verdict is None else [verdict])


def test_a_decimal_comma_makes_no_fraction_of_a_count() -> None:
    done = marked("network: vgg16\nanswers: {conv1_1.params: '1,792', total.macs: '15,5 G', total.params: '138,4 M'}\n")
    assert not done.problems
    assert len(right(done)) == 3
