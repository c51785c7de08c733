"""The built-in collection as JSON. The keys are a contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cnncalc.analysis.report import Totals
from cnncalc.exporters.escaping import json_text
from cnncalc.language.collection import Entry


def collection_json(entries: Sequence[Entry], totals: Mapping[str, Totals]) -> str:
    """One object per network; parameters and MACs where they were computed."""
    return json_text([_network(entry, totals) for entry in entries]) + "\n"


def _network(entry: Entry, totals: Mapping[str, Totals]) -> dict[str, Any]:
    said = entry.metadata
    own = totals.get(entry.name)
    return {
        "name": entry.name,
        "family": entry.family,
        "title": said.title,
        "year": said.year,
        "paper": said.paper,
        **({"params": own.params, "macs": own.macs} if own else {}),
        "accuracy": said.accuracy._asdict(),
    }
