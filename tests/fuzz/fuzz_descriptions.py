"""Mutated descriptions and answer sheets through the real command line, by the minute.

    python -m tests.fuzz.fuzz_descriptions --minutes 5 --seed 1
    python -m tests.fuzz.fuzz_descriptions --case 1:4711 --keep somewhere

Whatever is written, a command ends by itself, soon, with exit code 0, 1 or 2 and without a traceback. A case follows
from its seed and number alone; the exit code is 1 where one of them does something else.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic
from typing import NamedTuple

from cnncalc.analysis.conventions import NAMES
from cnncalc.explain.topics.catalogue import TOPICS
from cnncalc.language import collection
from cnncalc.layers.catalogue import ADDRESSES
from tests.fuzz.mutated_descriptions import (
    ANSWERS,
    ASKS,
    CLAIMS,
    KEYS,
    anything,
    columns,
    foreign_line,
    mutated,
    names_of,
    params_of,
    sheets,
    texts,
)
from tests.fuzz.watched import Outcome, warm, watch

COMPUTING = ("run", "verify")
"""Commands whose time and memory are those of the network."""

_TEXTS, _SHEETS = texts(), sheets()
_BUILT_IN = [name for name in collection.names() if not name.startswith(("densenet", "efficientnet"))]


class Case(NamedTuple):
    """A command and the files that it finds in its folder."""

    id: str
    words: list[str]
    files: dict[str, str]

    def write(self, folder: Path) -> None:
        """Put the files in place."""
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(text.encode(errors="surrogateescape"))

    def run(self) -> Outcome:
        """What becomes of it."""
        with TemporaryDirectory(prefix="cnncalc_fuzz_") as folder:
            self.write(Path(folder))
            return watch(self.words, Path(folder))

    def faults(self, outcome: Outcome) -> list[str]:
        """What is wrong with what became of it."""
        return outcome.faults(computes=self.words[0] in COMPUTING)


def case(seed: int, number: int) -> Case:
    """The case of a seed and a number."""
    random = Random(f"{seed}:{number}")
    command = random.choices(list(_COMMANDS), [weight for weight, _ in _COMMANDS.values()])[0]
    words, files = _COMMANDS[command][1](random)
    if random.random() < 0.2:
        words += ["--lang", "zh"]
    return Case(f"{seed}:{number}", [command, *words], files)


def _description(random: Random) -> tuple[str, dict[str, str]]:
    """A mutated description and how it is named."""
    name = random.choice(list(_TEXTS))
    if name.startswith("broken/") and random.random() < 0.7:  # what is wrong already is soon done with
        name = random.choice(list(_TEXTS))
    variants = names_of(_TEXTS[name])
    return (f"net.yaml:{random.choice(variants)}" if variants else "net.yaml"), {
        "net.yaml": mutated(_TEXTS[name], random)
    }


def _common(random: Random, files: dict[str, str], input: bool = True) -> Iterator[str]:
    params = params_of(files.get("net.yaml", ""))
    if params and random.random() < 0.3:
        yield from ("--set", f"{random.choice(params)}={random.choice(('1', '3', '50', '[2, 3]', anything(random)))}")
    if input and random.random() < 0.1:
        yield from ("--input", random.choice(("3x64x64", "3x37x51", "2147483647x1x1", "0x1", "16", "4x9")))


def _formatted(random: Random, *formats: str) -> list[str]:
    return ["--format", random.choice(formats)] if random.random() < 0.7 else []


def _summarize(random: Random) -> tuple[list[str], dict[str, str]]:
    name, files = _description(random)
    words = [name, *_common(random, files), *_formatted(random, "table", "json", "csv", "markdown")]
    words += random.choice(([], ["--flat"], ["--depth", random.choice(("1", "2", "3", "999999999"))]))
    words += random.choice(
        ([], [], ["--columns", columns(random)], ["--columns", "input,params%,rf,jump,start,memory"])
    )
    words += random.choice(([], [], [], ["--batch", "2147483647", "--dtype", "int8"]))
    words += random.choice(([], [], ["--convention", random.choice((*NAMES, anything(random)))]))
    return words, files


def _compare(random: Random) -> tuple[list[str], dict[str, str]]:
    name, files = _description(random)
    words = [name, random.choice(_BUILT_IN), *_formatted(random, "table", "json", "csv", "markdown")]
    if random.random() < 0.5:
        words += ["--sort", random.choice(("macs", "rf", "params", "top1"))]
    if random.random() < 0.3:
        words += ["--columns", columns(random)]
    return [*words, *_common(random, files)], files


def _reconcile(random: Random) -> tuple[list[str], dict[str, str]]:
    name, files = _description(random)
    named = random.choices((*NAMES, "torch", anything(random)), k=random.randrange(4))
    claim = ["--claim", random.choice((*ANSWERS, "4.12G"))] if random.random() < 0.4 else []
    memory = ["--memory"] if random.random() < 0.2 else []
    formats = _formatted(random, "table", "json", "csv", "markdown", "latex")
    return [name, *named, *claim, *memory, *_common(random, files), *formats], files


def _explain(random: Random) -> tuple[list[str], dict[str, str]]:
    formats = _formatted(random, "text", "markdown", "latex", "json")
    if random.random() < 0.15:
        options = [f"{random.choice('knsc')}={anything(random)}" for _ in range(random.randrange(3))]
        return ["--topic", random.choice(list(TOPICS)), *options, *formats], {}
    name, files = _description(random)
    layer = [random.choice(("0", "1", "2nd conv2d", "last linear", "features.0", "x" * 500, "total"))]
    quantity = ["--quantity", random.choice(ASKS)] if random.random() < 0.2 else []
    return [name, *(layer if random.random() < 0.7 else []), *quantity, *_common(random, files), *formats], files


def _layer(random: Random) -> tuple[list[str], dict[str, str]]:
    from cnncalc.layers.catalogue import resolve

    if random.random() < 0.3:
        return [*foreign_line(random).split(random.choice((" ", "\0"))), "--input", "3x9x8"], {}
    kind = random.choice(list(ADDRESSES))
    fields = resolve(kind).model_fields
    extreme = random.choice([*fields, ""])
    options = [
        f"{name}={anything(random) if name == extreme else random.choice('123')}"
        for name, field in fields.items()
        if field.is_required() or name == extreme
    ]
    shape = random.choice(("3x9x8", "3x9x8", "16x8", "12", "3x4x5x6", "2147483647x2147483647", "64x2147483647x3"))
    shapes = [("--input", shape)] * resolve(kind).least_inputs
    words = [kind, *options, *(word for pair in shapes for word in pair)]
    return [*words, *_formatted(random, "table", "json", "csv", "markdown")], {}


def _check(random: Random) -> tuple[list[str], dict[str, str]]:
    formats = [*_formatted(random, "table", "json", "csv"), *random.choice(([], ["--hide-answers"]))]
    if random.random() < 0.3:
        name, files = _description(random)
        layers = ("conv1_1", "fc6", "0", "features.0", "total", "中文", "x" * 300, "last conv2d")
        asked = [f"{random.choice(layers)}.{random.choice(ASKS)}={random.choice(ANSWERS)}" for _ in range(3)]
        return [name, *asked, random.choice(CLAIMS), *formats], files
    names = [f"class/{number}.yaml" for number in range(random.choice((1, 1, 3)))]
    files = {name: _sheet(random) for name in names}
    if random.random() < 0.4:
        files["key.yaml"] = mutated(random.choice(KEYS), random)
        marked = ["--key", "key.yaml", *random.choice(([], ["--items"], ["--feedback", "back"]))]
        return ["class", *marked, *formats], files
    return [random.choice((names[0], "class")), *formats], files


def _sheet(random: Random) -> str:
    text = random.choice(list(_SHEETS.values()))
    head, answers, rest = text.partition("\nanswers:\n")
    layers = re.findall(r"^  ([\w ]+)\.", rest, re.MULTILINE) or ["total"]
    for _ in range(random.randrange(6)):
        answers += f"  {random.choice(layers)}.{random.choice(ASKS)}: {random.choice((*ANSWERS, anything(random)))}\n"
    claims = "".join(f"  - {random.choice(CLAIMS)}\n" for _ in range(3)) if "claims:" in rest else ""
    text = head + answers + rest.rstrip() + "\n" + claims
    return mutated(text, random) if random.random() < 0.6 else text


def _quiz(random: Random) -> tuple[list[str], dict[str, str]]:
    name, files = _description(random)
    words = [name, "--n", random.choice(("3", "10", "1000000000")), "--difficulty", random.choice("123")]
    if random.random() < 0.4:
        files["names.txt"] = "\n".join(anything(random) for _ in range(random.randrange(4)))
        words += ["--students", random.choice(("names.txt", "2", "-1", "10000000000")), "--output", "sheets"]
    words += random.choice(([], ["--points", random.choice(("1,2,3", "0", anything(random)))]))
    return [*words, "--seed", str(random.randrange(99)), *_common(random, files)], files


def _computing(random: Random) -> tuple[list[str], dict[str, str]]:
    name = random.choice(
        ("networks/tiny_resnet", "networks/gates_and_branches", "networks/cross_correlation", "lenet5")
    )
    text = _TEXTS.get(name) or _TEXTS["networks/deep"]
    files = {"net.yaml": mutated(text, random)}
    layer = ["--layer", random.choice(("0", "stem", "nope"))] if random.random() < 0.2 else []
    return ["net.yaml", *layer, *_common(random, files, input=False), *_formatted(random, "table", "json")], files


def _show(random: Random) -> tuple[list[str], dict[str, str]]:
    return [random.choice((random.choice(_BUILT_IN), anything(random)))], {}


_COMMANDS = {
    "summarize": (8, _summarize),
    "compare": (2, _compare),
    "reconcile": (2, _reconcile),
    "explain": (4, _explain),
    "layer": (4, _layer),
    "check": (5, _check),
    "quiz": (1.5, _quiz),
    "run": (1, _computing),
    "verify": (1, _computing),
    "show": (0.2, _show),
}
"""How often a command is drawn, and what is written behind it."""


def cases(seed: int, seconds: float) -> Iterator[Case]:
    """One case after the other, until the time is over."""
    until = monotonic() + seconds
    number = 0
    while monotonic() < until:
        yield case(seed, number)
        number += 1


def main() -> int:
    """Fuzz for a while, or run one case; 1 where something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.fuzz_descriptions", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--case", metavar="SEED:NUMBER", help="run this one, and show what it prints")
    parser.add_argument("--keep", metavar="FOLDER", type=Path, help="leave the files of --case there")
    chosen = parser.parse_args()
    warm()
    if chosen.case:
        seed, number = map(int, chosen.case.split(":"))
        one = case(seed, number)
        if chosen.keep:
            chosen.keep.mkdir(parents=True, exist_ok=True)
            one.write(chosen.keep)
        outcome = one.run()
        print(outcome.out, outcome.err, sep="\n")
        print(one.words, f"exit code {outcome.code}, {outcome.seconds:.1f} s, {outcome.peak_bytes >> 20} MiB")
        faults = one.faults(outcome)
        print(*faults, sep="\n")
        return int(bool(faults))
    tried = wrong = unfinished = 0
    slowest, largest = (0.0, ""), (0, "")
    for one in cases(chosen.seed, 60 * chosen.minutes):
        outcome = one.run()
        tried += 1
        unfinished += outcome.code is None
        if one.words[0] not in COMPUTING:
            slowest = max(slowest, (outcome.seconds, one.id))
            largest = max(largest, (outcome.peak_bytes >> 20, one.id))
        for fault in one.faults(outcome):
            wrong += 1
            print(f"--case {one.id}: {fault}\n    {' '.join(one.words)[:200]!r}", flush=True)
    print(
        f"seed {chosen.seed}: {tried:,} cases, {wrong} findings; {unfinished} computed for too long; slowest of the "
        f"others {slowest[0]:.1f} s ({slowest[1]}), the largest {largest[0]} MiB ({largest[1]})"
    )
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
