"""A model written in Python, which may call other models while it executes (business logic scripting)."""

from __future__ import annotations

from typing import Literal

from .model import ModelDeclaration
from .texts import ParameterValue, Text


class PythonModel(ModelDeclaration):
    """triton-inference-server/python_backend, README.md."""

    format: Literal["python"]
    calls: list[Text] = []
    """Names of models of the same file that model.py calls: they are deployed and checked with it."""
    execution_env: Text | None = None
    """``EXECUTION_ENV_PATH``: archive of a conda environment beside model.yaml, or an absolute path on the server."""
    force_cpu_only_input_tensors: bool | None = None
    """``FORCE_CPU_ONLY_INPUT_TENSORS``. Default: true: tensors on a GPU are copied to memory first."""
    parameters: dict[Text, ParameterValue] = {}
    """Handed to the model as they are, in ``model_config``."""

    def parameter_texts(self, release: str) -> dict[str, str]:
        found = {**self.free_texts(self.parameters), **super().parameter_texts(release)}
        if self.execution_env is not None:
            inside = not self.execution_env.startswith(("/", "$$TRITON_MODEL_DIRECTORY"))
            found["EXECUTION_ENV_PATH"] = ("$$TRITON_MODEL_DIRECTORY/" if inside else "") + self.execution_env
        if self.force_cpu_only_input_tensors is not None:
            found["FORCE_CPU_ONLY_INPUT_TENSORS"] = "yes" if self.force_cpu_only_input_tensors else "no"
        return found
