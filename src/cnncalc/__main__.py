"""The command `cnncalc`, also as `python -m cnncalc`."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command line: exit code 0 fine, 1 the answer is no, 2 the input is wrong."""
    gc.disable()  # a command lives for a fraction of a second and is gone before collecting pays
    from cnncalc.cli.app import app
    from cnncalc.core.errors import InputError

    try:
        app()
    except InputError as error:
        from cnncalc.display.diagnostics import show

        show(error)
        sys.exit(2)
    except BrokenPipeError:
        # Whoever read the output is gone; what is still buffered must not raise again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        print("error[closed-pipe]: the output was closed before all of it was written", file=sys.stderr)
        print("  = help: read it to the end, or write it to a file with --output", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
