"""What editors complete is what there is: the stub follows from the catalogue, and mypy reads it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cnncalc.layers.catalogue import ADDRESSES
from tests.support.command import SOURCES
from tests.support.stubs import STUB, written


def test_the_stub_is_that_of_the_catalogue(pytestconfig: pytest.Config) -> None:
    text = written()
    assert [name for name in ADDRESSES if f"    def {name}(" not in text] == []
    if pytestconfig.getoption("--regenerate-golden"):
        STUB.write_text(text, encoding="utf-8")
    assert STUB.read_text(encoding="utf-8") == text


PROGRAM = """\
from cnncalc import InputError, Network, analyze, from_text, load, run

net = Network("tiny", input=(3, 32, 32))
stem: str = net.conv2d(16, 3, padding="same", name="stem")
net.max_pool2d(3, 2)
net.conv2d(16, [3, 1], padding=[1, 0])
net.conv2d(out_channels=16, kernel_size=(1, 1), stride=1, from_=[stem])
with net.group("head"):
    net.adaptive_avg_pool2d((1, None))
    net.linear(10, bias=False)
    net.leaky_relu(0.2, True)
try:
    graph = load("net.yaml", params={"width": 0.5, "deep": True, "blocks": [1, 2]})
except InputError as error:
    print(str(error), error.diagnostics)
report = analyze(net.build())
print(report, report.totals().macs, from_text("").name, run(report.graph, report)[stem])

net.con2d(16, 3)  # type: ignore[attr-defined]
net.conv2d(16)  # type: ignore[call-arg]
net.conv2d(16, 3, 2)  # type: ignore[call-arg]
net.conv2d(16, 3, paddin=2)  # type: ignore[call-arg]
net.conv2d("16", 3)  # type: ignore[arg-type]
net.pad(1, mode="mirror")  # type: ignore[arg-type]
net.max_pool2d(2, ceil_mode="coffee")  # type: ignore[arg-type]
"""
"""Every line of mypy's that is not expected fails, and so does every expected one that does not come."""


@pytest.mark.slow
def test_mypy_understands_a_program(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(PROGRAM, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "net.py"],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        env={"MYPYPATH": str(SOURCES), "PATH": ""},
        text=True,
    )
    assert done.stdout == "Success: no issues found in 1 source file\n", done.stdout + done.stderr
