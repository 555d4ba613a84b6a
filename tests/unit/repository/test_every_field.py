"""Nothing that Triton's ModelConfig can say is lost in a declaration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from modelyard.environment.yaml_document import read
from modelyard.repository.config.model import Decided, model_config
from modelyard.repository.declared.batch_tensor import BatchInput, BatchOutput
from modelyard.repository.declared.dtype import DType
from modelyard.repository.declared.formats import declaration_of
from modelyard.repository.declared.instances import InstanceGroup, SecondaryDevice
from modelyard.repository.declared.optimization import Optimization
from modelyard.repository.declared.queue_policy import QueuePolicy
from modelyard.repository.declared.sequence_batching import Control
from modelyard.repository.declared.tensor import InputTensor
from modelyard.repository.protobuf import module
from modelyard.repository.written import config_text, parse_config

DECLARED: dict[str, Any] = read(Path(__file__).with_name("every_field.yaml")).data

UNSEEN = {
    "inference.BatchOutput.kind": "its only value is the default, which no message carries",
    "inference.ModelInstanceGroup.SecondaryDevice.kind": "its only value is the default, which no message carries",
}
VALUES = {
    "DataType": (DType, "TYPE_{}", {"TYPE_INVALID": "no type at all"}),
    "ModelInput.Format": (InputTensor.model_fields["format"].annotation, "FORMAT_{}", {}),
    "BatchInput.Kind": (BatchInput.model_fields["kind"].annotation, "{}", {}),
    "BatchOutput.Kind": (BatchOutput.model_fields["kind"].annotation, "{}", {}),
    "ModelInstanceGroup.Kind": (InstanceGroup.model_fields["kind"].annotation, "KIND_{}", {}),
    "ModelInstanceGroup.SecondaryDevice.SecondaryDeviceKind": (
        SecondaryDevice.model_fields["kind"].annotation, "KIND_{}", {},
    ),
    "ModelOptimizationPolicy.ModelPriority": (
        Optimization.model_fields["priority"].annotation, "PRIORITY_{}", {},
    ),
    "ModelQueuePolicy.TimeoutAction": (QueuePolicy.model_fields["timeout_action"].annotation, "{}", {}),
    "ModelSequenceBatching.Control.Kind": (Control.model_fields["kind"].annotation, "CONTROL_SEQUENCE_{}", {}),
}  # fmt: skip
"""Of each enumeration: the declaration's values, how the message spells them, and values left out with the reason."""


def test_every_field_is_reached_by_a_declaration() -> None:
    reached = {path for name in DECLARED for path in set_fields(config(name))}
    assert set(all_fields(module().ModelConfig.DESCRIPTOR)) - reached == UNSEEN.keys()


@pytest.mark.parametrize("name", VALUES)
def test_every_value_of_an_enumeration_can_be_declared(name: str) -> None:
    annotation, form, excluded = VALUES[name]
    declared = {form.format(value).upper() for value in literals(annotation)} - {"KIND_MIG"}
    enum = module().DESCRIPTOR.pool.FindEnumTypeByName(f"inference.{name}")
    assert declared | excluded.keys() == {value.name for value in enum.values}


def test_every_enumeration_is_in_the_table() -> None:
    assert {field for field in enums(module().ModelConfig.DESCRIPTOR, set())} == VALUES.keys()


@pytest.mark.parametrize("name", DECLARED)
def test_written_text_gives_the_message_back(name: str) -> None:
    written = config(name)
    text = config_text(written)
    assert parse_config(text) == written
    assert config_text(parse_config(text)) == text


def config(name: str) -> Any:
    declaration = declaration_of(DECLARED[name]["format"]).model_validate(DECLARED[name])
    decided = Decided(
        name=name,
        release="26.07",
        max_batch_size=declaration.max_batch_size or 0,
        inputs=declaration.inputs,
        outputs=declaration.outputs,
        versions=(),
        settings=None,
    )
    return model_config(declaration, decided)


def set_fields(message: Any) -> Iterator[str]:
    for field, value in message.ListFields():
        yield f"{message.DESCRIPTOR.full_name}.{field.name}"
        if is_map(field):
            yield from (
                found for inner in value.values() if hasattr(inner, "ListFields") for found in set_fields(inner)
            )
        elif field.message_type is not None:
            for inner in value if hasattr(value, "add") else [value]:
                yield from set_fields(inner)


def all_fields(descriptor: Any, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    for field in descriptor.fields:
        yield f"{descriptor.full_name}.{field.name}"
        inner = field.message_type.fields_by_name["value"].message_type if is_map(field) else field.message_type
        if inner is not None and inner.full_name not in seen:
            yield from all_fields(inner, seen | {inner.full_name})


def enums(descriptor: Any, seen: set[str]) -> Iterator[str]:
    for field in descriptor.fields:
        if field.enum_type is not None:
            yield field.enum_type.full_name.removeprefix("inference.")
        if field.message_type is not None and field.message_type.full_name not in seen:
            seen.add(field.message_type.full_name)
            yield from enums(field.message_type, seen)


def is_map(field: Any) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def literals(annotation: Any) -> Iterator[str]:
    for argument in get_args(annotation):
        if isinstance(argument, str):
            yield argument
        else:
            yield from literals(argument)
