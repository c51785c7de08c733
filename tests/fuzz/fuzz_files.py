"""Mutated pictures and files of arrays through `cnncalc run`, by the minute.

    python -m tests.fuzz.fuzz_files --minutes 5 --seed 1
    python -m tests.fuzz.fuzz_files --case 1:4711 --keep somewhere

A file that is right is read; of any other there is a diagnostic, or values. Neither takes long or much memory, and
nothing else appears on the screen. A case follows from its seed and number alone; the exit code is 1 where one of them
does something else.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic
from typing import NamedTuple

from tests.fuzz.mutated_files import KINDS
from tests.fuzz.watched import Outcome, warm, watch

MOST_SECONDS = 10.0
"""Processor time of a case; the largest pictures take half of it."""

MOST_BYTES = {"--image": 700 << 20, "--array": 300 << 20, "--weights": 300 << 20}
"""Memory of a case, with the imports: by far the largest part is that of pictures of many pixels."""

RIGHT = 0.05
"""How many files are left as they are."""


class Case(NamedTuple):
    """A command, and the file that it reads."""

    id: str
    words: list[str]
    network: str
    name: str
    content: bytes
    right: bool

    def write(self, folder: Path) -> None:
        """Put the files in place."""
        folder.joinpath("net.yaml").write_text(self.network, encoding="utf-8")
        folder.joinpath(self.name).write_bytes(self.content)

    def run(self) -> Outcome:
        """What becomes of it."""
        with TemporaryDirectory(prefix="cnncalc_fuzz_") as folder:
            self.write(Path(folder))
            return watch(self.words, Path(folder))

    def faults(self, outcome: Outcome) -> list[str]:
        """What is wrong with what became of it."""
        found = [] if outcome.code in ((0,) if self.right else (0, 2)) else [f"exit code {outcome.code}"]
        said = outcome.err.startswith("error[") and "Warning" not in outcome.err if outcome.code else not outcome.err
        if not said or "Traceback" in outcome.err:
            found.append(f"on stderr: {outcome.err.strip()[-200:]!r}")
        if outcome.seconds > MOST_SECONDS:
            found.append(f"took {outcome.seconds:.1f} seconds")
        if outcome.peak_bytes > MOST_BYTES[self.words[-2]]:
            found.append(f"took {outcome.peak_bytes >> 20} MiB")
        return found


def case(seed: int, number: int) -> Case:
    """The case of a seed and a number."""
    random = Random(f"{seed}:{number}")
    name = random.choices(list(KINDS), (5, 2, 3, 2))[0]
    option, right, mutated = KINDS[name]
    is_right = random.random() < RIGHT
    content = (right if is_right else mutated)(random)
    channels = random.choice((1, 3)) if option == "--image" else 3
    height, width = (random.randrange(3, 30) for _ in "hw") if option == "--image" else (9, 8)
    network = (
        f"input: [{channels}, {height}, {width}]\n"
        "layers:\n  - conv2d: {name: conv, out_channels: 2, kernel_size: 3}\n"
    )
    return Case(f"{seed}:{number}", ["run", "net.yaml", option, name], network, name, content, is_right)


def cases(seed: int, seconds: float) -> Iterator[Case]:
    """One case after the other, until the time is over."""
    until = monotonic() + seconds
    number = 0
    while monotonic() < until:
        yield case(seed, number)
        number += 1


def main() -> int:
    """Fuzz for a while, or run one case; 1 where something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.fuzz_files", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--case", metavar="SEED:NUMBER", help="run this one, and show what it prints")
    parser.add_argument("--keep", metavar="FOLDER", type=Path, help="leave the files of --case there")
    chosen = parser.parse_args()
    warm()
    if chosen.case:
        one = case(*map(int, chosen.case.split(":")))
        if chosen.keep:
            chosen.keep.mkdir(parents=True, exist_ok=True)
            one.write(chosen.keep)
        outcome = one.run()
        faults = one.faults(outcome)
        print(outcome.out, outcome.err, sep="\n")
        print(one.words, f"exit code {outcome.code}, {outcome.seconds:.1f} s, {outcome.peak_bytes >> 20} MiB")
        print(*faults, sep="\n")
        return int(bool(faults))
    wrong = 0
    ended: Counter[str] = Counter()
    slowest, largest = (0.0, ""), (0, "")
    for one in cases(chosen.seed, 60 * chosen.minutes):
        outcome = one.run()
        ended["read" if outcome.code == 0 else "refused"] += 1
        slowest = max(slowest, (outcome.seconds, one.id))
        largest = max(largest, (outcome.peak_bytes >> 20, one.id))
        for fault in one.faults(outcome):
            wrong += 1
            print(f"--case {one.id}: {fault}\n    {' '.join(one.words)}", flush=True)
    print(
        f"seed {chosen.seed}: {ended['read']:,} files read, {ended['refused']:,} refused, {wrong} findings; "
        f"the slowest {slowest[0]:.1f} s ({slowest[1]}), the largest {largest[0]} MiB ({largest[1]})"
    )
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
