"""The messages of TensorFlow Serving's configuration files, as far as Modelyard writes them.

``tensorflow-serving-api`` has only some of them, and brings all of TensorFlow with it. So their fields are a table,
``messages.csv``; where that package is installed, a test holds both equal and reads what is written here by its
messages. They live in a pool of their own and never meet those of the package.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

Message: TypeAlias = Any
"""A protobuf message; its fields are those of the table."""

PACKAGE = "tensorflow.serving"
_FILE = "modelyard/tensorflow_serving.proto"
_TABLE = Path(__file__).parent / "messages.csv"


def new(name: str) -> Message:
    """An empty message, for example ``new("ModelServerConfig")``."""
    return _classes()[f"{PACKAGE}.{name}"]()


def text(message: Message) -> str:
    """In protobuf's text format, as the server reads it."""
    from google.protobuf import text_format

    return text_format.MessageToString(message)


@cache
def _classes() -> dict[str, type[Message]]:
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, wrappers_pb2

    file = descriptor_pb2.FileDescriptorProto(
        name=_FILE, package=PACKAGE, syntax="proto3", dependency=[wrappers_pb2.DESCRIPTOR.name]
    )
    made: dict[str, Any] = {}
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            message = _message(file, made, row["message"])
            if row["field"]:
                _add_field(message, row)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(descriptor_pb2.FileDescriptorProto.FromString(wrappers_pb2.DESCRIPTOR.serialized_pb))
    pool.Add(file)
    return message_factory.GetMessageClassesForFiles([_FILE], pool)


def _message(file: Any, made: dict[str, Any], name: str) -> Any:
    """The description of the message, below that of the message that its name begins with."""
    if name not in made:
        outer, _, own = name.rpartition(".")
        made[name] = (_message(file, made, outer).nested_type if outer else file.message_type).add(name=own)
    return made[name]


def _add_field(message: Any, row: dict[str, str]) -> None:
    kind = row["type"]
    field = message.field.add(name=row["field"], number=int(row["number"]), json_name=row["field"])
    field.label = field.LABEL_REPEATED if row["repeated"] or kind.startswith("map<") else field.LABEL_OPTIONAL
    if kind.startswith("map<"):
        entry = message.nested_type.add(name=f"{row['field'].title().replace('_', '')}Entry")
        entry.options.map_entry = True
        for number, (name, inner) in enumerate(zip(("key", "value"), kind[4:-1].split(","), strict=True), 1):
            _add_field(entry, {"field": name, "number": str(number), "type": inner, "repeated": "", "oneof": ""})
        field.type, field.type_name = field.TYPE_MESSAGE, entry.name
    elif kind[0].isupper() or "." in kind:
        outer = "" if kind.startswith("google.") else f"{PACKAGE}."
        field.type, field.type_name = field.TYPE_MESSAGE, f".{outer}{kind}"
    else:
        field.type = getattr(field, f"TYPE_{kind.upper()}")
    if row["oneof"]:
        names = [one.name for one in message.oneof_decl]
        if row["oneof"] not in names:
            message.oneof_decl.add(name=row["oneof"])
            names.append(row["oneof"])
        field.oneof_index = names.index(row["oneof"])
