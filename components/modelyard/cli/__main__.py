"""``modelyard``: plan, render and describe environments."""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections.abc import Sequence

from .interrupts import interrupts_wait
from .standard_output import leave, prepare_streams

INVALID = 1
INTERRUPTED = 130


def command() -> int:
    """``modelyard`` as a process of its own: what is done is not undone by an interrupt on the way out."""
    code = main()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return code


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code: 0 fine, 1 invalid input, 2 a mandatory policy or budget is broken.

    Every failure is a message on standard error and no traceback, unless ``MODELYARD_DEBUG`` is 1.
    """
    debug = os.environ.get("MODELYARD_DEBUG") == "1"
    try:
        prepare_streams()
        with interrupts_wait():
            import pydantic_core  # noqa: F401  # pyright: ignore[reportUnusedImport]
        from .arguments import UsageError, read

        if not debug:
            # What a person has to know is a message; a library's warning to its callers is none.
            warnings.simplefilter("ignore")
        try:
            arguments = read(sys.argv[1:] if argv is None else argv)
        except UsageError as error:
            return _fail(str(error))
        return arguments.run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        leave()
        return 0
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0
    except Exception as error:
        if debug:
            raise
        return _fail(_message(error))


def _message(error: Exception) -> str:
    from ..catalog.table import UnreadablePrices
    from ..review.atomic_file import CannotWrite
    from ..review.refused import PlanRefused

    if isinstance(error, PlanRefused | CannotWrite | UnreadablePrices):
        return str(error)
    if isinstance(error, ModuleNotFoundError) and error.name in ("rich", "plotly", "pulumi_policy"):
        return f"{error.name} is not installed; install modelyard[cli]"
    if isinstance(error, ModuleNotFoundError) and error.name in ("geventhttpclient", "grpc", "numpy", "tritonclient"):
        return f"{error.name} is not installed; install modelyard[try]"
    # The text of an unexpected exception may quote a value that is a secret.
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f" in {os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else ""
    return f"internal error: {type(error).__name__}{where}; MODELYARD_DEBUG=1 shows its traceback"


def _fail(message: str) -> int:
    from ..visible_text import visible

    for line in visible(message).split("\n"):
        print(f"modelyard: {line}" if line else "", file=sys.stderr)
    return INVALID


if __name__ == "__main__":
    sys.exit(command())
