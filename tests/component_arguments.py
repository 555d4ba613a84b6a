"""What holds for the arguments of every component: other Pulumi languages see them whole, and they say what their
declarations say."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from modelyard.environment.declaration import Declaration
from modelyard.environment.descriptions import descriptions
from pulumi.provider.experimental.analyzer import Analyzer


def usable_elsewhere(components: list[Any]) -> None:
    """Every input, output and nested type has its description."""
    analysed = Analyzer("modelyard").analyze(components)
    assert set(analysed["component_definitions"]) == {component.__name__ for component in components}
    for definition in analysed["component_definitions"].values():
        for described in (definition.inputs, definition.outputs):
            assert all(prop.description for prop in described.values()), definition.name
    for definition in analysed["type_definitions"].values():
        assert all(prop.description for prop in definition.properties.values()), definition.name


def mirrors(
    declaration: type[Declaration], arguments: Any, elsewhere: Set[str] = frozenset(), own: Set[str] = frozenset()
) -> None:
    """The same names, the same ones required, the same descriptions.

    Args:
        declaration: the declared model.
        arguments: the component's TypedDict.
        elsewhere: fields that something else decides.
        own: arguments that nobody declares.
    """
    fields = set(declaration.model_fields)
    assert elsewhere <= fields
    assert set(arguments.__annotations__) == fields - elsewhere | own
    required = {name for name, field in declaration.model_fields.items() if field.is_required()} - elsewhere
    assert arguments.__required_keys__ - own == required
    analyzer = Analyzer("modelyard")
    for name, description in descriptions(declaration).items():
        if name in elsewhere:
            continue
        said = analyzer.get_docstring(arguments, name)
        assert said is not None, name
        assert " ".join(said.split()).startswith(" ".join(description.split()).rstrip(".")), name
