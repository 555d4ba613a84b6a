"""A department's place in a cluster, as a Pulumi component."""

from typing import TypedDict

import pulumi

from modelyard.capacity.software.kubernetes_object import declare
from modelyard.capacity.software.namespaces import department_namespace
from modelyard.governance.arguments import check_keys
from modelyard.governance.ownership import Ownership, OwnershipArgs


class DepartmentNamespaceArgs(TypedDict):
    """Namespace of one department on one cluster."""

    ownership: OwnershipArgs
    """Who pays; the namespace is named like the department."""


class DepartmentNamespace(pulumi.ComponentResource):
    """The namespace, whose pods are held to the ``restricted`` Pod Security Standard, and a network policy that lets
    nothing pass which no other policy names. In Python, ``resources`` are the two, for what waits for them.

    Raises:
        InvalidEnvironment: an argument is missing or unknown.
        InvalidOwnership: the ownership does not fit.
    """

    namespace: pulumi.Output[str]
    """Name of the namespace; known once it is there."""

    def __init__(self, name: str, args: DepartmentNamespaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_keys(args, DepartmentNamespaceArgs, f"DepartmentNamespace {name}")
        ownership = Ownership.of(args["ownership"])
        super().__init__("modelyard:index:DepartmentNamespace", name, {}, opts)
        first, *rest = department_namespace(ownership)
        made = declare(name, first, pulumi.ResourceOptions(parent=self))
        self.resources: list[pulumi.Resource] = [
            made,
            *(declare(name, manifest, pulumi.ResourceOptions(parent=self, depends_on=[made])) for manifest in rest),
        ]
        self.namespace = made.id
        self.register_outputs({"namespace": self.namespace})
