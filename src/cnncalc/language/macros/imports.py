"""`import`: the blocks of other descriptions, with their params."""

from __future__ import annotations

from pathlib import Path

from cnncalc.core.errors import InputError, Source, Span
from cnncalc.core.translation import Phrase
from cnncalc.language.description import description_and_variant, params_of
from cnncalc.language.files import file_and_variant, text_of_file
from cnncalc.language.macros.library import Library
from cnncalc.language.text.document import Mapping, Scalar, Sequence, Value, parse
from cnncalc.language.text.values import Names, fill_in, wrong_kind
from cnncalc.language.work import Exhausted, Work

MOST_IMPORTS = 20
"""Length of a chain of imports."""


def library(document: Mapping, params: Names, above: tuple[str, ...] = ()) -> Library:
    """The blocks of a description, and those that it imports; `above` are the descriptions that import this one.

    Errors:  wrong-kind, import-cycle, and errors of imported descriptions
    """
    blocks = document.values.get("blocks")
    if blocks is not None and not isinstance(blocks, Mapping):
        raise wrong_kind(blocks, "blocks by name", "write `blocks: {{name: {{layers: [...]}}}}`")
    above = (*above, document.span.source.name)
    imports: dict[str, Library] = {}
    for prefix, written in _import_entries(document):
        name = fill_in(written, params)
        try:
            imports[prefix or Path(file_and_variant(name)[0]).stem] = _imported_library(
                name, written.span, above, params.work
            )
        except Exhausted as exhausted:
            raise exhausted.by(name, written.span) from None
    return Library(Path(document.span.source.name).stem, blocks, params, imports)


def _import_entries(document: Mapping) -> list[tuple[str, Scalar]]:
    """(prefix of the blocks, imported description) for every import; an empty prefix means the description's name."""
    written = document.values.get("import")
    if written is None:
        return []
    entries: list[tuple[str, Value]]
    if isinstance(written, Mapping):
        entries = [(key.text, value) for key, value in written.entries()]
    else:
        entries = [("", value) for value in (written.items if isinstance(written, Sequence) else (written,))]
    named = [(prefix, value) for prefix, value in entries if isinstance(value, Scalar) and isinstance(value.value, str)]
    if len(named) < len(entries):
        remedy = Phrase("write `import: [resnet50]`, or with a prefix of your own `import: {{trunk: resnet50}}`")
        raise wrong_kind(written, "the names of descriptions", remedy)
    return named


STEPS_OF_AN_IMPORT, STEPS_OF_A_BLOCK = 10_000, 1_000
"""Steps of the work budget for finding a description, and for a block's, which is small and found by its name."""


def _imported_library(name: str, span: Span, above: tuple[str, ...], work: Work) -> Library:
    is_block = name.startswith("blocks/") and "." not in name
    work.spend(STEPS_OF_A_BLOCK if is_block else STEPS_OF_AN_IMPORT)
    try:
        document, variant = _imported_document(name, Path(above[-1]).parent)
    except InputError as error:
        raise InputError(one._replace(span=one.span or span) for one in error.diagnostics) from None
    work.spend(0 if is_block else len(document.span.source.text))
    found = document.span.source.name
    if found in above or len(above) >= MOST_IMPORTS:
        raise InputError.of(
            "import-cycle",
            "these import each other: {chain}",
            span,
            help="put the blocks that both need into a description of their own",
            chain=" → ".join((*above, found)),
        )
    described, chosen = description_and_variant(document, variant)
    return library(described, params_of(described, chosen, {}, work), above)


def _imported_document(name: str, folder: Path) -> tuple[Value, str | None]:
    """A built-in description, or a file in the folder of the one that imports it."""
    path, variant = file_and_variant(name)
    if path.endswith((".yaml", ".yml")):
        file = str(folder / path)
        return parse(Source(file, text_of_file(file))), variant
    from cnncalc.language import collection

    return collection.find(name), name
