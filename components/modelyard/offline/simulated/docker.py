"""Docker as its Pulumi provider shows it, for no daemon at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelyard.graph import UNKNOWN
from modelyard.offline import schemas, wire
from modelyard.offline.schemas import Problem
from modelyard.offline.simulated.naming import autoname, hex_of
from modelyard.offline.simulated.provider import Before, Checked, Created, Difference, Invoked
from modelyard.offline.simulated.unknown_token import UnknownFunction, UnknownResource
from modelyard.offline.urn import name_of

_CONTAINER = "docker:index/container:Container"
_IMAGE = "docker:index/remoteImage:RemoteImage"
_NAMED = frozenset({_CONTAINER, "docker:index/network:Network", "docker:index/volume:Volume"})
"""Types whose name the provider makes up where there is none."""
_MUTABLE: Mapping[str, frozenset[str]] = {
    _CONTAINER: frozenset(
        (
            "attach", "containerReadRefreshTimeoutMilliseconds", "cpuPeriod", "cpuQuota", "cpuSet", "cpuShares",
            "destroyGraceSeconds", "init", "logs", "maxRetryCount", "memory", "memoryReservation", "memorySwap",
            "mustRun", "removeVolumes", "restart", "rm", "start", "tmpfs", "wait", "waitTimeout",
        )
    ),
    _IMAGE: frozenset(("forceRemove", "keepLocally")),
}  # fmt: skip
"""What changes in place; anything else makes a new container or image (kreuzwerker/terraform-provider-docker,
resource_docker_container.go and resource_docker_image.go of 2026-07-22)."""
_RANDOM_DIGITS = 7
_MAX_NAME_LENGTH = 255


class SimulatedDocker:
    """One configured ``docker`` provider: a daemon."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        """Which daemon it is makes no difference."""

    @classmethod
    def check_config(cls, config: Mapping[str, Any]) -> Checked:
        own = {name: value for name, value in config.items() if name not in ("version", "__internal")}
        return Checked(dict(config), schemas.check("pulumi:providers:docker", own))

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
            return Checked(dict(inputs), [Problem("", str(UnknownResource("docker", token)))])
        checked = dict(inputs)
        if token in _NAMED and "name" not in inputs:
            old = (old_inputs or {}).get("name")
            checked["name"] = old or autoname(urn, name_of(urn), _RANDOM_DIGITS, _MAX_NAME_LENGTH, replaces)
        return Checked(checked, schemas.check(token, inputs))

    def with_secrets(self, token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        secret = schemas.secret_outputs(token)
        return {name: wire.secret(value) if name in secret else value for name, value in inputs.items()}

    def create(self, token: str, urn: str, inputs: Mapping[str, Any], *, preview: bool, replaces: str = "") -> Created:
        made = {name: UNKNOWN for name in schemas.outputs(token) if name not in inputs}
        if preview:
            return Created(UNKNOWN, {**made, **inputs})
        id_ = hex_of(urn, 64, replaces)
        return Created(id_, {**self._made(token, id_), **inputs})

    def read(self, token: str, urn: str, id_: Any, state: Mapping[str, Any], *, preview: bool) -> Created:
        if not schemas.known(token):
            raise UnknownResource("docker", token)
        return Created(id_, dict(state))

    def diff(self, token: str, urn: str, inputs: Mapping[str, Any], old_inputs: Mapping[str, Any]) -> Difference:
        names = inputs.keys() | old_inputs.keys()
        changed = tuple(sorted(name for name in names if inputs.get(name) != old_inputs.get(name)))
        replace = tuple(name for name in changed if name not in _MUTABLE.get(token, ()))
        # A name is taken, and so are ports, until the old container is gone.
        return Difference(changed, replace, bool(replace) and token != _IMAGE)

    def update(
        self, token: str, urn: str, inputs: Mapping[str, Any], before: Before, *, preview: bool
    ) -> dict[str, Any]:
        return {**before.outputs, **inputs}

    def delete(self, token: str, urn: str, id_: str) -> None:
        """Nothing is kept, so nothing is left."""

    def invoke(self, token: str, args: Mapping[str, Any], *, preview: bool) -> Invoked:
        raise UnknownFunction("docker", token, [])

    def _made(self, token: str, id_: str) -> dict[str, Any]:
        if token == _IMAGE:
            return {"imageId": f"sha256:{id_}", "repoDigest": f"sha256:{id_}"}
        return {"exitCode": 0, "healthStatus": "healthy"} if token == _CONTAINER else {}
