"""A run that takes long says at which layer it is, and is left at once."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import weakref
from io import StringIO
from pathlib import Path
from threading import Event

import pytest
from rich.console import Console

from cnncalc.analysis.infer import analyze
from cnncalc.display import progress as bars
from cnncalc.execution.engine.workers import Workers
from cnncalc.execution.verify.measure import verify
from cnncalc.language.load import from_text
from tests.support.command import environment

LAYERS = {
    "conv": "conv2d: {name: slow, out_channels: 64, kernel_size: 61}",  # 2·10¹² multiply-adds
    "transposed": "conv_transpose2d: {name: slow, out_channels: 32, kernel_size: 61, stride: 2}",
    "attention": "conv2d: {out_channels: 3, kernel_size: 1}\n  - flatten: {start_dim: 1}\n"
    "  - permute: {dims: [1, 0]}\n  - multi_head_attention: {name: slow, num_heads: 1}",
}
"""Each takes far longer than the test waits."""

AT_ONCE = 1.5
"""Seconds, most of which an interpreter takes to end on a machine with other things to do."""


@pytest.mark.skipif(os.name != "posix", reason="needs a terminal")
@pytest.mark.parametrize("command", ["run", "verify"])
@pytest.mark.parametrize("layer", LAYERS)
def test_a_slow_layer_is_named_and_left_by_ctrl_c(tmp_path: Path, layer: str, command: str) -> None:
    import pty

    text = f"name: slow_network\ninput: [3, 760, 760]\nlayers:\n  - {LAYERS[layer]}\n"
    (tmp_path / "slow.yaml").write_text(text, encoding="utf-8")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "cnncalc", command, "slow.yaml"],
        cwd=tmp_path,
        env=environment(TERM="xterm", COLUMNS="100"),
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    shown = ""
    try:
        while "Running · slow" not in shown or " % " not in shown:  # until it runs
            shown += os.read(ours, 4096).decode(errors="replace")
        time.sleep(0.7)
        assert process.poll() is None
        assert shown.index("Drawing weights") < shown.index("Running")
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 130
        assert time.monotonic() - begun < AT_ONCE
    finally:
        process.kill()
        os.close(ours)
        os.close(theirs)


def test_other_threads_begin_no_block_after_one_has_failed() -> None:
    begun: list[int] = []
    entered = Event()

    def work(part: slice) -> None:
        begun.append(part.start)
        if len(begun) == 1:
            entered.wait(10)
            raise MemoryError
        entered.set()
        time.sleep(0.01)

    with Workers(2) as workers, pytest.raises(MemoryError):
        workers.map_blocks(1000, 1 << 16, work, 1 << 16)
    assert len(begun) < 10


def test_a_worker_lets_go_of_what_it_worked_on() -> None:
    class Data:
        pass

    data = Data()
    gone = weakref.ref(data)

    def work(part: slice, data: Data = data) -> None:
        time.sleep(0.01)

    with Workers(2) as workers:
        workers.map_blocks(4, 1 << 20, work)
        del work, data
        assert gone() is None


SWALLOWING = """
import time
from cnncalc import __main__
from cnncalc.exporters import values

def values_json(name, outputs, warnings):  # as some loops of NumPy do with what is raised in them
    try:
        print("begun", flush=True)
        while True:
            time.sleep(0.01)
    except KeyboardInterrupt:
        print("swallowed", flush=True)
    time.sleep(60)

values.values_json = values_json
__main__.main()
"""


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_an_interrupt_that_is_swallowed_comes_again(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text("input: [3, 9, 9]\nlayers: [relu]\n", encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-c", SWALLOWING, "run", "net.yaml", "--format", "json"],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "swallowed\n", "")


def test_a_bar_says_its_phase_and_begins_again_with_each(monkeypatch: pytest.MonkeyPatch) -> None:
    for last in ("Drawing", "Running", "Following"):
        screen = Console(file=StringIO(), force_terminal=True, width=100)
        monkeypatch.setattr(bars, "console", lambda stderr, screen=screen: screen)
        with bars.progress("Drawing", 4, {"conv": 8}) as bar:
            for phase, names in (("Running", ("conv", "fc", "relu")), ("Following", ("conv",))):
                for name in names if last != "Drawing" else ():
                    bar.during(phase)(name)
                if phase == last:
                    break
        shown = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", screen.file.getvalue())  # type: ignore[attr-defined]
        expected = {"Drawing": "Drawing.*0/?", "Running": "Running · relu.*3/4", "Following": "Following · conv.*1/4"}
        assert re.search(expected[last], shown), shown


def test_every_layer_is_named_when_it_runs_and_when_its_field_is_followed() -> None:
    report = analyze(from_text("input: [3, 9, 9]\nlayers:\n  - conv2d: {out_channels: 2, kernel_size: 3}\n  - relu\n"))
    ran: list[str] = []
    followed: list[tuple[int, str]] = []
    verify(
        report,
        progress=lambda path, tally: ran.append(path),
        following=lambda path: followed.append((len(ran), path)),
    )
    paths = [row.path for row in report.rows]
    assert ran == paths
    assert followed == [(len(paths), path) for path in paths]  # after all have run
