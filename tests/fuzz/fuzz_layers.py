"""Random layers with random options, alone and in short chains, through `verify`: none may be called wrong.

Options are drawn from the option models, so that a new layer is covered as soon as it is in the catalogue. Run with
`python -m tests.fuzz.fuzz_layers --minutes 5 --seed 1`; what is found is printed with its seed and number, by which
`--seed 1 --case 17` runs it again, and as a description.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count as every
from itertools import takewhile
from math import prod
from random import Random
from typing import Any, NamedTuple

import yaml
from pydantic import ValidationError

from cnncalc import analyze, from_text
from cnncalc.core.errors import Fault, InputError
from cnncalc.core.tensor import TensorSpec
from cnncalc.execution.verify.measure import verify
from cnncalc.layers.at_node import rule_inputs
from cnncalc.layers.base import Layer
from cnncalc.layers.catalogue import ADDRESSES, resolve
from tests.support.cases import frozen

TRIES = 40
"""How often options are drawn for a layer that objects to them."""

MOST_OPERATIONS, MOST_ELEMENTS = 3 * 10**7, 3 * 10**6
"""A larger case is left out: it would only be slow."""

MOST_SECONDS, MOST_BYTES = 5.0, 512 << 20
"""What a case may take; more is a finding."""

Shape = tuple[int, ...]


class Finding(NamedTuple):
    """A case that went wrong, and how."""

    seed: int
    number: int
    what: str
    document: str

    def __str__(self) -> str:
        return f"--seed {self.seed} --case {self.number}: {self.what}\n{self.document}"


# Drawing


def extent(random: Random) -> int:
    """Rows of an axis: mostly few, now and then many."""
    return random.choice((1, 1, 2, 3, random.randint(2, 6), random.randint(4, 14), random.randint(8, 40)))


def input_shape(random: Random, rank: int) -> Shape:
    """Channels, and the axes of a map; one of them may be longer than what a probe watches."""
    shape = [random.choice((1, 2, 3, 4, 6, 8, 12)), *(extent(random) for _ in range(rank - 1))]
    if random.random() < 0.08:
        shape[random.randrange(rank)] = random.choice((100, 639, 640, 641, 850, 1300))
    while prod(shape) > MOST_ELEMENTS // 20:
        shape[shape.index(max(shape))] //= 2
    return tuple(shape)


def like(random: Random, shape: Shape) -> Shape:
    """Another input beside one of this shape."""
    channels, *spatial = shape
    axis = random.randrange(len(shape))
    times = random.randint(2, 4)
    return random.choice(
        (
            shape,
            shape,
            (*shape[:axis], extent(random), *shape[axis + 1 :]),
            (channels, *(n * times for n in spatial)),
            (channels, *(max(1, n - random.randint(0, 3)) for n in spatial)),
            (channels,),
            (channels, *(1 for _ in spatial)),
        )
    )


def number(random: Random, schema: Mapping[str, Any], shape: Shape) -> int | float:
    """A number that the schema allows, often one that has to do with the input's shape."""
    floats: tuple[float, ...] = (0.0, 1e-12, 1e-5, 0.1, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 10.0, 300.0, 1e30, -0.5, -2.0)
    least, greatest = schema.get("minimum", schema.get("exclusiveMinimum")), schema.get("maximum", 2**31 - 1)
    while True:
        found: int | float = random.choice(
            (1, 2, 3, random.randint(1, 4), random.randint(0, 9), random.choice(shape), random.choice(shape))
        )
        if random.random() < 0.05:
            found = random.choice((20, 50, 400, 1000, random.randint(5, 60)))
        if schema["type"] == "number" and random.random() < 0.7:
            found = random.choice(floats)
        if least is None and random.random() < 0.3:
            found = -found
        if (least is None or least < found or found == schema.get("minimum")) and found <= greatest:
            return found


def several(random: Random, schema: Mapping[str, Any], shape: Shape) -> list[Any]:
    """An array that the schema allows: of numbers, often an order of the axes, or part of a shape."""
    items = schema.get("items", {"anyOf": [{"type": "integer", "minimum": 0}, PAIR]})
    length = random.choice((1, len(shape) - 1, len(shape), random.randint(1, 3)))
    length = min(max(length, schema.get("minItems", 1)), schema.get("maxItems", 4))
    if items.get("type") == "integer" and "maxItems" not in schema:
        among = random.randrange(6)
        if among == 0 or (among == 3 and items.get("minimum") == 0):
            turned = [*range(1, len(shape)), 0]
            return random.choice((turned, random.sample(turned, len(turned))))
        if among == 1:
            return list(shape[-length:])
        if among == 2:
            return factors(random, prod(shape))
        if among == 3 and items.get("minimum") == -1:
            return [*shape[: random.randrange(len(shape))], -1]
    if random.random() < 0.3:
        return [value(random, items, shape)] * length
    return [value(random, items, shape) for _ in range(length)]


