"""The reference of the keys of a file, and of those of every layer."""

from __future__ import annotations

from cnncalc.core.translation import Phrase
from cnncalc.language.reference.construct import Construct, Section

_PARAMS = Phrase("params and their defaults; one that is `required` has none, and the call must give it")

FILE = Section(
    Phrase("The file"),
    Phrase(
        "A description is a YAML file: names with values at the top. `input` (or `inputs`) and `layers` must be there. "
        "YAML is read as version 1.2: `yes` and `on` are text. Anchors and aliases work; `<<` does not."
    ),
    {
        "input": Construct(
            Phrase("the shape of the input, channels first and without the batch"),
            Phrase(
                "Whole numbers or expressions: (C, H, W) of a map, (length, features) of a sequence, or one number."
            ),
            """\
input: [3, 32, 32]
layers:
  - conv2d: {out_channels: 8, kernel_size: 3, padding: 1}
""",
        ),
        "inputs": Construct(
            Phrase("several inputs, each with a name and a shape"),
            Phrase("It replaces `input`. The first layer names with `from` which one it reads."),
            """\
inputs: {left: [4, 8, 8], right: [4, 8, 8]}
layers:
  - add: {from: [left, right]}
""",
        ),
        "layers": Construct(
            Phrase("the layers, in order"),
            Phrase(
                "An entry is a type, a type with options, or a type with the one value that it needs, as `linear: 10`. "
                "Each reads the output of the one before it, unless `from` says otherwise."
            ),
            """\
input: [3, 8, 8]
layers:
  - conv2d: {out_channels: 4, kernel_size: 1, bias: false}
  - relu
  - flatten
  - linear: {out_features: 10}
""",
        ),
        "outputs": Construct(
            Phrase("the layers whose outputs are those of the network"),
            Phrase("One name or a list. Without it, the last layer is the output."),
            """\
input: [2, 8, 8]
outputs: [coarse, fine]
layers:
  - conv2d: {name: fine, out_channels: 4, kernel_size: 1}
  - max_pool2d: {name: coarse, kernel_size: 2}
""",
        ),
        "params": Construct(
            Phrase("numbers, lists and words with names, for expressions to read"),
            Phrase(
                "A later param may read earlier ones. Bare text is an expression, and text in quotes is text. "
                "`--set width=32` overrides one on the command line."
            ),
            """\
input: [3, 8, 8]
params: {width: 16, classes: 10}
layers:
  - conv2d: {out_channels: width * 2, kernel_size: 1}
  - global_avg_pool2d
  - linear: {out_features: classes}
""",
        ),
        "blocks": Construct(
            Phrase("lists of layers with a name and params of their own, to be called with `block`"),
            Phrase("A block sees the params of its file and its own. It may call other blocks, but not itself."),
            """\
input: [16, 8, 8]
blocks:
  conv_relu:
    params: {channels: required, size: 3}
    layers:
      - conv2d: {out_channels: channels, kernel_size: size, padding: same}
      - relu
layers:
  - block: {type: conv_relu, channels: 8}
  - block: {type: conv_relu, channels: 4, size: 1}
""",
            {"params": _PARAMS, "layers": Phrase("the layers of the block")},
        ),
        "import": Construct(
            Phrase("other descriptions whose blocks can be called"),
            Phrase(
                "A built-in name, or a .yaml file beside this one; a list, or names with prefixes. Block `trunk` of "
                "`resnet18` is called as `resnet18.trunk`, or under the prefix; block `cbam` of `blocks/cbam` as "
                "`cbam`."
            ),
            """\
input: [3, 224, 224]
import: {net: resnet18}
layers:
  - block: {type: net.trunk, inline: true}
""",
        ),
        "variants": Construct(
            Phrase("several networks in one file, by name"),
            Phrase("Each says what sets it apart. `FILE.yaml:large` picks one on the command line."),
            """\
input: [3, 8, 8]
params: {width: 8}
variants:
  small:
  large: {params: {width: 32}}
layers:
  - conv2d: {out_channels: width, kernel_size: 1}
""",
            {
                "input": Phrase("another shape of the input"),
                "params": Phrase("other values of params that the file has"),
                "title": Phrase("title, year, paper, accuracy and notes of the variant"),
            },
        ),
        "values": Construct(
            Phrase("numbers of inputs and weights, for `cnncalc run`"),
            Phrase("Nested lists, under the name of an input or of a weight; what is not given is random."),
            """\
input: [1, 2, 2]
layers:
  - conv2d: {name: conv, out_channels: 1, kernel_size: 2, bias: false}
values:
  input: [[[1, 2], [3, 4]]]
  conv.weight: [[[[1, 0], [0, -1]]]]
""",
        ),
        "title": Construct(
            Phrase("what a network is called, where it comes from and what it reaches"),
            Phrase("Nothing is computed from these; `cnncalc compare` shows the accuracy."),
            """\
title: A small network
year: 2024
paper: "Who wrote it, and where"
notes: What a reader should know.
accuracy: {top1: 71.6, source: where it was published}
input: [3, 8, 8]
layers: [global_avg_pool2d]
""",
            {
                "title": Phrase("the heading of reports"),
                "year": Phrase("a whole number"),
                "paper": Phrase("who wrote it, and where"),
                "accuracy": Phrase(
                    "percentages `top1` and `top5`, or a `score` with its `measure`, and their `source`"
                ),
                "notes": Phrase("what a reader should know"),
            },
            ("year", "paper", "accuracy", "notes"),
        ),
    },
)

