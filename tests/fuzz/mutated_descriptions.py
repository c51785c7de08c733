"""Descriptions and answer sheets with mistakes in them: of bytes, lines, words and of the tree that they spell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml

from cnncalc.language import collection
from cnncalc.layers.catalogue import ADDRESSES, resolve

TESTS = Path(__file__).parents[1]
EXAMPLES = TESTS.parent / "docs" / "examples"

NUMBERS = (
    *("0", "1", "-1", "2", "3", "7", "64", "1000", "9999", "10000", "10001", "49999", "65536", "2147483647"),
    *("2147483648", "-2147483648", "9007199254740993", "1" + "0" * 30, "9" * 300, "0.5", "-0.0", "1e18", "1e308"),
    *("1e-320", "1e999999", ".inf", ".nan", "0x7fffffff", "0o17", "1_000", "1/3"),
)
EXPRESSIONS = (
    *("range(10000)", "[k for k in range(64)]", "sum([sum(a) for k in range(64)])", "2 ** 255", "9**9**9", "1/0"),
    *("[range(64)] ", "[[1, 2], 3]", "len(range(10000))", "max(range(5))", "sum(range(10000))", "[a, a, a]"),
    *("2 ** -300", "(((((((((1)))))))))", "not " * 100 + "1", "-" * 300 + "1", "1 if 1 else " * 30 + "2"),
    *("in_channels * 2", "in_size[0] // 2", "input_size", "width", "'a' * 3", "'%s' % 3", "i", "row", "{i}", "x{i}"),
    *("make_divisible(2 ** 200, 3)", "range(64)[-1]", "round(10 ** 70 / 3)", "1 in range(10000)", "'b' in 'abc'"),
)
WORDS = (
    *("same", "valid", "previous", "input", "required", "null", "true", "~", "''", "total", "中文", "a.b", "a b"),
    *('"\\e[31m"', '"\\x9b2J"', '"\\u202e"', '"a\\nb"', '"\\0"', "'=1+1'", "<b>", "$x$", "|", "\\end{x}", "*a", "&a x"),
    *("!!str 1", "!x", "- ", "? ", "{}", "[]", "[[[[]]]]", "x" * 400, "\ufeff", "\u2028", "\x85", "\t", "："),
)
ASKS = (
    *("params", "macs", "flops", "output", "size", "channels", "memory", "receptive_field", "jump", "start", "nope"),
    *("most_params", "most_macs", "total.params", "total.macs", "3rd conv2d.output", "第 2 个卷积层.params"),
)
ANSWERS = (
    *("1792", "1,792", "1.79k", "7x7x512", "1/3", "15.5G", "138M", "528 MB", "all", "", "?", "1" * 400, "1e400"),
    *("3×3×64+64 = 1792", "64 channels of 112×112", "(" * 300, "1," * 300, "9" * 5000, "1 " * 2000, "x" * 3000),
    *("12 万", "约 1.2 亿", "1.2.3.4", "1e5", "−5", "½", "٣", "2^31", "yes", "是", "\\frac{1}{2}", "= 5", "10 MiB"),
)
CLAIMS = (
    *("a.params > b.params", "conv1_1 has the most MACs", "a has more params than b", "most_params: fc6", "is a = b?"),
    *("a.macs is larger than b.macs?: yes", "a > " * 200, "more " * 500, "a.params >>> 5", "1 < 2 < 3", "卷积层最多"),
)
KEYS = (
    "network: lenet5\nquestions: {c1.params: 2, total.macs: {points: 3}, fc6.output: 1}\n",
    "network: vgg16\ninput: [3, 64, 64]\ntolerance: 0.01\nconventions: half\nquestions:\n  conv1_1.params: 0.5\n",
    "network: lenet5\nset: {classes: 3}\nconventions: wrong\nsheets: {'0': {c1.params: 1}, 中文: {f6.macs: 2}}\n",
)
"""Keys of a class."""
COLUMNS = (
    *("params", "macs%", "rf", "top1", "input", "name", "type", "layers", "peak", "nope", "", " params ", "参数量"),
    *("PARAMS", "\x1b[31m", "x" * 300, "params=1", "a.b"),
)
EXPLOSIVE = (
    """
