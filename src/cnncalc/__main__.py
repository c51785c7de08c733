"""The command `cnncalc`, also as `python -m cnncalc`."""

from __future__ import annotations

import gc
import os
import signal
import sys
from contextlib import suppress
from typing import Any


class _Stderr:
    """Standard error; where nothing can be written to it, what is said is lost, and nothing else with it."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""

AGAIN_AFTER = 0.25
"""Seconds after which an interrupt that did not get through comes once more."""


def main() -> None:
    """Run the command line: exit code 0 fine, 1 the answer is no, 2 the input is wrong, 130 interrupted."""
    insists = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # and nobody ignores it, as nohup does
    try:
        try:
            if insists:
                signal.signal(signal.SIGINT, _interrupt)
                signal.signal(signal.SIGALRM, _interrupt)
            _run()
        finally:
            if insists:
                signal.signal(signal.SIGINT, signal.default_int_handler)
                _stop_alarm()
    except KeyboardInterrupt:
        _stop_alarm()
        sys.exit(INTERRUPTED)


def _stop_alarm() -> None:
    """Let no interrupt come again; on a busy machine one may come even now."""
    while True:
        try:
            signal.signal(signal.SIGALRM, signal.SIG_IGN)
            signal.setitimer(signal.ITIMER_REAL, 0)
        except KeyboardInterrupt:
            continue
        return


def _interrupt(number: int, frame: object) -> None:
    """Interrupt until it gets through: some loops of NumPy, from numbers to text and back, swallow what is raised."""
    signal.setitimer(signal.ITIMER_REAL, AGAIN_AFTER)
    raise KeyboardInterrupt


def _run() -> None:
    gc.disable()  # a command lives for a fraction of a second and is gone before collecting pays
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")  # looking for them means reading every installed package
    from cnncalc.cli.app import run
    from cnncalc.core.errors import InputError

    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure:  # where the terminal lacks a sign, a question mark is better than nothing at all
        reconfigure(errors="replace")
    if sys.stderr is not None:
        sys.stderr = _Stderr(sys.stderr)
    try:
        sys.exit(run())
    except InputError as error:
        from cnncalc.display.diagnostics import show

        if sys.stderr is not None:
            show(error)
        sys.exit(2)


if __name__ == "__main__":
    main()
