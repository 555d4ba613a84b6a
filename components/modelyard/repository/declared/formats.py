"""The declaration of each format."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .ensemble import EnsembleModel
from .fil import FilModel
from .language import TensorRtLlmModel, VllmModel
from .model import ModelDeclaration
from .onnx import OnnxModel
from .openvino import OpenVinoModel
from .plain import BuiltInModel, CustomModel, DaliModel
from .python import PythonModel
from .tensorflow import GraphDefModel, SavedModelModel
from .tensorrt import TensorRtModel
from .torchscript import AotInductorModel, TorchScriptModel

FORMATS: Mapping[str, type[ModelDeclaration]] = MappingProxyType(
    {
        "onnx": OnnxModel,
        "tensorrt": TensorRtModel,
        "torchscript": TorchScriptModel,
        "torch_aoti": AotInductorModel,
        "savedmodel": SavedModelModel,
        "graphdef": GraphDefModel,
        "python": PythonModel,
        "fil": FilModel,
        "openvino": OpenVinoModel,
        "ensemble": EnsembleModel,
        "vllm": VllmModel,
        "tensorrtllm": TensorRtLlmModel,
        "dali": DaliModel,
        "identity": BuiltInModel,
        "repeat": BuiltInModel,
        "square": BuiltInModel,
        "custom": CustomModel,
    }
)