input: [3, 8, 8]
params:
  a: range(10000)
  b: ([sum(a) for k in range(64)])
  c: ([sum(b) + sum(a) for k in range(64)])
layers:
  - repeat: {times: 9000, index: i, layers: [{relu: {when: sum(c) + len([sum(a) for k in range(64)]) < i}}]}
  - relu
""",
    """
input: [3, 8, 8]
blocks:
  a: {params: {n: 12}, layers: [{block: {type: b, n: n - 1, when: n > 0}}, {block: {type: b, n: n - 1, when: n > 0}}]}
  b: {params: {n: 12}, layers: [{block: {type: c, n: n}}, {block: {type: c, n: n}}, relu]}
  c: {params: {n: 12, m: [n, n]}, layers: [{relu: {name: "r{n}{sum(m)}", when: n > 99}}]}
layers:
  - repeat: {times: 100, layers: [{repeat: {times: 100, layers: []}}]}
  - block: {type: a}
  - relu
""",
    """
input: [64, 30, 30]
layers:
  - relu: {name: first}
  - repeat:
      times: 1200
      index: i
      name: "stage"
      layers:
        - conv2d: {name: c, out_channels: 64 + i, kernel_size: 3, padding: 1}
        - branches: {paths: [[relu], [{conv2d: {out_channels: 3, kernel_size: 1}}], [tanh]], merge: concat}
        - conv2d: {name: d, out_channels: 64, kernel_size: 1}
        - add: {from: [previous, first]}
""",
    """
input: [3, 600, 600]
layers:
  - split: {name: parts, sizes: "[1, 1, 1]"}
  - concat: {from: ["parts.0", "parts.1", "parts.2", "parts.2", "parts.1"]}
  - upsample: {scale_factor: 1.7, mode: bilinear}
  - conv_transpose2d: {out_channels: 4, kernel_size: 37, stride: 17, dilation: 5}
  - adaptive_avg_pool2d: {output_size: [997, 991]}
  - spatial_pyramid_pool2d: {levels: [1, 2, 30, 100]}
  - reshape: {shape: [2, -1]}
  - lstm: {hidden_size: 3, num_layers: 50, bidirectional: true}
""",
)
"""Small texts that ask for much."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_TOKEN = re.compile(r"\w+|\s+|.")


@cache
def foreign_lines() -> list[str]:
    """Lines of other frameworks."""
    cases = yaml.safe_load((TESTS / "cases" / "foreign.yaml").read_text(encoding="utf-8"))
    return [case["line"] for case in cases]


def foreign_line(random: Random) -> str:
    """A line of another framework, some of them with a mutation."""
    line = random.choice(foreign_lines())
    return _tokens(line, random) if random.random() < 0.7 else line


def bare_value(random: Random) -> Any:
    """What may stand in the place of a layer's options."""
    return random.choice(
        (_scalar(random), [_scalar(random) for _ in range(random.randrange(4))], {_scalar(random): None})
    )


def columns(random: Random) -> str:
    """Columns as they may be asked for."""
    return ",".join(random.choice(COLUMNS) for _ in range(random.randrange(1, 5)))


def texts() -> dict[str, str]:
    """What is mutated, by name: every built-in, the networks of the tests, broken ones, and the manual's examples."""
    found = {path.stem: path.read_text(encoding="utf-8") for path in sorted(collection.folder().glob("*.yaml"))}
    for folder in ("networks", "broken"):
        for path in sorted((TESTS / "cases" / folder).glob("*.yaml")):
            found[f"{folder}/{path.stem}"] = path.read_text(encoding="utf-8")
    found |= {f"explosive/{number}": text for number, text in enumerate(EXPLOSIVE)}
    found |= {path.stem: path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.glob("*net.yaml"))}
    return found


