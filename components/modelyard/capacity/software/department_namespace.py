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
    nothing pass which no other policy names.

    Raises:
        InvalidEnvironment: an argument is missing or unknown.
        InvalidOwnership: the ownership does not fit.
    """

    namespace: pulumi.Output[str]
    """Name of the namespace."""

    def __init__(self, name: str, args: DepartmentNamespaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_keys(args, DepartmentNamespaceArgs, f"DepartmentNamespace {name}")
        ownership = Ownership.of(args["ownership"])
        super().__init__("modelyard:index:DepartmentNamespace", name, {}, opts)
        first, *rest = department_namespace(ownership)
        made = declare(name, first, pulumi.ResourceOptions(parent=self))
        for manifest in rest:
            declare(name, manifest, pulumi.ResourceOptions(parent=self, depends_on=[made]))
        self.namespace = pulumi.Output.from_input(ownership.department)
        self.register_outputs({"namespace": ownership.department})
