"""`cnncalc explain`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli.completion import complete_explained, complete_quantity, complete_topic
from cnncalc.cli.options import (
    FORMAT_HELP,
    Batch,
    ConventionName,
    Dtype,
    ElementType,
    FormattedOutput,
    Quiet,
    Settings,
)

if TYPE_CHECKING:
    from cnncalc.analysis.report import LayerReport, Report
    from cnncalc.core.errors import Diagnostic, Span
    from cnncalc.core.graph import Graph
    from cnncalc.core.tensor import Shape
    from cnncalc.explain.layer import Explanation

    Analyzer = Callable[[Graph], Report]
    Explained = tuple[str, list[Explanation], tuple[Diagnostic, ...]]
    """A title, what is explained, and the warnings of the network."""


class ExplanationFormat(str, Enum):  # noqa: UP042 - Typer shows the values of a str enum
    """The format of an explanation."""

    text = "text"
    markdown = "markdown"
    latex = "latex"
    json = "json"


def explain(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ARCH [LAYER | GROUP] | TYPE [OPTION=VALUE]...",
            help="A layer or group of a network, a whole network (a built-in name or a file, as for "
            "`cnncalc summarize`), or a layer type with its options.",
            autocompletion=complete_explained,
            show_default=False,
        ),
    ] = None,
    topic: Annotated[
        str | None,
        typer.Option("--topic", metavar="NAME", help="A question that courses ask.", autocompletion=complete_topic),
    ] = None,
    quantity: Annotated[
        list[str] | None,
        typer.Option(
            "--quantity",
            metavar="NAME",
            help="Only this: output, params, macs, ...; repeatable.",
            autocompletion=complete_quantity,
        ),
    ] = None,
    input: Annotated[
        list[str] | None, typer.Option("--input", metavar="CxHxW", help="Input shape; repeat it for several inputs.")
    ] = None,
    set_: Settings = None,
    batch: Batch = 1,
    dtype: Dtype = ElementType.float32,
    convention: ConventionName = "torch",
    format: Annotated[ExplanationFormat | None, typer.Option("--format", help=FORMAT_HELP, show_default=False)] = None,
    output: FormattedOutput = None,
    quiet: Quiet = False,
) -> None:
    """Show the sum: for every number the formula, the same in numbers, the result, and what it means.

    \b
    Examples:
      cnncalc explain resnet18 layer2.0.conv1
      cnncalc explain resnet18 layer2 --quantity params --quantity rf
      cnncalc explain vgg16 --quantity params
      cnncalc explain conv2d out_channels=64 kernel_size=7 stride=2 padding=3 --input 3x224x224
      cnncalc explain --topic depthwise-separable k=5
    """
    from cnncalc.cli.emit import emit_warnings
    from cnncalc.cli.formats import chosen_format
    from cnncalc.cli.options import analyzer_of
    from cnncalc.core.translation import use_language

    format = chosen_format(format, output, ExplanationFormat)
    names, quantities = words or [], quantity or []
    numbers = analyzer_of(batch, dtype, convention)
    asked = (topic, names, input or [], set_, quantities, numbers)
    title, explanations, warnings = _explanations(*asked)
    if format is ExplanationFormat.json:
        with use_language("en"):  # names for programs are in English, sentences in the reader's language
            _title, values, _warnings = _explanations(*asked)
        explanations = [value._replace(meaning=one.meaning) for value, one in zip(values, explanations, strict=True)]
    _emit(title, explanations, warnings, format, output)
    if not quiet:
        emit_warnings(warnings)


def _explanations(
    topic: str | None,
    names: Sequence[str],
    inputs: Sequence[str],
    pairs: list[str] | None,
    quantities: Sequence[str],
    numbers: Analyzer,
) -> Explained:
    """The title, the explanations that the command line asks for, and the warnings of the network."""
    from cnncalc.core.errors import InputError
    from cnncalc.language.foreign.hints import meant_type

    if topic is not None:
        return _topic(topic, names)
    if names and _is_layer_type(names[0]):
        return _single(names, inputs, quantities, numbers)
    try:
        return _network(names, inputs, pairs, quantities, numbers)
    except InputError as error:
        codes = {one.code for one in error.diagnostics}
        if "unknown-architecture" in codes and meant_type(names[0]):
            return _single(names, inputs, quantities, numbers)  # which says how it is written here
        remedy = _remedy(names, codes)
        raise InputError(one._replace(help=remedy or one.help) for one in error.diagnostics) from None


def _is_layer_type(word: str) -> bool:
    """Whether a word is a layer type, or the call of one in another framework."""
    from cnncalc.layers.catalogue import ADDRESSES

    return word in ADDRESSES or "(" in word


def _remedy(words: Sequence[str], codes: set[str]) -> str | None:
    """The command that is meant by words that name no network, or no layer of it; None if none can be told."""
    from cnncalc.core.translation import Phrase
    from cnncalc.explain.layer import is_explainable
    from cnncalc.explain.topics.catalogue import TOPICS

    meant = None
    if "unknown-architecture" in codes:
        asked = words[0].lower().replace("_", "-")
        topic = next((name for name in TOPICS if f"-{asked}-" in f"-{name}-"), None)
        meant = f"--topic {topic}" if topic else f"vgg16 --quantity {words[0]}" if is_explainable(words[0]) else None
    elif codes & {"unknown-layer-name", "usage"} and len(words) > 1:
        *before, last = words
        *layer, quantity = last.rsplit(".", 1)
        meant = " ".join((*before, *layer, "--quantity", quantity)) if is_explainable(quantity) else None
    return meant and Phrase("write `{command}`", command=f"cnncalc explain {meant}")


def _topic(name: str, words: Sequence[str]) -> Explained:
    from cnncalc.cli.options import option_span
    from cnncalc.explain.topics.catalogue import explain_topic, title_of

    span = option_span("--topic", name)
    sizes, spans = _sizes(words)
    return title_of(name, span), explain_topic(name, sizes, span=span, spans=spans), ()


def _sizes(words: Sequence[str]) -> tuple[dict[str, int], dict[str, Span]]:
    """The SIZE=NUMBER pairs, and the place of each.

    Errors:  bad-setting
    """
    from cnncalc.core.errors import COMMAND_LINE, InputError, Source, Span

    source, column = Source(COMMAND_LINE, " ".join(words)), 1
    sizes, spans = {}, {}
    for word in words:
        name, _, value = word.partition("=")
        span = Span(source, 1, column, column + len(word))
        if not (value.isascii() and value.isdigit() and len(value) < 10):
            raise InputError.of(
                "bad-setting", "`{text}` is not SIZE=NUMBER", span, help="write a whole number, as `C=64`", text=word
            )
        sizes[name], spans[name] = int(value), span
        column += len(word) + 1
    return sizes, spans


def _single(words: Sequence[str], inputs: Sequence[str], quantities: Sequence[str], numbers: Analyzer) -> Explained:
    from cnncalc.cli.options import shape
    from cnncalc.explain.layer import explain as explained
    from cnncalc.language.single import single_layer

    graph = single_layer(words[0], words[1:], [found for found in map(shape, inputs) if found], "cnncalc explain")
    report = numbers(graph)
    return _title(report.rows[-1]), explained(report, report.rows[-1].path, quantities), report.warnings


def _network(
    words: Sequence[str],
    inputs: Sequence[str],
    pairs: list[str] | None,
    quantities: Sequence[str],
    numbers: Analyzer,
) -> Explained:
    from cnncalc.analysis.names import Directory
    from cnncalc.cli.options import settings, shape
    from cnncalc.core.errors import InputError
    from cnncalc.explain.layer import explain as explained
    from cnncalc.explain.totals import explain_group, explain_totals
    from cnncalc.language.load import load
    from cnncalc.language.work import Work

    if not 1 <= len(words) <= 2 or len(inputs) > 1:
        raise InputError.of(
            "usage",
            "explain takes a network and perhaps one of its layers, or a layer type with its options",
            help="write `cnncalc explain vgg16 features.0`, or `cnncalc explain conv2d out_channels=64 ...`",
        )
    params = settings(pairs)
    work = Work()  # one budget for all sizes
    graph = load(words[0], params=params, input=shape(inputs[0]) if inputs else None, work=work)
    report = numbers(graph)
    title = graph.metadata.title or graph.name
    if len(words) == 2:
        rows = Directory(report).rows_of(words[1])
        if len(rows) > 1:
            return f"{title} · {_group_title(words[1], rows)}", explain_group(report, rows, quantities), report.warnings
        return f"{title} · {_title(rows[0])}", explained(report, rows[0].path, quantities), report.warnings

    def resized(size: Shape) -> Report:
        return numbers(load(words[0], params=params, input=size, work=work))

    shapes = " + ".join("×".join(map(str, one)) for one in graph.inputs.values())
    return f"{title} · {shapes}", explain_totals(report, resized, quantities), report.warnings


def _title(row: LayerReport) -> str:
    from cnncalc.analysis.table import describe

    return " · ".join([*([row.path] if row.path != row.type else []), describe(row), row.inputs_text])


def _group_title(name: str, rows: Sequence[LayerReport]) -> str:
    from cnncalc.core.translation import said

    return said(
        "{name} · {n} layers · {inputs} → {output}",
        name=name,
        n=len(rows),
        inputs=rows[0].inputs_text,
        output=rows[-1].output.shape_text(),
    )


def _emit(
    title: str,
    explanations: Sequence[Explanation],
    warnings: Sequence[Diagnostic],
    format: ExplanationFormat,
    output: str | None,
) -> None:
    from cnncalc.cli.emit import emit_screen, emit_text
    from cnncalc.display.explanation import heading, show

    if format is ExplanationFormat.text:
        emit_screen(lambda console: show(console, title, explanations), output)
        return
    from cnncalc.exporters.explanation import explanation_json, explanation_markdown
    from cnncalc.exporters.latex import explanation_latex

    match format:
        case ExplanationFormat.json:
            emit_text(explanation_json(title, explanations, warnings), output)
        case ExplanationFormat.markdown:
            emit_text(explanation_markdown(title, explanations, heading), output)
        case _:
            emit_text(explanation_latex(title, explanations, heading), output)
