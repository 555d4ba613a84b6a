"""Triton's own protobuf of a model's configuration (triton-inference-server/common, protobuf/model_config.proto)."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

ModelConfig: TypeAlias = Any
"""A message ``inference.ModelConfig``; its fields are those of the document above."""

_MODULE = "tritonclient.grpc.model_config_pb2"


def new_config() -> ModelConfig:
    """An empty configuration."""
    return module().ModelConfig()


@cache
def module() -> ModuleType:
    """The generated module.

    It is loaded by its file: importing its package would also import numpy and the client, which takes ten times as
    long as planning a model.
    """
    loaded = sys.modules.get(_MODULE)
    if loaded is not None:
        return loaded
    package = importlib.util.find_spec("tritonclient")
    locations = package.submodule_search_locations if package else None
    if not locations:
        raise ModuleNotFoundError("tritonclient is not installed; it comes with modelyard: reinstall it")
    spec = importlib.util.spec_from_file_location(_MODULE, Path(locations[0], "grpc", "model_config_pb2.py"))
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError("tritonclient holds no grpc/model_config_pb2.py; reinstall it")
    found = importlib.util.module_from_spec(spec)
    # The client finds this module when it is imported later: its messages exist once in a process.
    sys.modules[_MODULE] = found
    spec.loader.exec_module(found)
    return found