def sheets() -> dict[str, str]:
    """Answer sheets, by name."""
    paths = [*(TESTS / "cases" / "homework").rglob("*.yaml"), *EXAMPLES.rglob("*.yaml")]
    known = {str(path): path.read_text(encoding="utf-8") for path in sorted(paths)}
    return {path: text for path, text in known.items() if "answers:" in text}


def names_of(text: str) -> list[str]:
    """Networks of a description that may be named behind a colon."""
    return re.findall(r"^  ([\w.]+):", text.partition("\nvariants:")[2], re.MULTILINE)


def params_of(text: str) -> list[str]:
    """Params of a description."""
    return re.findall(r"^  (\w+):", text.partition("\nparams:")[2].partition("\n\n")[0], re.MULTILINE)


def mutated(text: str, random: Random) -> str:
    """A text with a few mutations of a kind drawn for it."""
    kind = random.choice((_bytes, _lines, _tokens, *[_tree] * 4, *[_grown] * 5))
    for _ in range(random.choice((1, 1, 1, 1, 2, 4))):
        text = kind(text, random)
    return text


def anything(random: Random) -> str:
    """A number, an expression or a word, some of them extreme."""
    return random.choice(random.choice((NUMBERS, NUMBERS, EXPRESSIONS, WORDS)))


def _grown(text: str, random: Random) -> str:
    """The same with another number, which mostly leaves it a network."""
    body = text.find("\nlayers:")
    numbers = [found for found in _NUMBER.finditer(text) if found.start() > body or random.random() < 0.2]
    if not numbers:
        return text
    found = random.choice(numbers)
    more = random.choice(("1", "2", "3", "5", f"{found[0]} * 2", f"{found[0]} + 1", f"{found[0]}00", "500", "9000"))
    return text[: found.start()] + more + text[found.end() :]


def _bytes(text: str, random: Random) -> str:
    raw = bytearray(text.encode(errors="surrogateescape"))
    at = random.randrange(len(raw) + 1)
    match random.randrange(4):
        case 0:
            raw[at : at + random.choice((1, 1, 2, 20))] = b""
        case 1:
            raw[at:at] = bytes([random.choice((*b"\t\r\n :-[]{},#&*!|>%@`'\"", random.randrange(256)))])
        case 2:
            raw[at:at] = raw[at : at + 50] * random.choice((1, 3, 100))
        case _:
            raw[at : at + 1] = bytes([random.randrange(256)])
    return raw.decode(errors="surrogateescape")


