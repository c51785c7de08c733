"""Where output goes: files that appear whole or not at all and destroy nothing, pipes, full disks, odd terminals."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cnncalc.cli import emit
from cnncalc.core.errors import InputError
from cnncalc.execution.inputs.files import archive_bytes
from tests.support.command import HANGS_AFTER, Finished, cnncalc, environment, objects

GOOD = """\
name: good
input: [3, 12, 10]
params: {width: 8}
layers:
  - conv2d: {name: stem, out_channels: width, kernel_size: 3}
  - relu
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.yaml").write_text(GOOD, encoding="utf-8")
    return tmp_path


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# Files

COMMANDS = ["summarize good.yaml", "summarize good.yaml --format json", "compare good.yaml", "schema", "show vgg16"]


@pytest.mark.parametrize("command", [*COMMANDS, "layer relu --input 3x9x8"])
def test_output_file_is_what_the_screen_shows(folder: Path, command: str) -> None:
    shown = cnncalc(*command.split(), folder=folder)
    assert (shown.code, shown.err) == (0, "")
    done = cnncalc(*command.split(), "--output", "out.txt", folder=folder)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert (folder / "out.txt").read_text(encoding="utf-8") == shown.out
    assert sorted(path.name for path in folder.iterdir()) == ["good.yaml", "out.txt"]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "target", [".", "gone/out.txt", "good.yaml/out.txt", "/dev/full", "x" * 300, "locked/out.txt", "link/out.txt"]
)
def test_output_that_cannot_be_written(folder: Path, command: str, target: str) -> None:
    locked = folder / "locked"
    if os.geteuid() == 0:
        locked.symlink_to("/proc")  # root may write everywhere, but not there
    else:
        locked.mkdir(mode=0o500)
    (folder / "link").symlink_to(folder / "nowhere")
    before = sorted(path.name for path in folder.iterdir())
    objects(cnncalc(*command.split(), "--output", target, folder=folder), "cannot-write", "cannot write")
    assert sorted(path.name for path in folder.iterdir()) == before
    assert (folder / "good.yaml").read_text(encoding="utf-8") == GOOD


def test_output_without_a_name() -> None:
    objects(cnncalc("schema", "--output", ""), "cannot-write", "--output names no file")


def test_a_failed_command_leaves_the_old_file_alone(folder: Path) -> None:
    (folder / "out.json").write_text("old", encoding="utf-8")
    objects(
        cnncalc("summarize", "good.yaml", "--set", "width=0", "--output", "out.json", folder=folder), "wrong-option"
    )
    assert (folder / "out.json").read_text(encoding="utf-8") == "old"


def test_output_through_a_link_keeps_the_link(folder: Path) -> None:
    (folder / "real.txt").write_text("old", encoding="utf-8")
    (folder / "link.txt").symlink_to("real.txt")
    assert cnncalc("schema", "--output", "link.txt", folder=folder).code == 0
    assert (folder / "link.txt").is_symlink()
    json.loads((folder / "real.txt").read_text(encoding="utf-8"))


WRITING = ["list", "layers", "schema", "summarize vgg16", "summarize vgg16 --format json", "compare alexnet", "--help"]


@pytest.mark.parametrize("command", WRITING)
def test_closed_pipe(command: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.run(
        [sys.executable, "-m", "cnncalc", *command.split()],
        stdout=writing,
        stderr=subprocess.PIPE,
        env=environment(),
        timeout=HANGS_AFTER,
        text=True,
        check=False,
    )
    os.close(writing)
    assert (process.returncode, process.stderr) == (141, "")


@pytest.mark.parametrize("command", ["list", "layers conv2d", "summarize resnet152 --flat", "--help"])
def test_a_reader_that_leaves_early_is_no_error(command: str) -> None:
    line = f"{sys.executable} -m cnncalc {command} | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", line], capture_output=True, env=environment(), timeout=HANGS_AFTER, text=True, check=False
    )
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 2
    assert done.stdout.splitlines()[1] in ("0", "141")  # 0 where all of it fitted into the pipe