PAIR = {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 2, "maxItems": 2}


def factors(random: Random, product: int) -> list[int]:
    """Some numbers that multiply to this one."""
    found: list[int] = []
    while len(found) < 3 and product > 1 and random.random() < 0.8:
        divisor = random.choice([n for n in range(1, min(product, 60) + 1) if product % n == 0])
        found.append(divisor)
        product //= divisor
    return [*found, product]


def value(random: Random, schema: Mapping[str, Any], shape: Shape) -> Any:
    """A value that a JSON schema allows."""
    if "anyOf" in schema:
        return value(random, random.choice(schema["anyOf"]), shape)
    if "enum" in schema:
        return random.choice(schema["enum"])
    if "const" in schema:
        return schema["const"]
    kind = schema["type"]
    if isinstance(kind, list):
        return value(random, {**schema, "type": random.choice(kind)}, shape)
    match kind:
        case "null":
            return None
        case "boolean":
            return random.random() < 0.5
        case "array":
            return several(random, schema, shape)
        case _:
            return number(random, schema, shape)


def options(random: Random, layer: type[Layer], shape: Shape) -> dict[str, Any]:
    """Options of a layer: those that it needs, and some of the others."""
    schema = layer.model_json_schema()
    share = random.choice((0.1, 0.4, 0.8))
    return {
        name: value(random, described, shape)
        for name, described in schema.get("properties", {}).items()
        if name in schema.get("required", ()) or random.random() < share
    }


class Drawn(NamedTuple):
    """A layer that takes what it reads."""

    type: str
    options: dict[str, Any]
    inputs: tuple[str, ...]
    output: TensorSpec


def layer_on(random: Random, kind: str, wires: Mapping[str, TensorSpec], read: Sequence[str]) -> Drawn | None:
    """A layer of a type with options that suit these inputs; None if none was found."""
    layer = resolve(kind)
    inputs = [wires[wire] for wire in read]
    for _ in range(TRIES):
        drawn = options(random, layer, inputs[0].shape)
        if spanned(drawn, inputs[0]) > 4 * MOST_ELEMENTS:
            continue
        try:
            made = layer(**{name: frozen(given) for name, given in drawn.items()})
            handing = rule_inputs(made, tuple(inputs))
            output = made.output(*handing)
            work = sum(made.ops(*handing).values())
        except (ValidationError, Fault):
            continue
        if max(output.elements, sum(weight.numel for weight in made.weights(*handing))) < MOST_ELEMENTS and (
            work < MOST_OPERATIONS
        ):
            return Drawn(kind, drawn, tuple(read), output)
    return None


def flat(given: Any) -> list[Any]:
    """What lies in lists, however deep."""
    return [n for each in given for n in flat(each)] if isinstance(given, list) else [given]


def spanned(drawn: Mapping[str, Any], x: TensorSpec) -> int:
    """The values under a window as wide as its two largest numbers make it, say a kernel's and its dilation's."""
    numbers = [abs(n) for n in flat(list(drawn.values())) if type(n) is int]
    width = prod(sorted(numbers)[-2:])
    return int(x.channels * width ** max(1, len(x.spatial)))


def document(random: Random, kinds: Sequence[str]) -> str | None:
    """A description of layers of these types, one after the other; None if some find no input that suits them."""
    axes = next((layer.axes for layer in map(resolve, kinds) if layer.axes is not None), None)
    rank = random.choice((1, 2, 3, 3, 4)) if axes is None or random.random() < 0.05 else axes + 1
    shape = input_shape(random, rank)
    wires = {"x0": TensorSpec(shape)}
    layers: list[Drawn] = []
    last = "x0"
    for at, kind in enumerate(kinds):
        layer = resolve(kind)
        count = random.randint(layer.least_inputs, layer.most_inputs or 3)
        read = [last]
        for _ in range(count - 1):
            fitting = [wire for wire, x in wires.items() if x.shape == wires[last].shape]
            if random.random() < 0.5:
                read.append(random.choice(fitting))
            else:
                name = f"x{sum(wire.startswith('x') for wire in wires)}"
                wires[name] = TensorSpec(like(random, wires[last].shape))
                read.append(name)
        random.shuffle(read)
        found = layer_on(random, kind, wires, read)
        if found is None:
            return None
        layers.append(found)
        last = f"l{at}"
        wires[last] = found.output
    inputs = {name: list(x.shape) for name, x in wires.items() if name.startswith("x")}
    written = [
        {each.type: {"name": f"l{at}", "from": list(each.inputs), **each.options}} for at, each in enumerate(layers)
    ]
    lines = [f"inputs: {flow(inputs)}", "layers:", *(f"  - {flow(entry)}" for entry in written)]
    return "\n".join(lines) + "\n"