def _lines(text: str, random: Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    at, other = random.randrange(len(lines)), random.randrange(len(lines))
    match random.randrange(5):
        case 0:
            del lines[at]
        case 1:
            lines[at:at] = [lines[other]]
        case 2:
            begin, end = sorted((at, other))
            lines[at:at] = lines[begin : end + 1] * random.choice((1, 2, 30))
        case 3:
            lines[at] = random.choice((" ", "  ", "- ", "\t")) + lines[at]
        case _:
            lines[at] = lines[at].removeprefix(random.choice((" ", "  ", "    ")))
    return "".join(lines[:20_000])


def _tokens(text: str, random: Random) -> str:
    numbers = list(_NUMBER.finditer(text))
    if numbers and random.random() < 0.4:
        found = random.choice(numbers)
        return text[: found.start()] + anything(random) + text[found.end() :]
    tokens = _TOKEN.findall(text)
    if not tokens:
        return anything(random)
    at, other = random.randrange(len(tokens)), random.randrange(len(tokens))
    match random.randrange(4):
        case 0:
            tokens[at] = ""
        case 1:
            tokens[at] = tokens[other]
        case 2:
            tokens[at], tokens[other] = tokens[other], tokens[at]
        case _:
            tokens[at] = anything(random)
    return "".join(tokens)


# The tree


def _tree(text: str, random: Random) -> str:
    try:
        root = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError):
        return _tokens(text, random)
    places = list(_places(root))
    if not places:
        return _tokens(text, random)
    holder, key = random.choice(places)
    other_holder, other_key = random.choice(places)
    value = holder[key]
    match random.randrange(8):
        case 0:
            del holder[key]
        case 1:
            holder[key], other_holder[other_key] = other_holder[other_key], value
        case 2:
            holder[key] = _scalar(random)
        case 3 if isinstance(holder, list):
            holder[key:key] = [value] * random.choice((1, 5, 40))
        case 4 if isinstance(value, (int, float)):
            holder[key] = random.choice((-value, value * 2, value * 1000, value + 1, [value, value], str(value)))
        case 5 | 6 if layers := [place for place in places if _is_layer(place[0][place[1]])]:
            holder, key = random.choice(layers)
            holder[key] = _relayered(holder[key], random)
        case _ if isinstance(value, dict):
            value[random.choice(("name", "from", "share", "alias", "when", "times", "each", "type", "dim"))] = _scalar(
                random
            )
        case _:
            holder[key] = random.choice(([value], {"x": value}, [value, value], str(value)))
    try:
        return yaml.dump(root, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000)
    except (yaml.YAMLError, RecursionError):  # a part that holds itself
        return _tokens(text, random)


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Writes what stands twice twice, as people do."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _places(value: Any, depth: int = 0) -> Iterator[tuple[Any, Any]]:
    """Every (list or mapping, index or key) in a tree."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in entries:
        yield value, key
        if depth < 40:
            yield from _places(part, depth + 1)


def _scalar(random: Random) -> Any:
    text = anything(random)
    try:
        return int(text) if text.lstrip("-").isdecimal() else float(text)
    except ValueError:
        return text


def _is_layer(value: Any) -> bool:
    kind = next(iter(value)) if isinstance(value, dict) and len(value) == 1 else value
    return isinstance(kind, str) and (kind in ADDRESSES or kind in _MACROS)


_FOREIGN_OPTIONS = ("filters", "activation", "in_channels", "strides", "name", "padding", "units", "kernel_size")


def _named(options: dict[str, Any]) -> dict[str, Any]:
    return {"conv1": options}


_MACROS = ("sequential", "repeat", "block", "residual", "branches", "split")


def _relayered(entry: Any, random: Random) -> Any:
    """A layer that is another, has another option, or stands in a macro."""
    match random.randrange(9):
        case 6:
            return random.choice((foreign_line(random), {foreign_line(random): None}, {"conv1": foreign_line(random)}))
        case 7:
            return {random.choice((*ADDRESSES, *_MACROS)): bare_value(random)}
        case 8:
            kind = random.choice((*ADDRESSES, foreign_line(random).partition("(")[0]))
            fields = random.sample(_FOREIGN_OPTIONS, random.randrange(3))
            key = random.choice(("type", "layer", "class_name"))
            return random.choice((dict, _named))({key: kind, **{name: bare_value(random) for name in fields}})
        case 0:
            return {"repeat": {"times": _scalar(random), "index": "i", "layers": [entry]}}
        case 1:
            return {"repeat": {"each": _scalar(random), "as": "row", "name": "x{row}", "layers": [entry]}}
        case 2:
            return {
                "branches": {"paths": [[entry]] * random.choice((1, 2, 30)), "merge": random.choice(("add", "concat"))}
            }
        case 3:
            return {"residual": {"body": [entry]}}
        case 4:
            kind = random.choice(list(ADDRESSES))
            fields = [name for name in _options(kind) if random.random() < 0.7]
            return {kind: {name: random.choice((1, 2, 3, [1, 2], _scalar(random))) for name in fields}}
    if isinstance(entry, dict):
        ((kind, options),) = entry.items()
        if kind in ADDRESSES and (options is None or isinstance(options, dict)) and _options(kind):
            return {kind: {**(options or {}), random.choice(_options(kind)): _scalar(random)}}
    return {"sequential": [entry, entry]}


@cache
def _options(kind: str) -> list[str]:
    return list(resolve(kind).model_fields)
