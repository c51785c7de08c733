"""What shells complete: driven by the variables that they set, and by bash itself."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cnncalc.language import collection
from tests.support.command import Finished, cnncalc, environment


def complete(*words: str, folder: Path | None = None) -> Finished:
    """What bash gets for the last of these words."""
    line = {"COMP_WORDS": "\n".join(("cnncalc", *words)), "COMP_CWORD": str(len(words))}
    return cnncalc(folder=folder, env={"_CNNCALC_COMPLETE": "complete_bash", **line})


def offered(line: str, folder: Path | None = None) -> list[str]:
    """The words that bash is offered at the end of a line."""
    done = complete(*line.split(" "), folder=folder)
    assert (done.code, done.err) == (0, "")
    return done.out.split()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("summ", "summarize"),
        ("summarize vgg16_", "vgg16_bn vgg16_cifar10"),
        ("check alexnet", "alexnet alexnet_caffe"),
        ("show alexnet", "alexnet alexnet_caffe"),
        ("explain vgg16 conv1", "conv1_1 conv1_2"),  # aliases
        ("explain resnet18 la", "layer1 layer2 layer3 layer4"),  # groups
        ("explain resnet18 layer1", "layer1 layer1.0 layer1.1"),
        ("explain resnet18 layer1.0.c", "layer1.0.conv1 layer1.0.conv2"),
        ("explain alexnet cl", "classifier " + " ".join(f"classifier.{n}" for n in range(7))),  # the only one: opened
        ("explain --lang zh vgg16 conv1", "conv1_1 conv1_2"),
        ("explain vgg16 conv1_1 c", ""),
        ("explain conv_", "conv_transpose1d conv_transpose2d conv_transpose3d conv_lstm2d"),
        ("explain conv2d c", "connections="),
        ("explain conv2d connections=x c", ""),
        ("layer conv2d ker", "kernel_size="),
        ("layer linear out_features=3 ", "bias= axis="),
        ("layer nothing ker", ""),
        ("run vgg16 --seed 3 --layer fc", "fc6 fc7 fc8"),
        ("verify --layer fc", ""),
        ("verify vgg16 --layer=fc", "fc6 fc7 fc8"),
        ("explain vgg16 --quantity mac", "macs"),
        ("explain --topic gr", "grouped"),
        ("explain --topic grouped C", "C=128"),
        ("explain --topic nothing C", ""),
        ("summarize vgg16 --columns jum", "jump"),
        ("summarize vgg16 --columns output,macs,mac", "output,macs,macs%"),
        ("compare --sort na", "name"),
        ("compare vgg16 --sort mac", "macs"),
        ("compare vgg16 --columns params,fl", "params,flops"),
        ("summarize mobilenet_v1 --set w", "width=1"),
        ("verify resnet18 --set u", "unit=basic units="),  # a list is no plain word
        ("compare lenet5 mobilenet_v1 --set w", "width=1"),
        ("compare mobilenet_v1 mobilenet_v2 --set w", "width=1"),
        ("summarize vgg16 --convention f", "fvcore"),
        ("summarize vgg16 --format m", "markdown"),
        ("summarize vgg16 --dtype b", "bfloat16"),
        ("--lang ", "en zh"),
        ("summarize vgg16 --lang z", "zh"),
        ("layers group_", "group_norm"),
        ("layers re", "rescaling relu relu6 reshape reduce repeat residual"),
        ("layers var", "variants"),
        ("list vgg1", "vgg11 vgg13 vgg16 vgg19 vgg11_bn vgg13_bn vgg16_bn vgg19_bn vgg16_cifar10"),
        ("list --columns year,ma", "year,macs"),
        ("quiz vgg16 --topics par", "params param_memory"),
        ("quiz vgg16 --topics params,forg", "params,forgotten"),
        ("quiz vgg16 --format l", "latex"),
        ("nothing vgg", ""),
        ("explain nothing c", ""),
    ],
)
def test_words(line: str, words: str) -> None:
    assert offered(line) == words.split()


def test_names_are_read_without_parsing() -> None:
    parsed = {
        path.stem: collection._described_names(collection.document(path)) for path in collection.folder().glob("*.yaml")
    }
    assert collection.families() == {stem: parsed[stem] for stem in sorted(parsed)}


def test_descriptions_in_the_folder_are_offered_and_their_layers(tmp_path: Path) -> None:
    text = "input: [3, 8, 8]\nparams: {width: 4}\nlayers:\n  - linear: {name: stem, out_features: width}\n"
    (tmp_path / "my_network.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "my_$(touch made).yaml").write_text(text, encoding="utf-8")  # a shell would read it
    (tmp_path / "my_notes.txt").write_text("", encoding="utf-8")
    assert offered("summarize my_", tmp_path) == ["my_network.yaml"]
    assert offered("run my_network.yaml --layer s", tmp_path) == ["stem"]
    assert offered("run my_network.yaml --set ", tmp_path) == ["width=4"]
    assert offered("run my_network.yaml --set depth=2 --layer s", tmp_path) == []
    several = text.replace("layers:", "variants: {small: {}, large: {params: {width: 9}}}\nlayers:")
    (tmp_path / "my_variants.yaml").write_text(several, encoding="utf-8")
    assert offered("compare my_variants.yaml --set ", tmp_path) == ["width=4"]


BROKEN = {
    "not_yaml": "input: [3, 8\nlayers: - x",
    "unknown_layer": "input: [3, 8, 8]\nlayers: [nothing]\n",
    "no_input": "params: [1]\nlayers: [relu]\n",
    "empty": "",
}


@pytest.mark.parametrize("name", [*BROKEN, "missing"])
def test_a_broken_description_offers_nothing_and_says_nothing(tmp_path: Path, name: str) -> None:
    if name in BROKEN:
        (tmp_path / f"{name}.yaml").write_text(BROKEN[name], encoding="utf-8")
    assert offered(f"explain {name}.yaml r", tmp_path) == []
    assert offered(f"run {name}.yaml --layer r", tmp_path) == []
    if name != "unknown_layer":  # its params can be read
        assert offered(f"run {name}.yaml --set ", tmp_path) == []


def test_completing_runs_no_code_and_waits_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("open('made', 'w')\n", encoding="utf-8")
    os.mkfifo(tmp_path / "pipe.yaml")
    for network in ("net.py", "-", "pipe.yaml"):
        assert offered(f"explain {network} c", tmp_path) == []
        assert offered(f"run {network} --set ", tmp_path) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["net.py", "pipe.yaml"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells(shell: str) -> None:
    def asked(line: str, action: str = "get-args") -> Finished:
        more = {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": action}
        return cnncalc(env={"_CNNCALC_COMPLETE": f"complete_{shell}", **more})

    found, none = asked("cnncalc explain vgg16 conv1"), asked("cnncalc explain nothing c")
    assert (found.code, found.err, none.code, none.err) == (0, "", 0, "")
    if shell == "zsh":
        assert found.out == '_arguments \'*: :(("conv1_1"\n"conv1_2"))\'\n'
        assert none.out == "_files\n"
    else:
        assert found.out == "conv1_1\nconv1_2\n"
        assert none.out == "\n"
        assert asked("cnncalc explain vgg16 conv1", "is-args").code == 0
        assert asked("cnncalc explain nothing c", "is-args").code == 1


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_itself(tmp_path: Path) -> None:
    ours = tmp_path / "cnncalc"
    ours.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m cnncalc "$@"\n', encoding="utf-8")
    ours.chmod(0o755)
    script = """
eval "$(_CNNCALC_COMPLETE=source_bash cnncalc)"
complete -p cnncalc
COMP_WORDS=(cnncalc explain resnet18 layer1.0.b) COMP_CWORD=3
_cnncalc_completion cnncalc
echo "${COMPREPLY[@]}"
"""
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script], env=environment(PATH=path), capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines() == [
        "complete -o default -F _cnncalc_completion cnncalc",
        "layer1.0.bn1 layer1.0.bn2",
    ]
    assert done.stderr == ""
