"""Fills in the sheets of a class as ten students might: most answers are right, some have a typical slip."""

import re
from pathlib import Path

from cnncalc import analyze, load

key = Path("quiz-key.yaml").read_text(encoding="utf-8")
right = dict(re.findall(r"^    (\S+): \S+  # (\S+)$", key, re.MULTILINE))  # the answers beside the questions
graph = load("lenet5")
layers = analyze(graph).by_path


def slip(ask, answer):
    """What comes out with a step left out."""
    layer, _, quantity = ask.rpartition(".")
    if quantity == "output":
        channels, *size = answer.split("x")
        return "x".join([channels, *(str(int(extent) - 1) for extent in size)])  # without the + 1
    if quantity == "params" and layers[layer].weights:
        return str(layers[layer].weights[0].numel)  # without the biases
    if quantity in ("memory", "param_memory"):
        return str(int(answer) // 4)  # numbers, not bytes
    return str(2 * int(answer))  # two operations for one, or one for two


for place, path in enumerate(sorted(Path("quiz").glob("*.yaml"))):
    lines = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        ask = line.strip().removesuffix(":")
        if ask in right:
            line += f" {slip(ask, right[ask]) if (place + number) % 4 == 0 else right[ask]}"
        lines.append(line + "\n")
    path.write_text("".join(lines), encoding="utf-8")
