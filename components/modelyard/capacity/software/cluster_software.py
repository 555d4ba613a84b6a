"""What every serving cluster runs besides models, as a Pulumi component."""

from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from modelyard.capacity.software.alertmanager import SECRET, receiver_secrets
from modelyard.capacity.software.certificates import cert_manager_values, gateway_certificate, issuers
from modelyard.capacity.software.cluster_autoscaler import (
    NAMESPACE,
    SERVICE_ACCOUNT,
    cluster_autoscaler_policy,
    cluster_autoscaler_values,
)
from modelyard.capacity.software.cluster_software_args import ClusterSoftwareArgs
from modelyard.capacity.software.cluster_software_declaration import ClusterSoftwareDeclaration
from modelyard.capacity.software.controllers import Ground, declare_controllers
from modelyard.capacity.software.gateway import NAME as GATEWAY_NAME
from modelyard.capacity.software.gateway import gateway_monitor, gateway_objects, gateway_values
from modelyard.capacity.software.gateway_access import client_traffic_policy, rate_limit_service
from modelyard.capacity.software.kubernetes_object import declare
from modelyard.capacity.software.namespaces import CERT_MANAGER, GATEWAY, MONITORING, platform_namespaces
from modelyard.capacity.software.pod_identity_guard import pod_identity_guard
from modelyard.capacity.software.priority_class import serving_priority
from modelyard.capacity.software.prometheus_adapter import prometheus_adapter_values
from modelyard.capacity.software.prometheus_stack import prometheus_stack_values
from modelyard.capacity.software.release import release
from modelyard.capacity.software.secret_value import secret_value
from modelyard.capacity.software.storage_class import storage_class, storage_class_name, volume_type
from modelyard.governance.arguments import read_arguments
from modelyard.governance.ownership import Ownership
from modelyard.governance.pod_identity_role import PodIdentityRole


