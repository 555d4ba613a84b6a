"""Image builds as their Pulumi provider shows them, without a daemon: nothing is built, and digests are made up.

What the context holds is not read: a plan shows a build as changed where its inputs are, and the real provider where
the files of its context are too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from modelyard.graph import UNKNOWN
from modelyard.offline import schemas, wire
from modelyard.offline.schemas import Problem
from modelyard.offline.simulated.naming import hex_of
from modelyard.offline.simulated.provider import Before, Checked, Created, Difference, Invoked
from modelyard.offline.simulated.unknown_token import UnknownFunction, UnknownResource

_PACKAGE = "docker-build"
_IMAGE = "docker-build:index:Image"


class SimulatedDockerBuild:
    """One configured ``docker-build`` provider: a builder."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        """Which builder it is makes no difference."""

    @classmethod
    def check_config(cls, config: Mapping[str, Any]) -> Checked:
        own = {name: value for name, value in config.items() if name not in ("version", "__internal")}
        return Checked(dict(config), schemas.check(f"pulumi:providers:{_PACKAGE}", own))

    def check(
        self,
        token: str,
        urn: str,
        inputs: Mapping[str, Any],
        old_inputs: Mapping[str, Any] | None = None,
        *,
        replaces: str = "",
    ) -> Checked:
        if not schemas.known(token):
            return Checked(dict(inputs), [Problem("", str(UnknownResource(_PACKAGE, token)))])
        return Checked(dict(inputs), schemas.check(token, inputs))

    def with_secrets(self, token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        secret = schemas.secret_outputs(token)
        return {name: wire.secret(value) if name in secret else value for name, value in inputs.items()}

    def create(self, token: str, urn: str, inputs: Mapping[str, Any], *, preview: bool, replaces: str = "") -> Created:
        made = dict.fromkeys(schemas.outputs(token), UNKNOWN)
        if preview:
            return Created(UNKNOWN, {**made, **inputs})
        return Created(hex_of(urn, 32, replaces), {**_built(token, urn, inputs), **inputs})

    def read(self, token: str, urn: str, id_: Any, state: Mapping[str, Any], *, preview: bool) -> Created:
        if not schemas.known(token):
            raise UnknownResource(_PACKAGE, token)
        return Created(id_, dict(state))

    def diff(self, token: str, urn: str, inputs: Mapping[str, Any], old_inputs: Mapping[str, Any]) -> Difference:
        """Another build is pushed by the same resource; an index has one tag for life; and another password to log in
        by is no change (``Image.Diff`` and ``Index.Diff`` in pulumi-docker-build of 2026-08-21)."""
        names = inputs.keys() | old_inputs.keys()
        changed = tuple(
            sorted(name for name in names if _compared(inputs.get(name)) != _compared(old_inputs.get(name)))
        )
        return Difference(changed, ("tag",) if token != _IMAGE and "tag" in changed else ())

    def update(
        self, token: str, urn: str, inputs: Mapping[str, Any], before: Before, *, preview: bool
    ) -> dict[str, Any]:
        if preview:
            return {**dict.fromkeys(schemas.outputs(token), UNKNOWN), **inputs}
        return {**_built(token, urn, inputs), **inputs}

    def delete(self, token: str, urn: str, id_: str) -> None:
        """Nothing is kept, so nothing is left."""

    def invoke(self, token: str, args: Mapping[str, Any], *, preview: bool) -> Invoked:
        raise UnknownFunction(_PACKAGE, token, [])


def _compared(value: Any) -> Any:
    """Without the passwords of registries."""
    revealed = wire.revealed(value)
    if isinstance(revealed, list):
        return [_compared(each) for each in revealed]
    if isinstance(revealed, Mapping) and {"address", "username"} <= revealed.keys():
        return {key: each for key, each in revealed.items() if key != "password"}
    return value


def _built(token: str, urn: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What a build answers; the same inputs give the same digest."""
    said = json.dumps({name: wire.revealed(_compared(inputs[name])) for name in sorted(inputs)}, default=str)
    digest = f"sha256:{hex_of(urn, 32, said)}{hex_of(urn, 32, f'{said}-')}"
    if token != _IMAGE:
        return {"ref": f"{wire.revealed(inputs.get('tag'))}@{digest}"}
    tags = wire.revealed(inputs.get("tags")) or []
    ref = f"{tags[0]}@{digest}" if tags else digest
    return {"digest": digest, "ref": ref, "contextHash": hex_of(urn, 32, "context")}
