"""What a command line is told that means something else: the command to type, which works."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import Path

import pytest

from cnncalc.core.errors import Fault, InputError
from cnncalc.core.tensor import TensorSpec
from cnncalc.language.foreign.typed import EXAMPLES
from cnncalc.language.single import single_layer
from cnncalc.layers.catalogue import ADDRESSES, resolve
from tests.support.command import cnncalc, objects
from tests.support.inside import inside

CONV = "cnncalc layer conv2d out_channels=64 kernel_size=3"


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        ("vgg16", "unknown-command", "did you mean `cnncalc summarize vgg16`?"),
        ("vgg61", "unknown-command", "did you mean `cnncalc summarize vgg16`?"),
        ("net.yaml --depth 2", "unknown-command", "did you mean `cnncalc summarize net.yaml --depth 2`?"),
        ("nets/vgg.yaml:vgg16", "unknown-command", "did you mean `cnncalc summarize nets/vgg.yaml:vgg16`?"),
        ("net.py", "unknown-command", "did you mean `cnncalc summarize net.py`?"),
        ("resnet", "unknown-command", "did you mean `cnncalc list resnet`?"),
        ("help", "unknown-command", "did you mean `cnncalc --help`?"),
        ("help explain", "unknown-command", "did you mean `cnncalc explain --help`?"),
        ("summarize vgg", "unknown-architecture", "this is a family: write one of vgg11, vgg13, vgg16"),
        ("summarize lenet5 vgg16", "usage", "write `cnncalc compare lenet5 vgg16`"),
        ("summarize lenet5 c1", "usage", "did you mean `cnncalc explain lenet5 c1`?"),
        ("summarize vgg16 --input 3 64 64", "usage", "write `--input 3x64x64`"),
        (
            "layer residual --input 3x8x8",
            "unknown-layer",
            "`cnncalc layers residual` shows how a description writes it",
        ),
        ("layer repeat", "unknown-layer", "`cnncalc layers repeat` shows how a description writes it"),
        ("layer add --input 3x8x8", "wrong-number-of-inputs", "give `--input` 2 times"),
        ("layer linear out_features=10 --input 3x8x8", "wrong-rank", "write `--input 192`"),
        ("layers kernel_size", "unknown-layer", "it is an option of layers, as shown by `cnncalc layers conv1d`"),
        ("Conv2d", "unknown-command", "did you mean `cnncalc layers conv2d`?"),
        ("Dense", "unknown-command", "did you mean `cnncalc layers linear`?"),
        ("conv2d stride=2", "unknown-command", "did you mean `cnncalc layer conv2d stride=2`?"),
        ("mark answers.yaml", "unknown-command", "did you mean `check`?"),
        ("params vgg16", "unknown-command", "did you mean `summarize`?"),
        ("resnet18 layer1", "unknown-command", "did you mean `cnncalc explain resnet18 layer1`?"),
        ("resnet18 vgg16", "unknown-command", "did you mean `cnncalc compare resnet18 vgg16`?"),
        ("-V", "usage", "did you mean `--version`?"),
        ("conventions --format json", "usage", "it takes no options"),
        ("--bogus", "usage", "its options are --version, --lang"),
        ("summarize vgg16 --json", "usage", "write `--format json`"),
        ("summarize vgg16 --params", "usage", "write `--columns params`"),
        ("explain vgg16 --macs", "usage", "write `--quantity macs`"),
        ("summarize vgg16 --sort params", "usage", "its options are --depth, --flat"),
        ("summarize vgg16 --input_size 3x9x9", "usage", "did you mean `--input`?"),
        ("summarize mobilenet_v1 --width 2", "usage", "write `--set width=2`"),
        ("summarize vgg16 --depth many", "usage", "write `--depth 2`"),
        ("run vgg16 --seed -1", "usage", "write `--seed 0`"),
        ("summarize vgg16 --dtype float61", "usage", "write for example `--dtype float16`"),
        ("summarize vgg16 -o", "usage", "write `--output FILE`"),
        ("explain --topic", "usage", "the names are two-3x3, depthwise-separable"),
        ("summarize vgg16 --input 3 64 48", "usage", "write `--input 3x64x48`"),
        ("summarize vgg16 --set classes 10", "usage", "write `--set classes=10`"),
        ("summarize vgg16 --columns params macs", "usage", "write `--columns params,macs`"),
        ("verify lenet5 c1", "usage", "write `--layer c1`"),
        ("quiz lenet5 alexnet", "usage", "`cnncalc quiz --help` shows how it is written"),
        ("compare vgg16,alexnet", "unknown-architecture", "write them apart: `vgg16 alexnet`"),
        ("explain lenet5 c1 params", "usage", "write `cnncalc explain lenet5 c1 --quantity params`"),
        ("explain lenet5 c1.params", "unknown-layer-name", "write `cnncalc explain lenet5 c1 --quantity params`"),
        ("explain lenet5 rf", "unknown-layer-name", "write `cnncalc explain lenet5 --quantity rf`"),
        ("explain lenet5 c1 c3", "usage", "write `cnncalc explain vgg16 features.0`"),
        ("explain receptive_field", "unknown-architecture", "write `cnncalc explain --topic receptive-field`"),
        ("explain params", "unknown-architecture", "write `cnncalc explain vgg16 --quantity params`"),
        (
            "explain Dense units=9 --input 64",
            "unknown-layer",
            "write `cnncalc explain linear out_features=9 --input 64`",
        ),
        (
            "explain nn.Conv2d(3,64,3) --input 3x9x9",
            "unknown-layer",
            f"{CONV} --input 3x9x9`".replace("layer", "explain"),
        ),
        ("layers skip", "unknown-layer", "write `cnncalc layers residual`"),
        ("layers conv_transpose", "unknown-layer", "conv_transpose1d, conv_transpose2d"),
        ("layer conv2d out_channels = 64 --input 3x9x9", "bad-setting", f"write `{CONV} --input 3x9x9`"),
        ("layer conv2d: {out_channels: 64} --input 3x9x9", "unknown-layer", f"write `{CONV} --input 3x9x9`"),
        ("layer batch_norm2d 64 --input 64x9x9", "bad-setting", "write `cnncalc layer batch_norm2d --input 64x9x9`"),
        ("layer group_norm 8 64 --input 64x9x9", "bad-setting", "layer group_norm num_groups=8 --input 64x9x9`"),
        ("layer linear 400 10 --input 400", "bad-setting", "write `cnncalc layer linear out_features=10 --input 400`"),
        ("layer dropout 0.3 --input 400", "bad-setting", "write `cnncalc layer dropout p=0.3 --input 400`"),
        ("layer conv2d", "missing-input", f"write `{CONV} --input 3x224x224`"),
        ("show net.yaml", "unknown-architecture", "`cnncalc summarize net.yaml` shows its numbers"),
        ("summarize", "usage", "write `cnncalc summarize -` for the description that is piped in, or a name"),
        ("summarize --depth 2", "usage", "`cnncalc summarize` needs a network"),
        ("layer", "usage", "`cnncalc layer` needs a layer type"),
        ("check", "usage", "`cnncalc check` needs a sheet of answers"),
        ("quiz", "usage", "or a name: `cnncalc quiz vgg16`"),
        ("verify", "usage", "`cnncalc verify` needs a network"),
        ("run", "usage", "`cnncalc run` needs a network"),
        ("show", "usage", "`cnncalc show` needs the name of a built-in network"),
        ("layers Conv2D", "unknown-layer", "write `cnncalc layers conv2d`"),
        ("layers SeparableConv2D", "unknown-layer", "write `cnncalc layers conv2d`"),
        ("layer conv2d --input 3x32x32", "missing-option", f"write `{CONV} --input 3x32x32`"),
        (
            "layer conv2d kernel_size=5 --input 3x32x32",
            "missing-option",
            "out_channels=64 kernel_size=5 --input 3x32x32`",
        ),
        ("layer Conv2d", "unknown-layer", f"write `{CONV} --input 3x224x224`"),
        ("layer Conv2D 32 5 --input 3x9x9", "unknown-layer", "out_channels=32 kernel_size=5 --input 3x9x9`"),
        ("layer conv2d 64 3", "bad-setting", f"write `{CONV} --input 3x224x224`"),
        ("layer conv2d 3 64 3 --input 3x32x32", "bad-setting", f"write `{CONV} --input 3x32x32`"),
        ("layer conv2d 64 kernel_size=3 --input 3x32x32", "bad-setting", f"write `{CONV} --input 3x32x32`"),
        ("layer nn.Conv2d(3,64,3) --input 3x32x32", "unknown-layer", f"write `{CONV} --input 3x32x32`"),
        ("layer relu x", "bad-setting", "write `inplace=false`"),
        ("layer identity x", "bad-setting", "it takes no options"),
        ("layer shortcut", "unknown-layer", "`cnncalc layers` lists them all"),
        ("layer SeparableConv2D 32 3 --input 3x9x9", "unknown-layer", "layers of their own: `conv2d`"),
        ("layer conv1d out_channels=4 kernel_size=3", "missing-input", "add `--input 16x100`"),
        ("layer conv2d out_channels=4 kernel_size=0 --input 3x9x9", "wrong-option", "write `kernel_size=3`"),
        ("layer conv2d filters=4 kernel_size=3 --input 3x9x9", "unknown-option", "write `out_channels=4`"),
        (
            "layer conv2d out_channels=4 kernel_size=3 activation=relu --input 3x9x9",
            "unknown-option",
            "it is a layer of its own",
        ),
        (
            "layer conv2d out_channels=4 kernel_size=3 in_channels=3 --input 3x9x9",
            "unknown-option",
            "leave it out: it follows from the input",
        ),
        ("layer conv2d --kernel_size 3", "usage", "write `kernel_size=3`: options of a layer have no dashes"),
        ("layer conv2d --filters=3", "usage", "write `out_channels=3`"),
    ],
)
def test_the_command_line_is_told_what_to_type(typed: str, code: str, said: str) -> None:
    done = cnncalc(*typed.split())
    objects(done, code, said)
    assert len(done.err.splitlines()) < 20


WIDTHS = """\
input: [3, 9, 9]
params: {width: 4}
layers:
  - conv2d: {out_channels: width, kernel_size: 3}
