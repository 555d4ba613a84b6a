"""The offline engine: run a Pulumi program without the Pulumi CLI, an account or a network.

Names load on first use: reading a schema or a stack file does not import the Pulumi SDK.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from modelyard.offline.builtin_functions import UnknownStack
    from modelyard.offline.diagnostics import Diagnostic
    from modelyard.offline.engine import Run, run
    from modelyard.offline.refusal import InputsRefused, ProgramFailed, Refusal
    from modelyard.offline.registration import Options
    from modelyard.offline.simulated import Providers, all_providers
    from modelyard.offline.stack_file import StackFile, StackFileError, load_stack
    from modelyard.offline.unsupported import NotSupported

__all__ = [
    "Diagnostic",
    "InputsRefused",
    "NotSupported",
    "Options",
    "ProgramFailed",
    "Providers",
    "Refusal",
    "Run",
    "StackFile",
    "StackFileError",
    "UnknownStack",
    "all_providers",
    "load_stack",
    "run",
]

_HOMES = {
    "Diagnostic": "diagnostics",
    "InputsRefused": "refusal",
    "NotSupported": "unsupported",
    "Options": "registration",
    "ProgramFailed": "refusal",
    "Providers": "simulated",
    "Refusal": "refusal",
    "Run": "engine",
    "StackFile": "stack_file",
    "StackFileError": "stack_file",
    "UnknownStack": "builtin_functions",
    "all_providers": "simulated",
    "load_stack": "stack_file",
    "run": "engine",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