def flow(value: Any) -> str:
    """A value as YAML on one line."""
    text: str = yaml.safe_dump(value, sort_keys=False, width=10**6, default_flow_style=True)
    return text.strip()


CHAINED = (
    *("permute", "reshape", "flatten", "pad", "slice", "concat", "crop", "upsample", "identity", "softmax"),
    *("conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d", "linear", "add", "multiply"),
    *("layer_norm", "batch_norm1d", "batch_norm2d", "group_norm", "l2_norm", "local_response_norm"),
    *("max_pool1d", "max_pool2d", "avg_pool2d", "adaptive_avg_pool2d", "global_avg_pool2d"),
    *("rnn", "lstm", "gru", "multi_head_attention"),
)
"""Types that chains are made of: what moves axes about, and what looks along them."""


EVERY = tuple(ADDRESSES)


def chain(random: Random, among: Sequence[str] = CHAINED) -> str:
    """A few layers of random types, one after the other."""
    while True:
        kinds = [random.choice(among if random.random() < 0.8 else EVERY) for _ in range(random.randint(2, 5))]
        found = document(random, kinds)
        if found is not None:
            return found


def single(random: Random, kind: str) -> str | None:
    """One layer of a type, now and then with its channels last."""
    for _ in range(TRIES):
        turned = resolve(kind).any_layout and random.random() < 0.4
        found = document(random, ["permute", kind] if turned else [kind])
        if found is not None:
            return found
    return None


def case(seed: int, number: int) -> str:
    """The description of a case: every other one is a chain."""
    random = Random(f"{seed}/{number}")
    found = None
    while found is None:
        found = chain(random) if number % 2 else single(random, random.choice(EVERY))
    return found


# Running


class Outcome(NamedTuple):
    """What became of a case."""

    wrong: str  # what is wrong about it, or nothing
    types: tuple[str, ...]
    fields: Counter[str]  # receptive fields: how many were told by rule, and how many measured


def outcome(text: str) -> Outcome:
    """Run a case: what `verify` calls wrong, what it raises, and whether it takes too much."""
    before, begun = peak_bytes(), time.process_time()
    try:
        report = analyze(from_text(text))
        verification = verify(report)
    except InputError:  # of what only the whole description shows
        return Outcome("", (), Counter(refused=1))
    except Exception:
        return Outcome(traceback.format_exc(), (), Counter())
    seconds, more = time.process_time() - begun, peak_bytes() - before
    types = tuple(row.type for row in report.rows)
    wrong = [
        f"{check.path} {check.quantity}: {check.rule!s} by rule, {check.measured!s} measured"
        for check in verification.mismatches
        if not (check.quantity == "peak_activation_bytes" and lays_out_a_part(types))
    ]
    if seconds > MOST_SECONDS:
        wrong.append(f"takes {seconds:.1f} s")
    if more > MOST_BYTES:
        wrong.append(f"takes {more >> 20} MiB")
    fields = [check for check in verification.checks if check.quantity.startswith("receptive_field")]
    found = Counter(
        "not measured" if check.ok is None else "exact" if check.quantity == "receptive_field" else "bound"
        for check in fields
    )
    return Outcome("; ".join(wrong), types, found)


def lays_out_a_part(types: Sequence[str]) -> bool:
    """Whether part of a map is laid out anew, which copies it or not, as its strides have it: the rule never copies."""
    cut = [at for at, kind in enumerate(types) if kind in ("slice", "crop", "crop_like")]
    return bool(cut) and not {"flatten", "reshape"}.isdisjoint(types[cut[0] :])


def peak_bytes() -> int:
    """The most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def findings(seed: int, numbers: Iterable[int], count: Counter[str]) -> Iterator[Finding]:
    """What goes wrong; `count` counts the cases, the layers and the fields."""
    for at in numbers:
        text = case(seed, at)
        result = outcome(text)
        count["cases"] += 1
        count.update(result.types)
        count.update(result.fields)
        if result.wrong:
            yield Finding(seed, at, result.wrong, text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--case", type=int, help="run this one again")
    given = parser.parse_args()
    until = time.monotonic() + 60 * given.minutes
    numbers = takewhile(lambda _: time.monotonic() < until, every()) if given.case is None else [given.case]
    count: Counter[str] = Counter()
    found = 0
    print(f"seed {given.seed}", flush=True)
    for finding in findings(given.seed, numbers, count):
        found += 1
        print(finding, flush=True)
    print(f"{count['cases']} cases, {found} findings; fields: ", end="")
    print(", ".join(f"{count[kind]} {kind}" for kind in ("exact", "bound", "not measured")))
    missing = [kind for kind in EVERY if not count[kind]]
    print(f"never drawn: {', '.join(missing)}" if missing and given.case is None else "every type drawn")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
