"""The network of a GKE cluster: a VPC network of its own, or one that somebody else owns."""

from typing import Any, cast

import pulumi

from ..environment import network as declaration
from ..environment.problem import InvalidEnvironment, Problem
from ..governance.arguments import key_problems, read_arguments
from ..governance.google_sdk import google
from ..governance.known_after import known_after
from ..governance.ownership import Ownership
from ..resolve.google_ranges import google_ranges
from .google_network_args import ExistingGoogleNetworkArgs, GoogleNetworkArgs

_COMPONENT = "GoogleNetwork"
_PODS, _SERVICES = "pods", "services"
_NAT_PORTS = 64
_DESCRIPTION = "Of a cluster; made by Modelyard"
"""The same whoever pays: another one would replace the network, and with it the cluster."""


class GoogleNetwork(pulumi.ComponentResource):
    """A VPC network with one subnetwork: nodes without addresses of the internet, ranges for pods and services, a way
    out through Cloud NAT, and Google's own services by their private addresses.

    With ``existing`` it makes nothing and hands the names on. Follows "VPC-native clusters" of the GKE documentation.

    Raises:
        InvalidEnvironment: an argument is wrong, or two ranges overlap.
    """

    network_name: pulumi.Output[str]
    """Name of the VPC network."""
    subnetwork_name: pulumi.Output[str]
    """Name of the subnetwork; known once its nodes have a way out."""
    pods_range: pulumi.Output[str]
    """Name of the subnetwork's secondary range for pods."""
    services_range: pulumi.Output[str]
    """Name of its secondary range for services."""

    def __init__(self, name: str, args: GoogleNetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        component = f"{_COMPONENT} {name}"
        existing = args.get("existing")
        declared: declaration.Network | None = None
        if existing is None:
            declared = read_arguments(declaration.Network, args, GoogleNetworkArgs, component)
            ranges = google_ranges(declared)
            findings = [*ranges.too_large_or_small, *ranges.overlaps]
            if findings:
                raise InvalidEnvironment([Problem(component, str(at[0]), text) for at, text in findings])
        else:
            _check_existing(args, existing, component)
        Ownership.of(args["ownership"])
        super().__init__("modelyard:index:GoogleNetwork", name, {}, opts)
        self.network_project: str | None = None
        if declared is not None:
            self._create(name, declared, args)
        elif existing is not None:
            self.network_project = existing.get("project")
            self.network_name = pulumi.Output.from_input(existing["network"])
            self.subnetwork_name = pulumi.Output.from_input(existing["subnetwork"])
            self.pods_range = pulumi.Output.from_input(existing["pods_range"])
            self.services_range = pulumi.Output.from_input(existing["services_range"])
        self.register_outputs(
            {
                "networkName": self.network_name,
                "subnetworkName": self.subnetwork_name,
                "podsRange": self.pods_range,
                "servicesRange": self.services_range,
            }
        )

    def _create(self, name: str, declared: declaration.Network, args: GoogleNetworkArgs) -> None:
        compute: Any = google(_COMPONENT, "compute")
        child = pulumi.ResourceOptions(parent=self)
        project, region, ranges = args.get("project"), args["region"], google_ranges(declared)
        network = compute.Network(
            name,
            project=project,
            auto_create_subnetworks=False,
            routing_mode="REGIONAL",
            description=_DESCRIPTION,
            opts=child,
        )
        subnetwork = compute.Subnetwork(
            name,
            project=project,
            region=region,
            network=network.id,
            ip_cidr_range=str(declared.cidr),
            secondary_ip_ranges=[
                {"range_name": _PODS, "ip_cidr_range": str(ranges.pods)},
                {"range_name": _SERVICES, "ip_cidr_range": str(ranges.services)},
            ],
            private_ip_google_access=True,
            log_config=None if declared.flow_logs is None else _FLOW_LOGS,
            description=_DESCRIPTION,
            opts=child,
        )
        ways_out: list[pulumi.Resource] = []
        if declared.nat != "none":
            router = compute.Router(
                name, project=project, region=region, network=network.id, description=_DESCRIPTION, opts=child
            )
            nat = compute.RouterNat(
                name,
                project=project,
                region=region,
                router=router.name,
                nat_ip_allocate_option="AUTO_ONLY",
                source_subnetwork_ip_ranges_to_nat="LIST_OF_SUBNETWORKS",
                subnetworks=[{"name": subnetwork.id, "source_ip_ranges_to_nats": ["ALL_IP_RANGES"]}],
                enable_dynamic_port_allocation=True,
                enable_endpoint_independent_mapping=False,
                min_ports_per_vm=_NAT_PORTS,
                log_config={"enable": True, "filter": "ERRORS_ONLY"},
                opts=child,
            )
            ways_out.append(nat)
        self.network_name = network.name
        # A node without a way out cannot fetch images, and on the way down the nodes go first.
        self.subnetwork_name = known_after(cast(pulumi.Output[str], subnetwork.name), [subnetwork, *ways_out])
        self.pods_range = known_after(pulumi.Output.from_input(_PODS), [subnetwork])
        self.services_range = known_after(pulumi.Output.from_input(_SERVICES), [subnetwork])


_FLOW_LOGS = {
    "aggregation_interval": "INTERVAL_5_SEC",
    "flow_sampling": 1.0,
    "metadata": "INCLUDE_ALL_METADATA",
}
"""Every connection, as the flow logs of AWS have them."""


def _check_existing(args: GoogleNetworkArgs, existing: ExistingGoogleNetworkArgs, component: str) -> None:
    problems = key_problems(args, GoogleNetworkArgs, component)
    problems += [
        Problem(component, key, "has no effect with existing, which names a network that nothing is changed in")
        for key in args
        if key in declaration.Network.model_fields
    ]
    problems += key_problems(existing, ExistingGoogleNetworkArgs, f"{component} existing")
    if not problems and all(isinstance(value, str) for value in existing.values()):
        read_arguments(declaration.ExistingGoogleNetwork, existing, ExistingGoogleNetworkArgs, f"{component} existing")
    if problems:
        raise InvalidEnvironment(problems)
