"""A progress bar."""

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
    """Counts the operations of a step while it runs."""

    @property
    def counts(self) -> OpCount:
        """The operations so far."""


class Tick(Protocol):
    """Called when a step begins."""

    def __call__(self, name: str, counter: Counter | None = None) -> None:
        """Show the name of the step, and follow the counter of its operations if there is one."""


class _Part(ProgressColumn):
    """The progress of a step, where its operations are counted."""

    def render(self, task: Task) -> Text:
        """A percentage, or nothing."""
        counter, operations = task.fields.get("counter"), task.fields.get("operations")
        if counter is None or not operations:
            return Text("")
        return Text(f"{min(100, 100 * sum(counter.counts.values()) // operations)} %")


@contextmanager
def progress(steps: int, operations: Mapping[str, int] = MappingProxyType({})) -> Iterator[Tick]:
    """A bar on standard error, with one tick per step; `operations` are the operations of each step by name."""
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
