"""The command `cnncalc`, also as `python -m cnncalc`."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


def main() -> None:
    """Run the command line: exit code 0 fine, 1 the answer is no, 2 the input is wrong, 130 interrupted."""
    try:
        _run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _run() -> None:
    gc.disable()  # a command lives for a fraction of a second and is gone before collecting pays
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")  # looking for them means reading every installed package
    from cnncalc.cli.app import run
    from cnncalc.core.errors import InputError

    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure:  # where the terminal lacks a sign, a question mark is better than nothing at all
        reconfigure(errors="replace")
    try:
        sys.exit(run())
    except InputError as error:
        from cnncalc.display.diagnostics import show

        if sys.stderr is not None:
            with suppress(BrokenPipeError):
                show(error)
        sys.exit(2)


if __name__ == "__main__":
    main()
