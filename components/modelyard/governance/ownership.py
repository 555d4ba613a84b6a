"""Who pays for a resource and who answers for it, in the form that each cloud takes.

AWS tags follow "Tag naming limits and requirements" of the tagging guide, Kubernetes labels "Labels and
Selectors" of the Kubernetes documentation, Google labels "Requirements for labels" of Resource Manager.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NotRequired, TypedDict

PLATFORM = "platform"
"""Department of what all departments share: networks, clusters, registries."""

_LABEL_VALUE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class OwnershipArgs(TypedDict):
    """Who pays for a resource and who answers for it."""

    department: str
    """Department that pays; ``platform`` for what all share."""
    cost_center: str
    """Letters, digits, dots, hyphens and underscores, at most 63."""
    environment: str
    """For example prod."""
    owner: str
    """E-mail address of who is told; never part of a tag."""
    model: NotRequired[str]
    """Model that the resource serves. Default: none."""


class InvalidOwnership(ValueError):
    """A part of an ownership that some cloud would refuse as a tag or label."""


@dataclass(frozen=True, slots=True)
class Ownership:
    """Who pays for a resource and who answers for it.

    Raises:
        InvalidOwnership: a value does not fit the alphabet that AWS tags and Kubernetes labels share.
    """

    department: str
    cost_center: str
    environment: str
    owner: str
    model: str | None = None

    def __post_init__(self) -> None:
        for part in ("department", "cost_center", "environment", "model"):
            value = getattr(self, part)
            if value is None and part == "model":
                continue
            if not isinstance(value, str) or not _LABEL_VALUE.fullmatch(value):
                raise InvalidOwnership(
                    f"ownership.{part}: {value!r} cannot be a tag and a label; allowed are letters, digits, dots, "
                    f"hyphens and underscores, at most 63, beginning and ending with a letter or digit"
                )
        if not isinstance(self.owner, str) or not _EMAIL.fullmatch(self.owner):
            raise InvalidOwnership(f"ownership.owner: {self.owner!r} is not an e-mail address")

    @classmethod
    def of(cls, args: OwnershipArgs) -> "Ownership":
        """From a component's ``ownership`` argument.

        Raises:
            InvalidOwnership: a key is missing or unknown, or a value does not fit.
        """
        if not isinstance(args, Mapping):
            raise InvalidOwnership("ownership: must be a mapping of keys to values")
        known = OwnershipArgs.__required_keys__ | OwnershipArgs.__optional_keys__
        for key in args:
            if key not in known:
                raise InvalidOwnership(f"ownership: unknown key {key!r}; allowed are {', '.join(sorted(known))}")
        for key in sorted(OwnershipArgs.__required_keys__):
            if key not in args:
                raise InvalidOwnership(f"ownership: {key} is missing")
        return cls(**args)

    def of_model(self, model: str) -> "Ownership":
        """The same owner, for what serves one model."""
        return replace(self, model=model)

    def args(self) -> OwnershipArgs:
        """As the ``ownership`` argument of a component."""
        parts: OwnershipArgs = {
            "department": self.department,
            "cost_center": self.cost_center,
            "environment": self.environment,
            "owner": self.owner,
        }
        if self.model is not None:
            parts["model"] = self.model
        return parts

    def aws_tags(self, name: str | None = None) -> dict[str, str]:
        """Tags of one resource; ``name`` is what the AWS console shows in its Name column."""
        tags = {
            "department": self.department,
            "cost-center": self.cost_center,
            "environment": self.environment,
            "managed-by": "modelyard",
        }
        if self.model is not None:
            tags["model"] = self.model
        if name is not None:
            tags["Name"] = name
        return tags

    def kubernetes_labels(self) -> dict[str, str]:
        """Labels of one Kubernetes object and of its pods."""
        labels = {
            "modelyard.dev/department": self.department,
            "modelyard.dev/cost-center": self.cost_center,
            "modelyard.dev/environment": self.environment,
            "app.kubernetes.io/managed-by": "modelyard",
        }
        if self.model is not None:
            labels["modelyard.dev/model"] = self.model
        return labels

    def gcp_labels(self) -> dict[str, str]:
        """Labels of one Google Cloud resource: lower case, dots as hyphens."""
        return {key: value.lower().replace(".", "-") for key, value in self.aws_tags().items()}
