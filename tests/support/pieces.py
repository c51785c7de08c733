"""Kernels that work on a few values at a time, as they do with large layers."""

from __future__ import annotations

import pytest

from cnncalc.execution.kernels import attention, conv, linear, regions, windows


def in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let whatever is too much for one piece be too much on small maps, too."""
    monkeypatch.setattr(conv, "MOST_BYTES", 64)
    monkeypatch.setattr(attention, "SCORE_BYTES", 64)
    monkeypatch.setattr(linear, "MOST_ROWS", 2)
    monkeypatch.setattr(regions, "POINTS_BYTES", 64)
    monkeypatch.setattr(windows, "MANY_POSITIONS", 0)
