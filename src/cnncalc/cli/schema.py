"""`cnncalc schema`."""

from __future__ import annotations

from cnncalc.cli.options import Output


def schema(output: Output = None) -> None:
    """The JSON Schema of descriptions, for editors that complete and check YAML.

    \b
    Example:
      cnncalc schema --output cnncalc.schema.json

    \b
    Then begin a description with
      # yaml-language-server: $schema=cnncalc.schema.json
    """
    import json

    from cnncalc.cli.emit import emit_text
    from cnncalc.cli.formats import format_of_ending
    from cnncalc.language.schema import document_schema

    format_of_ending(output, ["json"])
    emit_text(json.dumps(document_schema(), indent=2, ensure_ascii=False) + "\n", output)
