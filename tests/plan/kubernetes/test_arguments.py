"""Arguments of components: what other Pulumi languages see, and that they say the same as the declarations."""

from __future__ import annotations

from typing import Any

import pytest
from component_arguments import mirrors, usable_elsewhere
from modelyard.capacity.software import (
    cluster_software_args,
    gpu_software_args,
    gpu_software_declaration,
    secret_reference_args,
)
from modelyard.capacity.software.cluster_software import ClusterSoftware
from modelyard.capacity.software.cluster_software_declaration import ClusterSoftwareDeclaration
from modelyard.capacity.software.department_namespace import DepartmentNamespace
from modelyard.capacity.software.gpu_software import GpuSoftware
from modelyard.capacity.software.image_prefetch import ImagePrefetch
from modelyard.environment import gateway, model, monitoring, rollout, secret, weights
from modelyard.environment.declaration import Declaration
from modelyard.monitoring.monitoring import ClusterMonitoring, Monitoring
from modelyard.serving.local.args import LocalModelServerArgs
from modelyard.serving.local.declaration import LocalModelServerDeclaration
from modelyard.serving.local.local_model_server import LocalModelServer
from modelyard.serving.triton import service_args, service_declaration
from modelyard.serving.triton.service import TritonService
from modelyard.serving.triton.service_declaration import TritonServiceDeclaration
from modelyard.serving.workload import args as workload_args
from modelyard.serving.workload import declaration as workload_declaration

COMPONENTS: list[Any] = [
    TritonService,
    ClusterSoftware,
    GpuSoftware,
    ImagePrefetch,
    DepartmentNamespace,
    Monitoring,
    ClusterMonitoring,
    LocalModelServer,
]

MIRRORS: list[tuple[type[Declaration], type, set[str]]] = [
    # declaration, arguments, arguments of the component's own
    (model.ServerResources, workload_args.ServerResourcesArgs, set()),
    (model.Scaling, workload_args.ScalingArgs, set()),
    (secret.SecretReference, secret_reference_args.SecretReferenceArgs, set()),
    (monitoring.Monitoring, cluster_software_args.PrometheusArgs, set()),
    (monitoring.AlertReceiver, cluster_software_args.AlertReceiverArgs, set()),
    (gateway.Acme, cluster_software_args.AcmeArgs, set()),
    (workload_declaration.StoredFileDeclaration, workload_args.StoredFileArgs, set()),
    (workload_declaration.StoredDeclaration, workload_args.StoredModelArgs, set()),
    (service_declaration.RateLimitResourceDeclaration, service_args.RateLimitResourceArgs, set()),
    (service_declaration.ServerOptionsDeclaration, service_args.ServerOptionsArgs, set()),
    (workload_declaration.TolerationDeclaration, workload_args.TolerationArgs, set()),
    (workload_declaration.GatewayDeclaration, workload_args.GatewayArgs, set()),
    (rollout.Rollout, workload_args.RolloutArgs, set()),
    (rollout.Gates, workload_args.GatesArgs, set()),
    (rollout.BusinessGate, workload_args.BusinessGateArgs, set()),
    (rollout.Sticky, workload_args.StickyArgs, set()),
    (workload_declaration.CanaryDeclaration, workload_args.CanaryArgs, set()),
    (weights.Weights, workload_args.WeightsArgs, set()),
    (TritonServiceDeclaration, service_args.TritonServiceArgs, set()),
    (LocalModelServerDeclaration, LocalModelServerArgs, set()),
    (ClusterSoftwareDeclaration, cluster_software_args.ClusterSoftwareArgs, {"ownership"}),
    (gpu_software_declaration.GpuSoftwareDeclaration, gpu_software_args.GpuSoftwareArgs, {"ownership"}),
    (gpu_software_declaration.GpuSoftwarePoolDeclaration, gpu_software_args.GpuSoftwarePoolArgs, set()),
]


def test_every_component_can_be_used_from_other_languages() -> None:
    usable_elsewhere(COMPONENTS)


@pytest.mark.parametrize(("declaration", "arguments", "own"), MIRRORS, ids=[mirror[1].__name__ for mirror in MIRRORS])
def test_arguments_mirror_their_declaration(declaration: type[Declaration], arguments: Any, own: set[str]) -> None:
    mirrors(declaration, arguments, own=own)
