"""Who may ask a route, as Pulumi resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from ...capacity.software.kubernetes_object import declare
from ...capacity.software.secret_value import secret_value
from ...environment.access import Access
from .security_policy import security_policy


def declare_access(
    name: str,
    access: Access,
    metadata: Mapping[str, Any],
    route: str,
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Resource]:
    """What has to be there before the route is, or the route is open in between: its SecurityPolicy, and the Secret of
    its API keys; empty where nothing is asked of callers.

    Args:
        name: of the resources, for Pulumi.
        access: of the model, the gateway's included.
        metadata: of the objects; their namespace is the route's.
        route: name of the HTTPRoute.
        opts: whose parent is a component; it, or its provider, reads AWS Secrets Manager.
    """
    way = access.authentication
    held: list[pulumi.Resource] = []
    keys: Any = None
    if way is not None and way.api_key is not None:
        import pulumi_kubernetes as kubernetes

        parent = opts.parent
        if parent is None:
            raise ValueError("opts.parent is missing; API keys are read with the providers of a component")
        # Its name is generated: a changed key makes a new Secret, and the proxies never see half of it.
        unnamed: Any = {key: value for key, value in metadata.items() if key != "name"}
        secret = kubernetes.core.v1.Secret(
            f"{name}-api-keys",
            metadata=unnamed,
            immutable=True,
            string_data={client: secret_value(where, parent) for client, where in way.api_key.clients.items()},
            opts=opts,
        )
        held.append(secret)
        keys = secret.metadata["name"]
    policy = security_policy(metadata, access, route=route, keys=keys)
    if policy is not None:
        held.append(declare(name, policy, pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=held))))
    return held
