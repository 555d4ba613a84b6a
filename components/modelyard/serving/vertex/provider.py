"""What the three resources of our own have in common as Pulumi's dynamic providers.

A provider's object holds nothing: the state keeps its class by name (``modelyard.serving.vertex...``), in the clear,
and neither code nor a credential. ``check`` and ``diff``, which a preview asks, are pure; only ``create``, ``read``,
``update`` and ``delete`` call Vertex AI.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Iterator, Mapping
from hashlib import sha256
from types import SimpleNamespace
from typing import Any, ClassVar

from pulumi.dynamic import CheckFailure, CheckResult, ConfigureRequest, DiffResult, ResourceProvider
from pulumi.output import Unknown
from pulumi.runtime import rpc

from .property_changes import changed, changes
from .refusal import VertexError
from .rest_api import VertexApi

CONTENT_LABEL = "modelyard-content"


class VertexProvider(ResourceProvider):
    """Reads the table of changes for its resource."""

    RESOURCE: ClassVar[str]
    """In the table: Model, DeployedModel or TrafficSplit."""
    REQUIRED: ClassVar[tuple[str, ...]]
    OUTPUTS: ClassVar[tuple[str, ...]] = ()
    """What only Vertex AI says, as text: unknown in a plan."""
    serialize_as_secret_always = False

    def configure(self, req: ConfigureRequest) -> None:
        _speak_in_sentences()

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        known = changes(self.RESOURCE)
        failures = [
            *(
                CheckFailure(name, f"{name} is missing")
                for name in self.REQUIRED
                if news.get(name) is None or news.get(name) == ""
            ),
            *(
                CheckFailure(name, f"{name} is no property of {self.RESOURCE}; allowed: {', '.join(known)}")
                for name in sorted(news)
                if name not in known and not name.startswith("__")
            ),
            *(CheckFailure(name, reason) for name, reason in self.problems(news)),
        ]
        return CheckResult(dict(news), failures)

    def problems(self, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Property and reason of what Vertex AI would refuse; values that are not known yet are passed over."""
        yield from ()

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        replaces = changed(self.RESOURCE, _olds, _news, "replace")
        updates = changed(self.RESOURCE, _olds, _news, "update")
        return DiffResult(changes=bool(replaces or updates), replaces=replaces, delete_before_replace=False)

    def api(self, props: Mapping[str, Any]) -> VertexApi:
        """Vertex AI in the resource's region."""
        return VertexApi(str(props["location"]))

    def content(self, props: Mapping[str, Any]) -> str:
        """Digest of all that makes another resource: sixteen hexadecimal digits."""
        kept = {name: _plain(props.get(name)) for name, kind in changes(self.RESOURCE).items() if kind == "replace"}
        return sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()[:16]

    def inputs(self, props: Mapping[str, Any]) -> dict[str, Any]:
        """Of inputs or outputs, what the program said."""
        return {name: _plain(props[name]) for name in changes(self.RESOURCE) if props.get(name) is not None}


def is_known(value: Any) -> bool:
    """Whether a value of a preview is there yet, and all of its parts."""
    if isinstance(value, Mapping):
        return all(map(is_known, value.values()))
    if isinstance(value, list | tuple):
        return all(map(is_known, value))
    return not isinstance(value, Unknown) and value != rpc.UNKNOWN


def _plain(value: Any) -> Any:
    """Whole numbers as integers: they come back from the engine as floats."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def _speak_in_sentences() -> None:
    """Pulumi's host of dynamic providers tells the engine a traceback of whatever goes wrong; of ours it tells the
    sentence. Only that host's own name for the module ``traceback`` is given another meaning, in its own process."""
    host = sys.modules.get("__main__")
    if getattr(getattr(host, "__spec__", None), "name", "") not in ("pulumi.dynamic.__main__", "pulumi.dynamic"):
        return

    def format_exc() -> str:
        error = sys.exc_info()[1]
        return str(error) if isinstance(error, VertexError) else traceback.format_exc()

    host.__dict__["traceback"] = SimpleNamespace(format_exc=format_exc)
