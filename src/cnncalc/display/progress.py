"""A progress bar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Protocol

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


class Bar:
    """A bar on a screen: which phase, which step of it, how far."""

    def __init__(self, bar: Progress, phase: str, steps: int, operations: Mapping[str, int]) -> None:
        self._bar, self._phase, self._steps, self._operations = bar, phase, steps, operations
        self._task = bar.add_task(phase, total=None)  # how far the first phase is cannot be told

    def during(self, phase: str) -> Tick:
        """What to call when a step of a phase begins; the first one begins the phase."""

        def tick(name: str, counter: Counter | None = None) -> None:
            if phase != self._phase:
                self._phase = phase
                self._bar.reset(self._task, total=self._steps)
            self._bar.update(
                self._task,
                advance=1,
                description=f"{phase} · {printable_text(name)}",
                counter=counter,
                operations=self._operations.get(name),
            )

        return tick


@contextmanager
def progress(phase: str, steps: int, operations: Mapping[str, int] = MappingProxyType({})) -> Iterator[Bar]:
    """A bar on standard error for phases of so many steps, after a first one without steps.

    `operations` are the operations of each step by name.
    """
    columns = (
        TextColumn("{task.description}", markup=False),
        _Part(),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        yield Bar(bar, phase, steps, operations)