EVERY_LAYER = Section(
    Phrase("Keys of every layer"),
    Phrase("Any entry of a list of layers takes these, besides the options of its type."),
    {
        "name": Construct(
            Phrase("the name of a layer or group, or of the network at the top of a file"),
            Phrase(
                "A dot makes a level of the hierarchy, and braces hold an expression: `conv{i}`. Without a name, a "
                "layer is called by its type, or in a `sequential` by its number."
            ),
            """\
name: two-convolutions
input: [3, 8, 8]
layers:
  - conv2d: {name: features.0, out_channels: 4, kernel_size: 3}
  - conv2d: {name: features.1, out_channels: 4, kernel_size: 3}
""",
        ),
        "from": Construct(
            Phrase("the earlier layers that are read, one name or a list"),
            Phrase("`previous` is the layer before, and the name of an input is that input."),
            """\
input: [8, 8, 8]
layers:
  - conv2d: {name: left, out_channels: 4, kernel_size: 1}
  - conv2d: {name: right, from: input, out_channels: 6, kernel_size: 1}
  - concat: {from: [left, right]}
""",
        ),
        "when": Construct(
            Phrase("the condition under which a layer or group is there"),
            Phrase("An expression; where it is false, or 0, the entry is left out."),
            """\
input: [3, 8, 8]
params: {norm: false}
layers:
  - conv2d: {out_channels: 4, kernel_size: 1}
  - batch_norm2d: {when: norm}
""",
        ),
        "share": Construct(
            Phrase("an earlier layer or group whose weights are read again"),
            Phrase("They are stored and counted once; operations are counted each time."),
            """\
inputs: {one: [8], two: [8]}
layers:
  - linear: {name: encode, from: one, out_features: 4}
  - linear: {name: again, from: two, out_features: 4, share: encode}
  - concat: {from: [encode, again]}
""",
        ),
        "alias": Construct(
            Phrase("what a paper or a lecture calls a layer"),
            Phrase("Questions and answers may use it: `cnncalc check net.yaml conv1_1.params=16`."),
            """\
input: [3, 8, 8]
layers:
  - conv2d: {name: convs.0, alias: conv1_1, out_channels: 4, kernel_size: 1}
""",
        ),
        "functional": Construct(
            Phrase("whether the author's torch code calls a function where others have a module"),
            Phrase(
                "It changes no shape and no count of ours, but that of tools which count only modules, or which count "
                "a module and its function: `cnncalc conventions` says which. Groups do not have it."
            ),
            """\
input: [4, 8, 8]
layers:
  - conv2d: {out_channels: 4, kernel_size: 1}
  - relu: {functional: true}
""",
        ),
    },
)
