"""Marking of a class: 1,000 sheets of 20 answers on VGG-16 by a key, with a table, with feedback, and with analysis.

Run with `python benchmarks/marking.py`. A quarter of the answers are wrong: a third of those have one of a few usual
slips, the others are numbers that no two students have in common.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from cnncalc import analyze, load
from cnncalc.homework.quiz import compose

SHEETS, QUESTIONS = 1_000, 20


def seconds(words: Sequence[str], folder: Path) -> tuple[float, float]:
    """Processor time and wall-clock time of a command."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-m", "cnncalc", *words], cwd=folder, stdout=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used, time.perf_counter() - start


def write_class(folder: Path) -> None:
    """The key, and the sheets as students fill them in."""
    network = analyze(load("vgg16"))
    drawn = compose(network, "vgg16", n=QUESTIONS, seed=1, difficulty=3, topics=("params", "macs", "memory", "output"))
    asked = [(one.question.ask, one.answer) for one in drawn.exercises]
    (folder / "key.yaml").write_text("network: vgg16\nquestions:\n" + "".join(f"  {ask}: 1\n" for ask, _ in asked))
    (folder / "in").mkdir()
    random = Random(1)
    for number in range(SHEETS):
        lines = [f"  {ask}: {_answer(answer, random)}\n" for ask, answer in asked]
        (folder / "in" / f"student-{number:04}.yaml").write_text(f"network: vgg16\nanswers:\n{''.join(lines)}")


def _answer(answer: object, random: Random) -> str:
    """A right answer, or a wrong one."""
    spelled = "x".join(map(str, answer)) if isinstance(answer, tuple) else str(answer)
    draw = random.random()
    if draw < 0.75 or not isinstance(answer, int):
        return spelled
    return str(random.choice((answer // 4, 2 * answer, 9 * answer)) if draw < 0.83 else random.randrange(10**9))


def main() -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_class(folder)
        for more in (("-o", "grades.csv"), ("-o", "grades.csv", "--feedback", "feedback"), ("--items",)):
            used, waited = seconds(("check", "in", "--key", "key.yaml", *more), folder)
            print(f"{' '.join(more)}: {used:.1f} s of processor time, {waited:.1f} s")


if __name__ == "__main__":
    main()
