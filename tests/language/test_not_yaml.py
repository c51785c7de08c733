"""What is said of a text that is no YAML: one of our own sentences, at the place to look at, for either parser."""

from __future__ import annotations

import re

import pytest
import yaml

from cnncalc import from_text
from cnncalc.core.errors import InputError, Source
from cnncalc.core.keyboard import ASCII_EQUIVALENTS, foreign_signs
from cnncalc.core.translation import use_language
from cnncalc.language.text.document import parse

INDENT = "the indent of this line fits no line above it"
TAB = "there is a tab here"
BRACKET = "the square bracket that opens on line 1 is not closed"
QUOTE = "the quote that opens here is not closed"
IN_QUOTES = "no value begins with this character"
ANCHOR = "comes the name of an anchor"
MISSING = "a value is missing here"
ESCAPE = "begins a code, and this is none"
DIRECTIVE = "is for the parser itself"
KEYBOARD = "of a Chinese keyboard; write"
COMPLETE = "the description is complete before this"

WRONG = [
    ("layers:\n  - conv2d: out_channels: 3\n", "this colon is one too many", "2:25"),
    ("input: [3, 8, 8]\n  layers:\n  - relu\n", INDENT, "2:3"),
    ("layers:\n  - relu\n - tanh\n", INDENT, "3:2"),
    ("layers:\n    - relu\n  x: 1\n", INDENT, "3:3"),
    ("input: 3\nlayers\n  - relu\n", "this name has no colon after it", "2:1"),
    ("layers:\n  - relu\n  tanh: {}\n", "an item that begins with `-` is expected here, as on line 2", "3:3"),
    ("a: b\n- c\n", "an item of a list is among lines", "2:1"),
    ("a: 1\n}\n", "this bracket closes none that is open", "2:1"),
    ('a: "b" c\n', "the value is complete before this", "1:8"),
    ("input: [3, 8\nlayers: [relu]", BRACKET, "2:7"),
    ("input: [3, 8\n", BRACKET, "1:8"),
    ("a: {b: 1\n", "the curly bracket that opens on line 1 is not closed", "1:4"),
    ('a: [1, "b" "c"]\n', "or a comma is missing before this", "1:12"),
    ('input: 3\ntitle: "abc\nlayers: []\n', QUOTE, "2:8"),
    ('a: "b\n--- c"', QUOTE, "1:4"),
    ("input:\n\t[3, 8, 8]", TAB, "2:1"),
    ("a:\n  b: 1\n\tc: 2\n", TAB, "3:1"),
    ("title: @you", IN_QUOTES, "1:8"),
    ("title: `a`", IN_QUOTES, "1:8"),
    ("layers: - relu", "a list begins on a line of its own", "1:9"),
    ("a: ? b", "`?` cannot stand here", "1:4"),
    ("paths: *.yaml", ANCHOR, "1:9"),
    ("a: & b", ANCHOR, "1:5"),
    ("a: | b\n c", "the text begins on the next line", "1:6"),
    ("[a]\nb: 1", COMPLETE, "2:1"),
    ("a: [1, , 2]", MISSING, "1:8"),
    ("a: ]", MISSING, "1:4"),
    ('title: "C:\\path"', ESCAPE, ""),  # one parser marks the backslash, one the letter behind it
    ('title: "\\xzz"', ESCAPE, "1:11"),
    ("%YAML 3.0\n---\na: 1", DIRECTIVE, "1:1"),
    ("%\na: 1", DIRECTIVE, "1:2"),
    ("a: !b!c 1", "a tag begins with `!`", "1:4"),
    ("a: |0\n b", "this is not YAML: “", "1:5"),  # rare: the parser's own words, whatever they are
    ("a: \x01", "the character U+0001 is not allowed in text", "1:4"),
    ("input: 3\nb: \ud800", "the character U+D800 is not allowed in text", "2:4"),
    ("input：[3, 8, 8]\nlayers: [relu]\n", KEYBOARD, "1:6"),
    ("input: 3\nlayers：\n  - relu\n", KEYBOARD, "2:7"),
    ("title: “a: b”\nlayers: [relu]\n", KEYBOARD, "1:8"),
    ("title: 甲：“乙”  # 注：无\nlayers: a: [relu]\n", "this colon is one too many", "2:10"),
]


