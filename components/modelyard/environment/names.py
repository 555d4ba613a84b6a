"""The alphabets and lengths of names that people and other systems type."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

NAME_PATTERN = r"^[a-z]([a-z0-9-]*[a-z0-9])?$"

EnvironmentName = Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=20)]
"""Lower-case letters, digits and hyphens, at most 20: it prefixes cluster, bucket and role names."""

ClusterName = Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=20)]
"""With the environment's name before it the EKS cluster name, which tags and role names repeat."""

PoolName = Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=24)]
"""A node group is named <environment>-<cluster>-<pool>; AWS allows 63 characters."""

DepartmentName = Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=40)]
"""Also the Kubernetes namespace and the stack's suffix."""

ModelName = Annotated[str, StringConstraints(pattern=NAME_PATTERN, max_length=40)]
"""Also the name of Deployment, Service and HTTPRoute; Kubernetes allows 63 with their suffixes."""