@pytest.mark.parametrize("command", [*WRITING, "--version", "summarize --help"])
def test_full_disk(command: str) -> None:
    with open("/dev/full", "w") as full:
        process = subprocess.run(
            [sys.executable, "-m", "cnncalc", *command.split()],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            timeout=HANGS_AFTER,
            text=True,
            check=False,
        )
    objects(Finished(process.returncode, "", process.stderr, 0), "cannot-write", "the disk is full")


@pytest.mark.parametrize("closed", [1, 2])
def test_closed_streams(closed: int) -> None:
    close = f"import os, sys; os.close({closed}); os.execv(sys.executable, sys.argv[1:])"
    asked = "list" if closed == 1 else "nothing"
    done = subprocess.run(
        [sys.executable, "-c", close, sys.executable, "-m", "cnncalc", asked],
        capture_output=True,
        env=environment(),
        timeout=HANGS_AFTER,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert ("error[cannot-write]: cannot write to standard output" in done.stderr) is (closed == 1)
    assert "Traceback" not in done.stderr


@pytest.fixture
def inputs(folder: Path) -> Path:
    """One of everything that a command reads."""
    (folder / "link.yaml").symlink_to("good.yaml")
    (folder / "blocks.yaml").write_text("input: [3, 9, 9]\nblocks: {b: {layers: [relu]}}\nlayers: [relu]\n")
    (folder / "importing.yaml").write_text("import: blocks.yaml\ninput: [3, 9, 9]\nlayers: [block: {type: blocks.b}]\n")
    (folder / "net.py").write_text(
        "from cnncalc import Network\nnetwork = Network('n', input=(3, 8, 8))\nnetwork.relu()\n"
    )
    (folder / "class").mkdir()
    for student in ("anna", "bo"):
        (folder / "class" / f"{student}.yaml").write_text("network: ../good.yaml\nanswers: {stem.params: 224}\n")
    np.save(folder / "x.npy", np.zeros((3, 12, 10), np.float32))
    weights = {"stem.weight": np.zeros((8, 3, 3, 3), np.float32), "stem.bias": np.zeros(8, np.float32)}
    (folder / "w.npz").write_bytes(archive_bytes(weights))
    Image.new("RGB", (20, 20)).save(folder / "cat", "PNG")
    return folder


@pytest.mark.parametrize(
    ("command", "target"),
    [
        ("summarize good.yaml", "good.yaml"),
        ("summarize good.yaml --format json", "class/../good.yaml"),
        ("summarize good.yaml", "link.yaml"),
        ("summarize link.yaml", "good.yaml"),
        ("summarize - < good.yaml", "good.yaml"),
        ("summarize net.py", "net.py"),
        ("summarize importing.yaml", "blocks.yaml"),
        ("compare alexnet good.yaml", "good.yaml"),
        ("explain good.yaml stem", "good.yaml"),
        ("verify good.yaml", "good.yaml"),
        ("check class/anna.yaml", "class/anna.yaml"),
        ("check class/anna.yaml --format csv", "good.yaml"),
        ("check class", "class/bo.yaml"),
        ("check good.yaml stem.params=224", "good.yaml"),
        ("quiz good.yaml --n 1", "good.yaml"),
        ("run good.yaml", "good.yaml"),
        ("run good.yaml --array x.npy", "x.npy"),
        ("run good.yaml --weights w.npz", "w.npz"),
        ("run good.yaml --image cat", "cat"),
    ],
)
def test_an_input_is_not_written_over(inputs: Path, command: str, target: str) -> None:
    before = contents(inputs)
    words, _, given = command.partition(" < ")
    for language, sentence in (("en", "read by this command"), ("zh", "会被覆盖")):
        with (inputs / given if given else Path(os.devnull)).open("rb") as stdin:
            done = subprocess.run(
                [sys.executable, "-m", "cnncalc", *words.split(), "--output", target],
                stdin=stdin,
                capture_output=True,
                cwd=inputs,
                env=environment(CNNCALC_LANG=language),
                timeout=HANGS_AFTER,
                text=True,
                check=False,
            )
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        code = "same-file" if command.startswith("quiz") else "input-as-output"
        assert f"[{code}]" in done.stderr
        assert sentence in done.stderr or code == "same-file"
    assert contents(inputs) == before


def test_an_output_keeps_its_permissions(folder: Path) -> None:
    out = folder / "out.txt"
    assert cnncalc("schema", "--output", out).code == 0
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(out.stat().st_mode) == 0o666 & ~mask
    out.chmod(0o604)
    assert cnncalc("list", "--output", out).code == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o604
    assert "vgg16" in out.read_text(encoding="utf-8")
    out.chmod(0o444)
    before = out.read_bytes()
    objects(cnncalc("schema", "--output", out), "cannot-write", "you have no permission for it")
    assert out.read_bytes() == before


def test_an_output_keeps_its_owner(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of somebody else's is given back to them; where that is not allowed, it is written to as it lies there."""
    out = folder / "out.txt"
    out.write_text("old, and longer", encoding="utf-8")
    inode = out.stat().st_ino
    owners: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "fchown", lambda descriptor, user, group: owners.append((user, group)))
    others = os.stat_result((*out.stat()[:4], 12345, 54321, *out.stat()[6:]))
    assert emit._draft(folder / "draft", b"new", others)
    assert owners == [(12345, 54321)]
    assert (folder / "draft").read_bytes() == b"new"

    def refused(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "fchown", refused)
    monkeypatch.setattr(emit, "_status", lambda target: others)
    emit.write_file(str(out), "new")
    assert out.read_text(encoding="utf-8") == "new"
    assert out.stat().st_ino == inode
    assert sorted(path.name for path in folder.iterdir()) == ["draft", "good.yaml", "out.txt"]


def test_a_draft_is_never_written_through_a_link(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even by somebody who has foreseen its name."""
    monkeypatch.setattr(os, "urandom", lambda n: b"\0" * n)
    (folder / f".out.txt.{'00' * 8}.part").symlink_to("good.yaml")
    with pytest.raises(InputError, match="cannot write"):
        emit.write_file(str(folder / "out.txt"), "new")
    assert (folder / "good.yaml").read_text(encoding="utf-8") == GOOD
    assert not (folder / "out.txt").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_leaves_no_draft(folder: Path, number: signal.Signals) -> None:
    os.mkfifo(folder / "pipe")  # nobody reads it, so that the command waits there, with its draft written
    words = ["quiz", "good.yaml", "--n", "1", "--output", "sheet.md", "--answers", "pipe"]
    process = subprocess.Popen(
        [sys.executable, "-m", "cnncalc", *words],
        cwd=folder,
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    end = time.monotonic() + HANGS_AFTER
    while not list(folder.glob(".sheet.md.*.part")) and time.monotonic() < end:
        time.sleep(0.01)
    assert list(folder.glob(".sheet.md.*.part"))
    process.send_signal(number)
    _, err = process.communicate(timeout=HANGS_AFTER)
    assert (process.returncode, err) == (128 + number, "")
    assert sorted(path.name for path in folder.iterdir()) == ["good.yaml", "pipe"]


# Streams and terminals


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize(
    ("command", "code"), [("summarize good.yaml", 0), ("summarize nothing", 2), ("quiz good.yaml --n 99", 2), ("", 2)]
)
def test_a_full_disk_behind_standard_error(folder: Path, command: str, code: int, closed: bool) -> None:
    """What is said there is lost, and nothing else."""
    words = [sys.executable, "-m", "cnncalc", *command.split()]
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            ["sh", "-c", 'exec "$@" 2>&-', "sh", *words] if closed else words,
            stdout=subprocess.PIPE,
            stderr=full,
            cwd=folder,
            env=environment(),
            timeout=HANGS_AFTER,
            text=True,
            check=False,
        )
    assert done.returncode == code
    assert done.stdout == (cnncalc(*command.split(), folder=folder).out if code == 0 else "")


ODD_SIZES = [(command, size) for size in ("0", "²") for command in (*WRITING, "explain lenet5 c1", "layers conv2d")] + [
    ("summarize alexnet", size) for size in ("1", "-3", "x", "", "9" * 20)
]


@pytest.mark.parametrize(("command", "size"), ODD_SIZES)
def test_odd_sizes_of_a_terminal(command: str, size: str) -> None:
    done = cnncalc(*command.split(), env={"COLUMNS": size, "LINES": size})
    assert (done.code, done.err) == (0, "")
    if size in ("0", "²", "x", "") and command != "--help":
        assert done.out == cnncalc(*command.split()).out, "as where no size is set"