@pytest.mark.parametrize("parser", ["libyaml", "python"])
@pytest.mark.parametrize(("text", "sentence", "place"), WRONG, ids=[repr(text)[1:-1] for text, *_ in WRONG])
def test_what_is_wrong_and_where(
    text: str, sentence: str, place: str, parser: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if parser == "python":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    with pytest.raises(InputError) as caught:
        parse(Source("net.yaml", text))
    [found] = caught.value.diagnostics
    assert found.code == "not-yaml"
    assert sentence in str(found)
    if place:
        assert f"--> net.yaml:{place}" in str(found)
    with use_language("zh"):
        own = re.sub(
            r"`[^`]*`|“[^”]*”|YAML|not-yaml|net\.yaml|error|U\+\w+|^\d+ \|.*$", "", str(found), flags=re.MULTILINE
        )
    assert re.findall("[A-Za-z]{2,}", own) == []


BRACKETED = [
    ("  - conv2d:\n      out_channels: {widths[1]}\n      kernel_size: 3\n", "{widths[1]}", '"widths[1]"'),
    ("  - conv2d: {kernel_size: 3, out_channels: widths[1]}\n", "widths[1]", '"widths[1]"'),
    ("  - conv2d: {out_channels: widths[1] * 2, kernel_size: 3}\n", "widths[1] * 2", '"widths[1] * 2"'),
    ("  - conv2d: {kernel_size: [1, widths[0] - 7], out_channels: 3}\n", "widths[0] - 7", '"widths[0] - 7"'),
    ("  - {conv2d: {kernel_size: 3, name: conv{1 + 1}, out_channels: 3}}\n", "conv{1 + 1}", '"conv{1 + 1}"'),
    ("  - conv2d: {kernel_size: 3, out_channels: max(9, widths[0])}\n", "max(9, widths[0])", '"max(9, widths[0])"'),
    ("  - conv2d: {out_channels: max(widths[0], 9), kernel_size: 3}\n", "max(widths[0], 9)", '"max(widths[0], 9)"'),
]


@pytest.mark.parametrize("parser", ["libyaml", "python"])
@pytest.mark.parametrize(("layer", "wrong", "right"), BRACKETED, ids=[wrong for _, wrong, _ in BRACKETED])
def test_a_bracket_in_a_text_without_quotes(
    layer: str, wrong: str, right: str, parser: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if parser == "python":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    text = f"input: [3, 8, 8]\nparams:\n  widths: [8, 16]\nlayers:\n{layer}"
    with pytest.raises(InputError) as caught:
        from_text(text)
    [found] = caught.value.diagnostics
    assert found.span is not None
    assert f"{right}`" in found.lines()[-1][1]
    assert "put it in quotes: `" in found.lines()[-1][1]
    assert from_text(text.replace(wrong, right)).nodes


def test_a_list_inside_of_a_call() -> None:
    text = "input: [3, 8, 8]\nlayers: [nn.Conv2d(3, 64, kernel_size=[3, 1]), relu]\n"
    with pytest.raises(InputError) as caught:
        from_text(text)
    [found] = caught.value.diagnostics
    entry = "conv2d: {out_channels: 64, kernel_size: [3, 1]}"
    assert (found.code, f"write `{entry}`" in str(found)) == ("unknown-layer", True)
    assert from_text(text.replace("nn.Conv2d(3, 64, kernel_size=[3, 1])", entry)).nodes


def test_values_of_params_stay_without_quotes() -> None:
    text = "params: {widths: [8, 16], first: widths[1]}\ninput: [3, 8, 8]\nlayers: [{linear: first}]\n"
    with pytest.raises(InputError, match=r"on a line of its own.*`first: widths\[1\]`"):
        from_text(text)
    whole = "params:\n  widths: [8, 16]\n  first: widths[1]\ninput: [3]\nlayers: [{linear: first}]\n"
    assert from_text(whole).nodes[0].layer.out_features == 16


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        ("conv2d: {out_channels: {width}, kernel_size: 3}", "leave the braces out: write `width`"),
        ("conv2d: {out_channels: {width + 1}, kernel_size: 3}", "leave the braces out: write `width + 1`"),
        ("relu: {name: {width}}", 'put it in quotes: `name: "{width}"`'),
        ("relu: {from: {width}}", 'put it in quotes: `from: "{width}"`'),
    ],
)
def test_braces_around_an_expression(layer: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        from_text(f"params: {{width: 8}}\ninput: [3, 8, 8]\nlayers:\n  - {layer}\n")
    [found] = caught.value.diagnostics
    assert said in found.lines()[-1][1]


@pytest.mark.parametrize("parser", ["libyaml", "python"])
@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 100_000,
        "a: " + "[" * 1500 + "]" * 1500,
        "{a: " * 1500 + "b" + "}" * 1500,
        "- " * 1500 + "b",
        "".join(f"{' ' * n}a:\n" for n in range(700)),
    ],
    ids=["open lists", "lists", "mappings", "items", "names"],
)
def test_what_is_nested_too_deeply(text: str, parser: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found by us, or by a parser that has a bound of its own: the same is said, in either language."""
    if parser == "python":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    with pytest.raises(InputError) as caught:
        parse(Source("net.yaml", text))
    [found] = caught.value.diagnostics
    assert str(found).startswith("error[too-deep]: this is nested more than 50 levels deep\n")
    with use_language("zh"):
        assert str(found).startswith("错误[too-deep]：这里的嵌套超过了 50 层\n")


@pytest.mark.parametrize(
    ("line", "signs"),
    [
        ("input: [3，224，224]", "，"),
        ("layers: [relu，tanh、elu]", "，、"),
        ("  - conv2d：{out_channels：3}", "："),
        ("input: 【3, 8】", "【】"),
        ("--columns params，macs", "，"),
        ("title: 我的网络，第一版（草稿）：“好”", ""),
        ("title: 残差网络  # 注：见论文，第三节", ""),
        ("café: 3×3", ""),
    ],
)
def test_signs_of_a_chinese_keyboard(line: str, signs: str) -> None:
    assert foreign_signs(line) == list(signs)
    assert all(ASCII_EQUIVALENTS[sign].isascii() for sign in signs)


def test_an_objection_names_them() -> None:
    """On whatever line it is about, and no other."""
    with pytest.raises(InputError) as caught:
        from_text("input: [3，8，8]\nlayers: [relu]\n")
    assert "`，`: of a Chinese keyboard; write `,`" in str(caught.value)
    with pytest.raises(InputError) as caught:
        from_text("title: 甲，乙 3，4\ninput: [3, 8, 8]\nlayers: [relv]\n")
    assert "keyboard" not in str(caught.value)
