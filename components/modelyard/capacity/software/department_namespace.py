"""A department's place in a cluster, as a Pulumi component."""

from typing import NotRequired, TypedDict, get_args

import pulumi

from modelyard.capacity.software.dra_driver import gpu_claim_template
from modelyard.capacity.software.kubernetes_object import declare
from modelyard.capacity.software.mesh import Mesh
from modelyard.capacity.software.namespaces import department_namespace
from modelyard.environment.known_name import unknown
from modelyard.environment.problem import InvalidEnvironment, Problem
from modelyard.governance.arguments import check_keys
from modelyard.governance.ownership import Ownership, OwnershipArgs


class DepartmentNamespaceArgs(TypedDict):
    """Namespace of one department on one cluster."""

    ownership: OwnershipArgs
    """Who pays; the namespace is named like the department."""
    mesh: NotRequired[str]
    """Service mesh that encrypts what passes between its pods: none, istio (ambient mode) or linkerd. Default: none."""
    baseline_for: NotRequired[str]
    """Whose pods cannot be restricted, and why, for whoever reads the namespace: the Pod Security Standard ``baseline``
    is enforced then. Default: nobody's, and ``restricted`` is."""
    gpu_claims: NotRequired[bool]
    """Whether its pods may claim GPUs: they name the ResourceClaimTemplate ``gpu``. Kubernetes 1.34 and later.
    Default: false."""


class DepartmentNamespace(pulumi.ComponentResource):
    """The namespace, whose pods are held to the ``restricted`` Pod Security Standard where nothing else is said, and a
    network policy that lets nothing pass which no other policy names. In Python, ``resources`` are its objects, for
    what waits for them.

    Raises:
        InvalidEnvironment: an argument is missing or unknown, or the mesh is.
    """

    namespace: pulumi.Output[str]
    """Name of the namespace; known once it is there."""

    def __init__(self, name: str, args: DepartmentNamespaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        check_keys(args, DepartmentNamespaceArgs, f"DepartmentNamespace {name}")
        ownership = Ownership.of(args["ownership"])
        mesh = _mesh(args.get("mesh", "none"), f"DepartmentNamespace {name}")
        super().__init__("modelyard:index:DepartmentNamespace", name, {}, opts)
        first, *rest = department_namespace(ownership, mesh=mesh, baseline_for=args.get("baseline_for"))
        if args.get("gpu_claims", False):
            rest.append(gpu_claim_template(ownership, ownership.department))
        made = declare(name, first, pulumi.ResourceOptions(parent=self))
        self.resources: list[pulumi.Resource] = [
            made,
            *(declare(name, manifest, pulumi.ResourceOptions(parent=self, depends_on=[made])) for manifest in rest),
        ]
        self.namespace = made.id
        self.register_outputs({"namespace": self.namespace})


def _mesh(name: str, component: str) -> Mesh:
    if name not in get_args(Mesh):
        raise InvalidEnvironment([Problem(component, "mesh", unknown("a known mesh", name, get_args(Mesh)))])
    return name  # type: ignore[return-value]
