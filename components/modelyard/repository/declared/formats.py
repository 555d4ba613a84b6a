"""The declaration of each format; a module is imported when a model has its format."""

from __future__ import annotations

from importlib import import_module

from .model import ModelDeclaration

_CLASSES = {
    "onnx": ("onnx", "OnnxModel"),
    "tensorrt": ("tensorrt", "TensorRtModel"),
    "torchscript": ("torchscript", "TorchScriptModel"),
    "torch_aoti": ("torchscript", "AotInductorModel"),
    "savedmodel": ("tensorflow", "SavedModelModel"),
    "graphdef": ("tensorflow", "GraphDefModel"),
    "python": ("python", "PythonModel"),
    "fil": ("fil", "FilModel"),
    "openvino": ("openvino", "OpenVinoModel"),
    "ensemble": ("ensemble", "EnsembleModel"),
    "vllm": ("language", "VllmModel"),
    "tensorrtllm": ("language", "TensorRtLlmModel"),
    "dali": ("plain", "DaliModel"),
    "identity": ("plain", "BuiltInModel"),
    "repeat": ("plain", "BuiltInModel"),
    "square": ("plain", "BuiltInModel"),
    "custom": ("plain", "CustomModel"),
}

FORMATS = tuple(_CLASSES)
"""In the order in which errors list them."""


def declaration_of(format: str) -> type[ModelDeclaration]:
    """The class that declares models of ``format``; KeyError where there is no such format."""
    module, name = _CLASSES[format]
    return getattr(import_module(f".{module}", __package__), name)
