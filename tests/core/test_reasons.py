"""Why a file cannot be read or written: our own sentences, and another's only in quotes."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from cnncalc.core.os_errors import OF_READERS, REASONS, reader_reason, system_reason
from cnncalc.core.translation import use_language
from tests.support.command import cnncalc


@pytest.mark.parametrize("name", REASONS)
def test_errors_of_the_system(name: str) -> None:
    number = getattr(errno, name)
    error = OSError(number, os.strerror(number))
    assert f"{system_reason(error)}" == REASONS[name]
    with use_language("zh"):
        assert not f"{system_reason(error)}".isascii()


def test_an_error_that_is_not_known() -> None:
    assert system_reason(OSError(errno.EPROTO, "Protocol\n error")) == "“Protocol error”"
    assert system_reason(OSError("no number")) == "“no number”"
    assert system_reason(ValueError("Python's own, before it asks the system")) == "no file can have this name"


def test_errors_of_readers() -> None:
    for part, known in OF_READERS:
        assert reader_reason(ValueError(f"oh: {part}\nmore")) in {reason for _, reason in OF_READERS}
        assert known != part
    assert reader_reason(ValueError("all is lost\nmore")) == "“all is lost”"
    assert reader_reason(KeyError()) == "“KeyError”"


@pytest.mark.parametrize(
    ("arguments", "sentences"),
    [
        ("summarize models.yaml", ["无法读取 models.yaml", "这是一个文件夹"]),
        ("summarize good.yaml/a.yaml", ["good.yaml/a.yaml", "不是文件夹"]),
        ("summarize lenet5 --output gone/a.txt", ["无法写入 gone/a.txt", "所在的文件夹不存在"]),
        ("summarize lenet5 --output models.yaml", ["无法写入 models.yaml", "这是一个文件夹"]),
    ],
)
def test_in_chinese(tmp_path: Path, arguments: str, sentences: list[str]) -> None:
    (tmp_path / "models.yaml").mkdir()
    (tmp_path / "good.yaml").write_text("input: [3, 8, 8]\nlayers: [relu]\n", encoding="utf-8")
    done = cnncalc("--lang", "zh", *arguments.split(), folder=tmp_path)
    assert done.code == 2
    assert [sentence for sentence in sentences if sentence not in done.err] == []
