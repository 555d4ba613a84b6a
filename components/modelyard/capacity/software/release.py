"""A Helm release of a chart that the catalogue pins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_kubernetes.helm.v3 import Release

from ...catalog import charts

_TIMEOUT_SECONDS = 900
"""Nodes may have to be started before the pods of a release are ready."""


def release(
    name: str, chart: str, *, namespace: str, values: Mapping[str, Any], opts: pulumi.ResourceOptions
) -> Release:
    """Installs ``chart`` at its pinned version as a release of the same name.

    The release's name is fixed, since the names of its objects, which other parts point to, follow from it. A failed
    installation is undone, so that the next ``pulumi up`` starts afresh.
    """
    pinned = charts.get(chart)
    return Release(
        name,
        name=chart,
        chart=pinned.reference,
        version=pinned.version,
        repository_opts=None if pinned.is_oci else {"repo": pinned.repository},
        namespace=namespace,
        values=dict(values),
        atomic=True,
        timeout=_TIMEOUT_SECONDS,
        max_history=5,
        opts=opts,
    )