variants: {small: null, large: {params: {width: 8}}}
"""


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("summarize widths", "did you mean `widths.yaml`?"),
        ("summarize widths.yaml small", "write `cnncalc summarize widths.yaml:small`"),
        ("verify widths.yaml --variant large", "write `cnncalc verify widths.yaml:large`"),
        ("summarize widths.yaml:small --width 3", "write `--set width=3`"),
        ("summarize widths.yaml:small --height 3", "its options are --depth, --flat"),
        ("quiz widths", "did you mean `widths.yaml`?"),
    ],
)
def test_what_is_typed_of_a_file_of_ones_own(tmp_path: Path, typed: str, said: str) -> None:
    (tmp_path / "widths.yaml").write_text(WIDTHS, encoding="utf-8")
    done = cnncalc(*typed.split(), folder=tmp_path)
    assert done.code == 2
    assert f"= help: {said}" in done.err


@pytest.mark.parametrize("spelled", ["zh", "zh_CN", "zh-Hans", "ZH.UTF-8"])
def test_a_language_is_named_as_locales_name_it(spelled: str) -> None:
    assert "= 提示：" in cnncalc("--lang", spelled, "foo").err


def test_a_command_without_a_network_and_without_a_pipe(tmp_path: Path) -> None:
    assert "help: write for example `cnncalc summarize vgg16`" in inside(["summarize"], tmp_path).err


def test_options_of_a_layer_may_have_commas_between_them() -> None:
    done = cnncalc("layer", "conv2d", "out_channels=64,", "kernel_size=3,", "--input", "3x9x9", "--format", "json")
    assert done.code == 0


def takes(command: str) -> bool:
    """Whether a `cnncalc layer` command gives a layer that takes its inputs."""
    _, _, name, *words = shlex.split(command)
    inputs = [tuple(map(int, word.split("x"))) for before, word in pairwise(words) if before == "--input"]
    (node,) = single_layer(name, [word for word in words if "=" in word], inputs).nodes
    try:
        node.layer.output(*map(TensorSpec, inputs))
    except Fault:
        return False
    return True


@pytest.mark.parametrize("name", ADDRESSES)
def test_what_a_layer_is_told_without_options_works(name: str) -> None:
    """Without an input, or with words that are no values, the command that is shown gives a layer."""
    with pytest.raises(InputError) as caught:
        single_layer(name.replace("_", "-"), [], ()) if "_" in name else single_layer(name.upper(), [], ())
    found = re.search(r"`(cnncalc layer .*)`", caught.value.diagnostics[0].lines()[-1][1])
    assert found
    if name in (
        "window_attention",
        "patch_merging",
        "crop",
        "upsample",
        "scalar",
        "fold",
    ):  # they need channels last, one of several options, or a shape of their own
        assert "--input" not in found[1]
    else:
        assert takes(found[1])


def test_examples_are_of_options_that_are_required() -> None:
    required = {
        example
        for name in ADDRESSES
        for option, field in resolve(name).model_fields.items()
        if field.is_required()
        for example in (option, f"{name}.{option}")
    }
    assert [name for name in EXAMPLES if name not in required] == []
