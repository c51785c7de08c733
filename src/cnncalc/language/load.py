"""Loading of graphs from a built-in name, a file or standard input."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Map
from contextlib import contextmanager
from os.path import exists
from pathlib import Path
from typing import Any

from cnncalc.core.call_site import caller
from cnncalc.core.errors import Diagnostic, Fault, InputError, Source, apply_to_all, collect
from cnncalc.core.graph import Accuracy, Graph
from cnncalc.core.tensor import Shape
from cnncalc.language.assembly import Assembly
from cnncalc.language.description import (
    description_and_variant,
    inputs_of,
    mapping_of,
    metadata_of,
    outputs_of,
    params_of,
    text_of,
)
from cnncalc.language.files import file_and_variant, standard_input, text_of_file
from cnncalc.language.macros.expand import Expander
from cnncalc.language.macros.imports import library
from cnncalc.language.settings import SharedParams, params_given
from cnncalc.language.shapes import input_shape
from cnncalc.language.text.document import Mapping, Value, parse
from cnncalc.language.text.literals import literals
from cnncalc.language.work import Work, work_budget


def load(
    architecture: str | Path,
    *,
    params: Map[str, Any] | None = None,
    input: Shape | None = None,
    pipe: bool = True,
    work: Work | None = None,
) -> Graph:
    """The graph of a built-in name, a `.yaml`, `.yml` or `.py` path, or `-` for YAML on standard input.

    `FILE.yaml:VARIANT` picks a variant of a file. `params` override the params of the description: numbers, truth
    values, lists, or text that is read as on the command line; `input` overrides its input shape. A `.py` file is run.
    With `pipe`, the path may be that of a pipe: paths that the user did not write may not. Several loads can share the
    budget `work`.

    Errors:  InputError
    """
    architecture, given = str(architecture), params if isinstance(params, SharedParams) else params_given(params)
    input = None if input is None else input_shape(input)
    if architecture == "-":
        return from_source(Source("<stdin>", standard_input()), given, input, work=work)
    path, _variant = file_and_variant(architecture)
    if path.endswith(".py"):
        from cnncalc.language.python_file import from_python

        return from_python(Source(path, text_of_file(path, pipe=pipe)), given, input)
    with _showing_programs():
        document, variant = _described(architecture, pipe)
        return from_document(document, given, input, variant, work)


def settable_params(architecture: str) -> dict[str, Any]:
    """The params of a built-in name or a YAML file with their values; without a variant, those of the file itself.

    Errors:  InputError
    """
    document, variant = _described(architecture, pipe=False)
    if variant is None and isinstance(document, Mapping) and isinstance(document.values.get("variants"), Mapping):
        described, chosen = document, None
    else:
        described, chosen = description_and_variant(document, variant)
    values = params_of(described, chosen, {}, Work())
    return {name: values[name] for name in mapping_of(described, "params")}


def variants_of(architecture: str) -> list[str]:
    """The variants that a YAML file describes, and a built-in name its family's.

    Errors:  InputError
    """
    return _variant_names(_described(architecture, pipe=False)[0])


def _variant_names(document: Value) -> list[str]:
    variants = document.values.get("variants") if isinstance(document, Mapping) else None
    return [*variants.keys] if isinstance(variants, Mapping) else []


def _described(architecture: str, pipe: bool) -> tuple[Value, str | None]:
    """The document of a built-in name or a YAML file, and the variant that is chosen in it.

    Errors:  InputError
    """
    path, variant = file_and_variant(architecture)
    if path.endswith((".yaml", ".yml")):
        return parse(Source(path, text_of_file(path, pipe=pipe))), variant
    from cnncalc.language import collection

    if exists(architecture) and not architecture.isidentifier():
        raise InputError.of(
            "unknown-architecture",
            "`{name}` is neither a built-in architecture nor a .yaml, .yml or .py file",
            help="a description ends in .yaml or .py; `cnncalc list` shows the built-in names",
            name=architecture,
        )
    return collection.find(architecture), architecture


def load_all(architecture: str, *, params: SharedParams, input: Shape | None = None) -> list[Graph]:
    """The graphs of all variants of a description that has some, otherwise the one that `load` gives.

    A network that takes a param is not the one whose accuracy was measured.

    Errors:  InputError
    """
    path, variant = file_and_variant(architecture)
    if variant is not None or not (path == "-" or path.endswith((".yaml", ".yml"))):
        return [_without_accuracy(load(architecture, params=params, input=input), params)]
    text = standard_input() if path == "-" else text_of_file(path, pipe=True)
    work = Work()  # one budget for the whole file

    def loaded(name: str | None) -> Graph:
        return _without_accuracy(from_document(document, params, input, name, work), params)

    with _showing_programs():
        document = parse(Source("<stdin>" if path == "-" else path, text))
        return apply_to_all(loaded, _variant_names(document) or [None])


def _without_accuracy(graph: Graph, params: SharedParams) -> Graph:
    """The graph, without its accuracy if it has taken a param."""
    return graph._replace(metadata=graph.metadata._replace(accuracy=Accuracy())) if params.taken else graph


def from_text(text: str, *, params: Map[str, Any] | None = None, input: Shape | None = None) -> Graph:
    """The graph of a description given as text.

    Errors:  InputError
    """
    if not isinstance(text, str):
        raise InputError.of(
            "wrong-kind",
            "from_text takes the text of a description, not a {kind}",
            caller(),
            help="write `from_text(path.read_text())`, or `load(path)`",
            kind=type(text).__name__,
        )
    return from_source(Source("<text>", text), params_given(params), None if input is None else input_shape(input))


def from_source(
    source: Source,
    params: dict[str, Any],
    input: Shape | None,
    variant: str | None = None,
    work: Work | None = None,
) -> Graph:
    """The graph of a YAML description; `variant` picks one of its variants.

    Errors:  InputError
    """
    with _showing_programs():
        return from_document(parse(source), params, input, variant, work)


@contextmanager
def _showing_programs() -> Iterator[None]:
    """Answer a program of another framework with its layers, as a description."""
    try:
        yield
    except InputError as error:
        spans = [one.span for one in error.diagnostics if one.code in MISREAD and one.span]
        if not spans:
            raise
        from cnncalc.language.foreign.program import program_error

        raise program_error(spans[0].source, error) or error from None


MISREAD = {"not-yaml", "wrong-kind", "unknown-key", "missing-option", "duplicate-key"}
"""What is said of a program that is read as a description."""


def from_document(
    document: Value, params: dict[str, Any], input: Shape | None, variant: str | None, work: Work | None = None
) -> Graph:
    """The graph of a parsed description.

    Errors:  InputError
    """
    with work_budget(work) as budget:
        return _graph(document, params, input, variant, budget)


def _graph(document: Value, params: dict[str, Any], input: Shape | None, variant: str | None, work: Work) -> Graph:
    problems: list[Diagnostic] = []
    described, chosen = description_and_variant(document, variant, problems)
    name = variant or text_of(described, "name") or Path(described.span.source.name).stem
    names = params_of(described, chosen, params, work, problems)
    shapes, spans = inputs_of(described, chosen, names, input, problems)
    expander = Expander(Assembly(name, shapes, spans), library(described, names), problems)
    wrong: list[Diagnostic] = []
    try:
        if "layers" not in described.values:
            if not any(one.code == "unknown-key" for one in problems):  # which may be meant
                missing = Fault("missing-option", "the description has no `layers`", help="add `layers:`")
                problems.append(missing.at(described.span))
            raise InputError(problems, is_cut=True)
        expander.expand(described.values["layers"])
    except InputError as error:
        wrong += error.diagnostics
        if error.is_cut:  # layers that were not read may be named further below
            raise
    written = described.values.get("values")
    try:
        outputs, metadata, values = collect(
            lambda: outputs_of(described, expander.assembly, names),
            lambda: metadata_of(described, chosen),
            lambda: None if written is None else literals(written, names),
        )
    except InputError as error:
        wrong += error.diagnostics
    if wrong:
        raise InputError(wrong)
    graph = expander.assembly.graph(outputs, metadata)
    return graph if values is None else graph._replace(values=values)
