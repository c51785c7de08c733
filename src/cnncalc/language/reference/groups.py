"""The reference of groups of layers, and of expressions."""

from __future__ import annotations

from cnncalc.core.translation import Phrase
from cnncalc.language.reference.construct import Construct, Section

_MERGE_KEYS = {"inplace": Phrase("whether a sum is written over its first input")}

GROUPS = Section(
    Phrase("Groups of layers"),
    Phrase("Entries of a list of layers that hold other layers."),
    {
        "sequential": Construct(
            Phrase("layers in order, numbered from 0 as in torch"),
            Phrase("With no keys but `layers`, the list may follow at once: `sequential: [relu, flatten]`."),
            """\
input: [3, 8, 8]
layers:
  - sequential:
      name: features
      layers:
        - conv2d: {out_channels: 4, kernel_size: 3, padding: 1}
        - relu
""",
            {"layers": Phrase("the layers, in order")},
        ),
        "repeat": Construct(
            Phrase("the same layers several times, one after the other"),
            Phrase("Give `times` or `each`. In a named repeat, rounds are levels of the hierarchy, numbered from 0."),
            """\
input: [4, 16, 16]
layers:
  - repeat:
      times: 3
      index: i
      layers:
        - conv2d: {out_channels: 8 * 2 ** i, kernel_size: 1, bias: false}
""",
            {
                "times": Phrase("the number of rounds"),
                "each": Phrase("a list with an item for each round, instead of `times`"),
                "as": Phrase("names for the values of an item, one or a list"),
                "index": Phrase("the name of the number of the round, from 0"),
                "layers": Phrase("the layers of a round"),
            },
        ),
        "block": Construct(
            Phrase("a call of one of the `blocks`, or of an imported one"),
            Phrase("All keys but these and those of every layer are params of the block."),
            """\
input: [4, 8, 8]
blocks:
  double:
    params: {factor: 2}
    layers:
      - conv2d: {out_channels: in_channels * factor, kernel_size: 1}
layers:
  - block: {type: double, name: first}
  - block: {type: double, name: second, factor: 3}
""",
            {
                "type": Phrase("the name of the block; an expression in braces chooses among blocks"),
                "inline": Phrase("whether its layers stand at this level, without a name of their own"),
            },
        ),
        "residual": Construct(
            Phrase("a body, and a shortcut around it that is added to what comes out"),
            Phrase("The shapes of both must be equal; a `shortcut` of layers brings them together."),
            """\
input: [16, 8, 8]
layers:
  - residual:
      body:
        - conv2d: {out_channels: 16, kernel_size: 3, padding: 1, bias: false}
        - relu
""",
            {
                "body": Phrase("the layers that are skipped"),
                "shortcut": Phrase("layers on the shortcut; without them it is the input itself"),
                "skip": Phrase("whether there is a shortcut at all: an expression, true by default"),
                "merge": Phrase("`add` (the default), `multiply` or `concat`"),
                **_MERGE_KEYS,
            },
        ),
        "branches": Construct(
            Phrase("several paths from the same input, brought together at their ends"),
            Phrase("An empty path passes the input on."),
            """\
input: [8, 8, 8]
layers:
  - branches:
      paths:
        narrow:
          - conv2d: {out_channels: 4, kernel_size: 1}
        wide:
          - conv2d: {out_channels: 6, kernel_size: 3, padding: 1}
""",
            {
                "paths": Phrase("lists of layers, by name or as a list"),
                "merge": Phrase("`concat` (the default), `add` or `multiply`"),
                "dim": Phrase("the axis of a concat, counted without the batch; 0 is the channels"),
                **_MERGE_KEYS,
            },
        ),
        "split": Construct(
            Phrase("one input cut into parts along an axis"),
            Phrase("Parts are numbered from 0, and the layers after it name the one they read: `from: halves.0`."),
            """\
input: [8, 4, 4]
layers:
  - split: {name: halves, sizes: [4, 4]}
  - conv2d: {name: worked, from: halves.0, out_channels: 4, kernel_size: 1}
  - concat: {from: [worked, halves.1]}
""",
            {
                "sizes": Phrase("the sizes of the parts, which add up to the axis"),
                "dim": Phrase("the axis that is cut, counted without the batch; 0 (the default) is the channels"),
            },
        ),
    },
)

EXPRESSIONS = Section(
    Phrase("Expressions"),
    Phrase(
        "Bare text where a number, a list or a condition is expected is arithmetic over params, never code. Numbers "
        "are exact: 1 / 3 is a third. Inside of braces or brackets of YAML, text with a comma needs quotes."
    ),
    {
        "expressions": Construct(
            Phrase("arithmetic over params, indices of repeats and the sizes that flow in"),
            Phrase("A name in braces is filled in where a name of a layer or block is expected: `layer{i + 1}`."),
            """\
input: [16, 8, 8]
params: {ratio: 1 / 4, units: [1, 2, 3]}
layers:
  - conv2d: {out_channels: 8 * len(units), kernel_size: 1, bias: false}
  - global_avg_pool2d
  - linear: {out_features: "make_divisible(in_channels * ratio, 8)"}
  - linear: {out_features: "sum([8 * n for n in units if n > 1])"}
""",
            {
                "+ - * / // % **": Phrase("exact arithmetic; // rounds down, % is the rest"),
                "== != < <= > >= in": Phrase("comparisons, also as a chain: 0 < i < 4; `in` looks into a list"),
                "and or not": Phrase("logic"),
                "a if c else b": Phrase("a where c is true, else b"),
                "list[0], list[1:3]": Phrase("an item, or a part, of a list; items count from 0"),
                "[f(x) for x in list]": Phrase("a list made from another; `if` may follow"),
                "min, max, abs": Phrase("the least or largest of several numbers, and a number without its sign"),
                "floor, ceil, round": Phrase("whole numbers: below, above, or nearest"),
                "make_divisible(n, d)": Phrase("the multiple of d nearest to n, not below 0.9·n, as in MobileNet"),
                "len, sum, range": Phrase("of a list its length and sum; range(n) lists 0 to n − 1"),
                "in_channels": Phrase("the channels of what the layer or block reads"),
                "in_size": Phrase("the spatial extents of what the layer or block reads, as a list"),
                "input_size": Phrase("the spatial extents of the only input of the network, as a list"),
            },
            ("in_channels", "in_size", "input_size"),
        ),
    },
)
