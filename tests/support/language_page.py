"""`docs/language.md` and its Chinese twin, made of the reference that `cnncalc layers` shows."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import getdoc
from itertools import groupby

from cnncalc.core.translation import LANGUAGES, _, use_language
from cnncalc.display.reference import labelled_text, value_text
from cnncalc.language.reference.catalogue import SECTIONS
from cnncalc.language.reference.construct import Construct
from cnncalc.layers.base import Layer
from cnncalc.layers.catalogue import ADDRESSES, resolve

PAGES = {"en": "docs/language.md", "zh": "docs/language.zh-CN.md"}

FRAME = {
    "en": (
        "# The language of descriptions",
        "[简体中文](language.zh-CN.md) · [README](../README.md)",
        "All that a description may say. `cnncalc layers NAME` shows the same on the screen, for each construct and "
        "each layer type; `cnncalc schema` prints a JSON Schema by which editors complete and check. Every example is "
        "a whole description, and runs as it stands.",
        "Layer types",
        "Shapes are channels first, without the batch. An option without a value must be given; the others have the "
        "default that follows the equals sign.",
        ("type", "what it does", "shape", "options"),
        ("key", "meaning"),
    ),
    "zh": (
        "# 描述语言",
        "[English](language.md) · [README](../README.zh-CN.md)",
        "描述中可以写的一切。`cnncalc layers NAME` 在屏幕上显示同样的内容，包括每种写法和每种层；`cnncalc schema` 输出 "
        "JSON Schema，编辑器据此补全和检查。每个示例都是完整的描述，可以直接运行。",
        "层类型",
        "形状均为通道在前，不含批量。没有写值的选项必须给出；其余选项的默认值写在等号之后。",
        ("类型", "作用", "形状", "选项"),
        ("键", "含义"),
    ),
}
"""What stands around the reference: heading, links, opening, and the heads of the tables."""

FAMILIES = {
    "conv": ("Convolution", "卷积"),
    "conv_transpose": ("Transposed convolution", "转置卷积"),
    "local": ("Locally connected", "局部连接"),
    "linear": ("Fully connected", "全连接"),
    "embedding": ("Embedding", "嵌入"),
    "recurrent": ("Recurrence", "循环"),
    "conv_recurrent": ("Recurrence of convolutions", "卷积循环"),
    "attention": ("Attention", "注意力"),
    "pool": ("Pooling", "池化"),
    "adaptive_pool": ("Pooling to a given size", "池化到给定大小"),
    "norm": ("Normalisation", "规范化"),
    "channel_norm": ("Along the channels", "沿通道"),
    "activation": ("Activation", "激活"),
    "dropout": ("Dropout", "丢弃"),
    "axis_activation": ("Activation along an axis", "沿轴的激活"),
    "reshape": ("Reshaping", "变形"),
    "border": ("Padding and cropping", "填充与裁剪"),
    "unfold": ("Windows as columns", "窗口作为列"),
    "upsample": ("Resizing", "缩放"),
    "regions": ("Regions", "区域"),
    "merge": ("Merging", "合并"),
    "source": ("Stored tensors", "存储的张量"),
    "product": ("Products", "乘积"),
    "reduce": ("Reduction", "归约"),
    "opaque": ("Opaque", "不透明层"),
    "scalar": ("Arithmetic of single values", "逐值算术"),
}
"""The headings of the modules of layers."""


def page(language: str) -> str:
    """The page in one language."""
    with use_language(language):
        return "\n".join(_lines(language))


def _lines(language: str) -> Iterator[str]:
    heading, links, opening, types, about_types, heads_of_types, heads_of_keys = FRAME[language]
    yield from (heading, "", links, "", opening, "")
    titles = [f"{section.title}" for section in SECTIONS]
    yield from (f"- [{title}](#{title.lower().replace(' ', '-')})" for title in (*titles, types))
    yield ""
    for section in SECTIONS:
        yield from (f"## {section.title}", "", f"{section.introduction}", "")
        for name, construct in section.constructs.items():
            yield from _construct(name, construct, heads_of_keys)
    yield from (f"## {types}", "", about_types, "")
    for module, names in groupby(ADDRESSES, lambda name: ADDRESSES[name].partition(":")[0]):
        yield from (f"### {FAMILIES[module][LANGUAGES.index(language)]}", "")
        yield from _head(heads_of_types)
        yield from (_row(_layer(name, resolve(name))) for name in names)
        yield ""


def _construct(name: str, construct: Construct, heads: tuple[str, ...]) -> Iterator[str]:
    names = (name, *construct.also)
    yield from (f"### {', '.join(f'`{each}`' for each in names)}", "")
    yield from (f"**{construct.summary}**", "", f"{construct.details}", "")
    if construct.keys:
        yield from _head(heads)
        yield from (_row((f"`{key}`", f"{meaning}")) for key, meaning in construct.keys.items())
        yield ""
    yield from ("```yaml", construct.example.rstrip("\n"), "```", "")


def _layer(name: str, layer: type[Layer]) -> tuple[str, ...]:
    description = getdoc(layer) or ""
    options = ", ".join(f"`{_option(layer, option)}`" for option in layer.model_fields)
    summary = _(" ".join(description.partition("\n\n")[0].split()))
    shape = _(labelled_text(description, "Shape")).replace("*", "\\*")
    return f"`{name}`", summary, shape, options


def _option(layer: type[Layer], option: str) -> str:
    """An option as a reader would write it with its default, or alone if it must be given."""
    field = layer.model_fields[option]
    return option if field.is_required() else f"{option}={value_text(field.default)}"


def _head(cells: tuple[str, ...]) -> Iterator[str]:
    yield _row(cells)
    yield "|" + "---|" * len(cells)


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cells) + " |"
