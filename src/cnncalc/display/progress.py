"""A bar for what takes a while."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Protocol

from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

from cnncalc.core.counts import OpCount
from cnncalc.core.text import printable_text
from cnncalc.display.screen import console


class Counter(Protocol):
    """What counts the operations of a step while it runs."""

    @property
    def counts(self) -> OpCount:
        """Those carried out so far."""


class Tick(Protocol):
    """Is called as a step begins."""

    def __call__(self, name: str, counter: Counter | None = None) -> None:
        """Name the step, with what counts its operations if anything does."""


class _Part(ProgressColumn):
    """How much of a step is done, where its operations are counted."""

    def render(self, task: Task) -> Text:
        """A percentage, or nothing."""
        counter, operations = task.fields.get("counter"), task.fields.get("operations")
        if counter is None or not operations:
            return Text("")
        return Text(f"{min(100, 100 * sum(counter.counts.values()) // operations)} %")


@contextmanager
def progress(steps: int, operations: Mapping[str, int] = MappingProxyType({})) -> Iterator[Tick]:
    """A bar on the terminal's error stream, one tick per step; `operations` are those of each, by name."""
    columns = (
        TextColumn("{task.description}", markup=False),
        _Part(),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=steps)

        def tick(name: str, counter: Any = None) -> None:
            bar.update(
                task, advance=1, description=printable_text(name), counter=counter, operations=operations.get(name)
            )

        yield tick