class ClusterSoftware(pulumi.ComponentResource):
    """Prometheus and Alertmanager, the adapter for autoscaling metrics, cert-manager and the gateway, on a cluster of
    EKS, GKE or AKS; on EKS the node autoscaler, too, which the others have built in.

    Takes the Kubernetes provider of the cluster from ``opts``, and on EKS the AWS provider of its region. Custom
    resources wait for the release that brings their definitions, and nothing else waits. In Python,
    ``prometheus_stack`` is the release that brings ServiceMonitor, PodMonitor and PrometheusRule, ``gateway`` the
    Gateway that routes attach to, and ``priority_class`` that of serving pods: what the same program declares of these
    kinds waits for them. ``controllers`` has what the objects of each controller wait for, by its name. What KServe
    needs besides its own installation is :class:`~modelyard.serving.kserve.cluster.KServeCluster`.

    Raises:
        InvalidEnvironment: arguments do not fit; before any resource is registered.
    """

    def __init__(self, name: str, args: ClusterSoftwareArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        declared = read_arguments(ClusterSoftwareDeclaration, args, ClusterSoftwareArgs, f"ClusterSoftware {name}")
        ownership = Ownership.of(args["ownership"])
        certificate = gateway_certificate(
            declared.certificates,
            ownership,
            cluster=declared.cluster,
            domain=declared.domain,
            hostnames=declared.hostnames,
        )
        super().__init__("modelyard:index:ClusterSoftware", name, {}, opts)
        self._name, self._ownership, self._declared = name, ownership, declared

        wanted = platform_namespaces(ownership, mesh=declared.mesh, controllers=declared.controllers)
        spaces = {manifest["metadata"]["name"]: self._declare(manifest) for manifest in wanted}
        self.priority_class = self._declare(serving_priority(ownership))
        guard = pod_identity_guard(ownership, declared.cloud)
        self.pod_identity_guard = [self._declare(manifest) for manifest in guard]
        if declared.installs_node_autoscaler:
            self._node_autoscaler()
        self.prometheus_stack = self._monitoring(spaces[MONITORING])
        self.gateway = self._gateway(spaces[GATEWAY], spaces[CERT_MANAGER], certificate)
        stack, signer, priority = self.prometheus_stack, self.certificates, self.priority_class
        self.controllers = declare_controllers(
            Ground(name, declared, ownership, self, dict(spaces), stack, signer, priority)
        )
        self.register_outputs({})

    def _node_autoscaler(self) -> None:
        region = self._declared.region
        cluster: Any = self._declared.eks_cluster
        access = PodIdentityRole(
            f"{self._name}-cluster-autoscaler",
            {
                "region": region,
                "cluster_name": cluster,
                "namespace": NAMESPACE,
                "service_account": SERVICE_ACCOUNT,
                "policy": pulumi.Output.from_input(cluster).apply(
                    lambda known: cluster_autoscaler_policy(known, region)
                ),
                "ownership": self._ownership.args(),
            },
            pulumi.ResourceOptions(parent=self),
        )
        values = cluster_autoscaler_values(
            cluster_name=cluster,
            region=region,
            kubernetes_version=self._declared.kubernetes_version,
            system_nodes=self._declared.system_nodes,
            gpu_claims=self._declared.gpu_claims,
        )
        self._release("cluster-autoscaler", NAMESPACE, values, access.association, *self.pod_identity_guard)

    def _monitoring(self, namespace: pulumi.Resource) -> kubernetes.helm.v3.Release:
        declared, monitoring, system_nodes = self._declared, self._declared.monitoring, self._declared.system_nodes
        volumes = volume_type(declared.cloud, declared.system_machine)
        kept = storage_class(
            self._ownership,
            cloud=declared.cloud,
            volumes=volumes,
            disk_encryption_set_id=declared.disk_encryption_set_id,
            kms_key=declared.volume_kms_key,
        )
        before = [namespace, self._declare(kept)]
        if declared.auto_mode:
            self._declare(storage_class(self._ownership, volumes=volumes, auto_mode=True))
        held = receiver_secrets(monitoring.receivers)
        if held:
            before.append(
                kubernetes.core.v1.Secret(
                    f"{self._name}-{SECRET}",
                    metadata={
                        "name": SECRET,
                        "namespace": MONITORING,
                        "labels": self._ownership.kubernetes_labels(),
                    },
                    string_data={receiver: secret_value(where, self) for receiver, where in held.items()},
                    opts=self._after(namespace),
                )
            )
        values = prometheus_stack_values(
            monitoring, storage_class=storage_class_name(volumes), system_nodes=system_nodes, cloud=declared.cloud
        )
        stack = self._release("kube-prometheus-stack", MONITORING, values, *before)
        # Not before Prometheus: the adapter is ready only when it has an answer from it.
        self._release("prometheus-adapter", MONITORING, prometheus_adapter_values(system_nodes=system_nodes), stack)
        return stack

    def _gateway(
        self, namespace: pulumi.Resource, certificates: pulumi.Resource, certificate: dict[str, Any]
    ) -> pulumi.CustomResource:
        declared, ownership, nodes = self._declared, self._ownership, self._declared.system_nodes
        values = {**gateway_values(system_nodes=nodes), **rate_limit_service(declared.rate_limit_redis)}
        chart = self._release("gateway-helm", GATEWAY, values, namespace)
        # cert-manager looks for Gateway API's CRDs once, when it starts; this chart brings them.
        manager = self._release(
            "cert-manager", CERT_MANAGER, cert_manager_values(system_nodes=nodes), certificates, chart
        )
        objects = gateway_objects(
            ownership,
            cluster=declared.cluster,
            domain=declared.domain,
            reach=declared.reach,
            system_nodes=nodes,
            replicas=declared.gateway_replicas,
            cloud=declared.cloud,
            auto_mode=declared.auto_mode,
        )
        self.certificates = manager
        made = {manifest["kind"]: self._declare(manifest, chart) for manifest in objects}
        shown = declared.client_certificates
        callers = client_traffic_policy(shown, ownership, gateway=GATEWAY_NAME, namespace=GATEWAY)
        declare(f"{self._name}-callers", callers, self._after(made["Gateway"]))
        signers = [
            self._declare(manifest, manager)
            for manifest in issuers(declared.certificates, ownership, gateway="modelyard")
        ]
        self._declare(certificate, *signers)
        monitor = gateway_monitor(ownership, scrape_interval_seconds=declared.monitoring.scrape_interval_seconds)
        self._declare(monitor, self.prometheus_stack, namespace)
        return made["Gateway"]

    def _release(
        self, chart: str, namespace: str, values: dict[str, Any], *before: pulumi.Resource
    ) -> kubernetes.helm.v3.Release:
        return release(f"{self._name}-{chart}", chart, namespace=namespace, values=values, opts=self._after(*before))

    def _declare(self, manifest: dict[str, Any], *before: pulumi.Resource) -> pulumi.CustomResource:
        return declare(f"{self._name}-{manifest['metadata']['name']}", manifest, self._after(*before))

    def _after(self, *before: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=list(before) or None)
