"""What a command line is told that means something else: the command to type, which works."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise

import pytest

from cnncalc.core.errors import Fault, InputError
from cnncalc.core.tensor import TensorSpec
from cnncalc.language.foreign.typed import EXAMPLES
from cnncalc.language.single import single_layer
from cnncalc.layers.catalogue import ADDRESSES, resolve
from tests.support.command import cnncalc, objects

CONV = "cnncalc layer conv2d out_channels=64 kernel_size=3"


@pytest.mark.parametrize(
    ("typed", "code", "said"),
    [
        ("vgg16", "unknown-command", "did you mean `cnncalc summarize vgg16`?"),
        ("vgg61", "unknown-command", "did you mean `cnncalc summarize vgg16`?"),
        ("net.yaml --depth 2", "unknown-command", "did you mean `cnncalc summarize net.yaml --depth 2`?"),
        ("nets/vgg.yaml:vgg16", "unknown-command", "did you mean `cnncalc summarize nets/vgg.yaml:vgg16`?"),
        ("net.py", "unknown-command", "did you mean `cnncalc summarize net.py`?"),
        ("Conv2d", "unknown-command", "did you mean `cnncalc layers conv2d`?"),
        ("Dense", "unknown-command", "did you mean `cnncalc layers linear`?"),
        ("conv2d stride=2", "unknown-command", "did you mean `cnncalc layer conv2d stride=2`?"),
        ("summarize", "usage", "write for example `cnncalc summarize vgg16`"),
        ("summarize --depth 2", "usage", "`cnncalc summarize` needs a network"),
        ("layer", "usage", "`cnncalc layer` needs a layer type"),
        ("check", "usage", "`cnncalc check` needs a sheet of answers"),
        ("quiz", "usage", "write for example `cnncalc quiz vgg16`"),
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
        *("scalar", "fold", "parameter", "constant"),
    ):  # they need channels last, one of several options, or shapes of their own
        assert "--input" not in found[1]
    else:
        assert takes(found[1])


def test_examples_are_of_options_that_are_required() -> None:
    required = {
        option for name in ADDRESSES for option, field in resolve(name).model_fields.items() if field.is_required()
    }
    assert [name for name in EXAMPLES if name not in required] == []
