"""What a TritonService makes: one test for each thing that its pods need to start, to be safe and to be found."""

from __future__ import annotations

import re
from typing import Any

import pulumi
import pytest
from modelyard.capacity.software.cluster_software import ClusterSoftware
from modelyard.capacity.software.department_namespace import DepartmentNamespace
from modelyard.graph import Resource, ResourceGraph, Secret
from modelyard.serving.triton.service import TritonService

from .program import (
    CHECKSUM,
    PLATFORM,
    REGION,
    SHOP,
    graph_of,
    kubernetes_objects,
    one,
    refusal,
    run_program,
    triton_arguments,
    waits_for,
)


def service(**changes: Any) -> Any:
    return lambda opts: TritonService("prod-east-tagger", triton_arguments(**changes), opts)


@pytest.fixture(scope="module")
def graph() -> ResourceGraph:
    return graph_of(service())


def pod(deployment: Resource) -> dict[str, Any]:
    return deployment.inputs["spec"]["template"]["spec"]


def server(graph: ResourceGraph) -> dict[str, Any]:
    (container,) = pod(one(graph, "Deployment"))["containers"]
    return container


def test_it_makes_these_objects_and_no_others(graph: ResourceGraph) -> None:
    kinds = sorted(resource.inputs["kind"] for resource in kubernetes_objects(graph))
    assert kinds == [
        "BackendTrafficPolicy", "ConfigMap", "Deployment", "HTTPRoute", "HorizontalPodAutoscaler", "NetworkPolicy",
        "PodDisruptionBudget", "Service", "ServiceAccount",
    ]  # fmt: skip


def test_every_object_lies_in_the_departments_namespace_and_says_whose_it_is(graph: ResourceGraph) -> None:
    labels = {
        "modelyard.dev/department": "shop",
        "modelyard.dev/cost-center": "CC-2000",
        "modelyard.dev/environment": "prod",
        "modelyard.dev/model": "tagger",
        "app.kubernetes.io/managed-by": "modelyard",
    }
    metadata = [resource.inputs["metadata"] for resource in kubernetes_objects(graph)]
    metadata.append({**one(graph, "Deployment").inputs["spec"]["template"]["metadata"], "namespace": "shop"})
    assert all(one_metadata["namespace"] == "shop" for one_metadata in metadata)
    assert all(labels.items() <= one_metadata["labels"].items() for one_metadata in metadata)


def test_selectors_find_the_pods_and_stay_when_ownership_changes(graph: ResourceGraph) -> None:
    selector = {"app.kubernetes.io/name": "triton", "app.kubernetes.io/instance": "tagger"}
    deployment = one(graph, "Deployment").inputs["spec"]
    assert selector.items() <= deployment["template"]["metadata"]["labels"].items()
    assert deployment["selector"]["matchLabels"] == selector
    assert one(graph, "Service").inputs["spec"]["selector"] == selector
    assert one(graph, "NetworkPolicy").inputs["spec"]["podSelector"]["matchLabels"] == selector
    assert one(graph, "PodDisruptionBudget").inputs["spec"]["selector"]["matchLabels"] == selector
    spread = pod(one(graph, "Deployment"))["topologySpreadConstraints"]
    assert [constraint["labelSelector"]["matchLabels"] for constraint in spread] == [selector, selector]


def test_the_autoscaler_alone_owns_the_replicas(graph: ResourceGraph) -> None:
    assert "replicas" not in one(graph, "Deployment").inputs["spec"]
    spec = one(graph, "HorizontalPodAutoscaler").inputs["spec"]
    assert (spec["minReplicas"], spec["maxReplicas"]) == (2, 6)
    assert spec["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "tagger"}
    (metric,) = spec["metrics"]
    assert metric["pods"]["metric"]["name"] == "triton_queue_ms"
    assert metric["pods"]["target"] == {"type": "AverageValue", "averageValue": "7500m"}


def test_the_pod_is_restricted(graph: ResourceGraph) -> None:
    """The Pod Security Standard that the namespace enforces, and a root file system that nobody writes to."""
    spec = pod(one(graph, "Deployment"))
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == 1000
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in (*spec["containers"], *spec["initContainers"]):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        written = {mount["mountPath"] for mount in container["volumeMounts"] if not mount.get("readOnly")}
        assert "/tmp" in written
        assert {"name": "HOME", "value": "/tmp"} in container["env"]


def test_the_server_asks_for_what_was_declared() -> None:
    graph = graph_of(service(resources={"gpus": 2, "cpu": 3.5, "memory_gib": 12.5, "shared_memory_mib": 512}))
    assert server(graph)["resources"] == {
        "requests": {"cpu": "3500m", "memory": "12800Mi", "nvidia.com/gpu": "2"},
        "limits": {"memory": "12800Mi", "nvidia.com/gpu": "2"},
    }
    volumes = {volume["name"]: volume for volume in pod(one(graph, "Deployment"))["volumes"]}
    assert volumes["shared-memory"]["emptyDir"] == {"medium": "Memory", "sizeLimit": "512Mi"}
    mounts = {mount["name"]: mount["mountPath"] for mount in server(graph)["volumeMounts"]}
    assert mounts["shared-memory"] == "/dev/shm"


@pytest.mark.parametrize(
    ("changes", "nodes", "tolerated"),
    [
        pytest.param({}, {"nodeSelector": {"modelyard.dev/pool": "l4"}}, ["nvidia.com/gpu"], id="one pool"),
        pytest.param(
            {"tolerations": [{"key": "team", "value": "vision", "effect": "NoExecute"}]},
            {"nodeSelector": {"modelyard.dev/pool": "l4"}},
            ["nvidia.com/gpu", "team"],
            id="a taint of the pool's own",
        ),
        pytest.param({"pool": None, "price_basis": None, "resources": {"gpus": 0}}, {}, [], id="no GPU"),
    ],
)
def test_pods_go_to_their_pool(changes: dict[str, Any], nodes: dict[str, Any], tolerated: list[str]) -> None:
    spec = pod(one(graph_of(service(**changes)), "Deployment"))
    assert {key: spec[key] for key in ("nodeSelector", "affinity") if key in spec} == nodes
    assert [toleration["key"] for toleration in spec["tolerations"]] == tolerated


def test_overflow_is_allowed_and_the_pool_preferred() -> None:
    deployment = one(graph_of(service(overflow_pool="l4-spot")), "Deployment")
    affinity = pod(deployment)["affinity"]["nodeAffinity"]
    (term,) = affinity["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    assert term["matchExpressions"] == [{"key": "modelyard.dev/pool", "operator": "In", "values": ["l4", "l4-spot"]}]
    (preferred,) = affinity["preferredDuringSchedulingIgnoredDuringExecution"]
    assert preferred["preference"]["matchExpressions"][0]["values"] == ["l4"]
    assert "nodeSelector" not in pod(deployment)


def test_pods_say_where_they_run_and_at_which_price(graph: ResourceGraph) -> None:
    annotations = one(graph, "Deployment").inputs["spec"]["template"]["metadata"]["annotations"]
    assert annotations == {
        "modelyard.dev/cluster": "east",
        "modelyard.dev/pool": "l4",
        "modelyard.dev/price-basis": "aws/us-east-1/g6.2xlarge/on_demand",
        "modelyard.dev/artefact-digest": "f" * 64,
    }


def stored(**changes: Any) -> dict[str, Any]:
    changed = {**triton_arguments()["stored"], **changes}
    return {key: value for key, value in changed.items() if value is not None}


def test_another_model_file_rolls_the_pods_and_brings_its_own_list() -> None:
    def files(checksum: str) -> list[dict[str, Any]]:
        return [{"path": "tagger/1/model.py", "sha256": checksum * 64, "size_bytes": 1}]

    first, second = (graph_of(service(stored=stored(digest=one, files=files(one)))) for one in "ab")
    lists = [one(graph, "ConfigMap") for graph in (first, second)]
    assert [of["immutable"] for of in (each.inputs for each in lists)] == [True, True]
    assert lists[0].inputs["metadata"]["name"] != lists[1].inputs["metadata"]["name"]
    assert lists[0].urn != lists[1].urn, "the list before is deleted last, and never replaced"
    templates = [one(graph, "Deployment").inputs["spec"]["template"] for graph in (first, second)]
    assert templates[0]["metadata"]["annotations"] != templates[1]["metadata"]["annotations"]
    for template, of in zip(templates, lists, strict=True):
        mounted = [volume["configMap"]["name"] for volume in template["spec"]["volumes"] if "configMap" in volume]
        assert mounted == [of.inputs["metadata"]["name"]]
    assert waits_for(first, one(first, "Deployment"), lists[0])


def test_the_list_names_object_and_file(graph: ResourceGraph) -> None:
    assert one(graph, "ConfigMap").inputs["data"]["list"].splitlines() == [
        f"{CHECKSUM}\t{3 * 1024**3}\t{CHECKSUM[:16]}/tagger/1/model.onnx\ttagger/1/model.onnx",
        f"{CHECKSUM}\t0\ttagger/config.pbtxt\ttagger/config.pbtxt",
    ]


def variables(graph: ResourceGraph) -> dict[str, str]:
    (download,) = pod(one(graph, "Deployment"))["initContainers"]
    return {variable["name"]: variable["value"] for variable in download["env"]}


def test_files_of_somebody_else_are_fetched_by_prefix() -> None:
    theirs = stored(files=None, bucket="theirs", prefix="models/tagger")
    graph = graph_of(service(stored=theirs, version=3))
    assert not [resource for resource in kubernetes_objects(graph) if resource.inputs["kind"] == "ConfigMap"]
    given = variables(graph)
    assert (given["MODEL_PREFIX_OF"], given["MODEL_VERSIONS"]) == ("tagger", "3")
    assert "MODEL_FILES" not in given
    whole = variables(graph_of(service(stored={**theirs, "layout": "repository"}, version=3)))
    assert whole["MODEL_PREFIX_OF"] == "."
    assert "MODEL_VERSIONS" not in whole


def test_the_server_sees_the_repository_when_it_is_whole(graph: ResourceGraph) -> None:
    """The folder that the server is given appears in the volume by one renaming."""
    (download,) = pod(one(graph, "Deployment"))["initContainers"]
    filled = {mount["name"]: mount["mountPath"] for mount in download["volumeMounts"]}["models"]
    assert variables(graph)["MODEL_VOLUME"] == filled
    (mount,) = [mount for mount in server(graph)["volumeMounts"] if mount["name"] == "models"]
    assert mount == {"name": "models", "mountPath": "/models", "subPath": "models", "readOnly": True}
    assert download["terminationMessagePolicy"] == "FallbackToLogsOnError"


AZURE = {"store": "azure", "account": "retailmodels", "region": None, "bucket": "models"}

CLOUDS: list[tuple[dict[str, Any], dict[str, str], dict[str, str], str, list[tuple[int, str]]]] = [
    # arguments, annotations of the service account, a label of the pods, where the model lies, where credentials are
    (
        {},
        {},
        {"modelyard.dev/needs-aws-identity": "true"},
        "s3://",
        [(80, "169.254.170.23/32"), (80, "fd00:ec2::23/128")],
    ),
    (
        {"stored": stored(store="gcs", region=None), "eks_cluster": None},
        {},
        {},
        "gs://",
        [(988, "169.254.169.252/32"), (80, "169.254.169.254/32")],
    ),
    (
        {
            "stored": stored(store="gcs", region=None),
            "eks_cluster": None,
            "gcp_service_account": "tagger@retail.iam.gserviceaccount.com",
        },
        {"iam.gke.io/gcp-service-account": "tagger@retail.iam.gserviceaccount.com"},
        {},
        "gs://",
        [(988, "169.254.169.252/32"), (80, "169.254.169.254/32")],
    ),
    (
        {
            "stored": stored(**AZURE),
            "eks_cluster": None,
            "azure_client_id": "11111111-2222-3333-4444-555555555555",
        },
        {"azure.workload.identity/client-id": "11111111-2222-3333-4444-555555555555"},
        {"azure.workload.identity/use": "true"},
        "https://retailmodels.blob.core.windows.net/",
        [],
    ),
]


@pytest.mark.parametrize(
    ("changes", "annotations", "label", "store", "credentials"),
    CLOUDS,
    ids=["EKS", "GKE", "GKE with a service account", "AKS"],
)
def test_pods_read_their_store_by_who_they_are(
    changes: dict[str, Any],
    annotations: dict[str, str],
    label: dict[str, str],
    store: str,
    credentials: list[tuple[int, str]],
) -> None:
    graph = graph_of(service(**changes))
    assert one(graph, "ServiceAccount").inputs["metadata"].get("annotations", {}) == annotations
    labels = one(graph, "Deployment").inputs["spec"]["template"]["metadata"]["labels"]
    ways = ("modelyard.dev/needs-aws-identity", "azure.workload.identity/use")
    assert {key: labels[key] for key in ways if key in labels} == label
    given = variables(graph)
    assert given["MODEL_STORE"] == store
    assert given["RCLONE_CONFIG_STORE_ENV_AUTH"] == "true"
    assert not [name for name in given if re.search("KEY|SECRET|TOKEN|PASSWORD|SAS", name)]
    link_local = [
        (rule["ports"][0]["port"], to["ipBlock"]["cidr"])
        for rule in one(graph, "NetworkPolicy").inputs["spec"]["egress"]
        for to in rule["to"]
        if "ipBlock" in to and "except" not in to["ipBlock"]
    ]
    assert link_local == credentials


def test_names_of_stores_and_identities_may_be_outputs() -> None:
    def declare(opts: pulumi.ResourceOptions) -> None:
        of = stored(**{**AZURE, "account": pulumi.Output.from_input("madebyastack")})
        client = pulumi.Output.from_input("client")
        arguments = triton_arguments(stored=of, eks_cluster=None, azure_client_id=client)
        TritonService("prod-east-tagger", arguments, opts)

    assert variables(graph_of(declare))["MODEL_STORE"] == "https://madebyastack.blob.core.windows.net/"


def test_images_are_pinned_by_digest(graph: ResourceGraph) -> None:
    spec = pod(one(graph, "Deployment"))
    assert all("@sha256:" in container["image"] for container in (*spec["containers"], *spec["initContainers"]))


@pytest.mark.parametrize(("size_gib", "load_seconds"), [(0, 300), (3, 480), (None, 1500)])
def test_time_to_start_grows_with_the_model(size_gib: int | None, load_seconds: int) -> None:
    size_bytes = None if size_gib is None else size_gib * 1024**3
    graph = graph_of(service(stored=stored(files=None, size_bytes=size_bytes)))
    probe = server(graph)["startupProbe"]
    assert probe["failureThreshold"] * probe["periodSeconds"] == load_seconds
    deployment = one(graph, "Deployment").inputs
    deadline = deployment["spec"]["progressDeadlineSeconds"]
    assert deadline > load_seconds + 1200
    assert int(deployment["metadata"]["annotations"]["pulumi.com/timeoutSeconds"]) == 3 * deadline


@pytest.mark.parametrize(("request_timeout_seconds", "exit_timeout"), [(5, 60), (60, 60), (600, 600)])
def test_stopping_leaves_time_for_requests_in_flight(request_timeout_seconds: int, exit_timeout: int) -> None:
    """As long as the gateway gives one request, after the sleep in which proxies forget the pod."""
    graph = graph_of(service(request_timeout_seconds=request_timeout_seconds))
    drain = server(graph)["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert f"--exit-timeout-secs={exit_timeout}" in server(graph)["args"]
    assert pod(one(graph, "Deployment"))["terminationGracePeriodSeconds"] > drain + exit_timeout
    assert one(graph, "Deployment").inputs["spec"]["minReadySeconds"] > 0


@pytest.mark.parametrize(("request_timeout_seconds", "stuck_seconds"), [(60, 300), (600, 660)])
def test_probes_ask_for_every_model_and_spare_a_busy_server(request_timeout_seconds: int, stuck_seconds: int) -> None:
    container = server(graph_of(service(request_timeout_seconds=request_timeout_seconds)))
    probes = {kind: container[f"{kind}Probe"] for kind in ("startup", "liveness", "readiness")}
    assert {probe["httpGet"]["path"] for probe in probes.values()} == {"/v2/health/ready"}
    patience = {kind: probe["periodSeconds"] * probe["failureThreshold"] for kind, probe in probes.items()}
    assert patience["readiness"] == 15
    assert patience["liveness"] == stuck_seconds


def test_the_gateway_tries_again_only_what_no_server_has_read(graph: ResourceGraph) -> None:
    policy = one(graph, "BackendTrafficPolicy").inputs["spec"]
    assert policy["targetRefs"] == [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": "tagger"}]
    assert policy["retry"]["retryOn"] == {"triggers": ["connect-failure", "refused-stream", "reset-before-request"]}
    assert policy["healthCheck"]["passive"]["splitExternalLocalOriginErrors"] is True


SERVER_OPTIONS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"response_cache_mib": 64}, ["--cache-config=local,size=67108864"]),
    (
        {
            "rate_limiter": True,
            "rate_limit_resources": [{"name": "R1", "count": 4}, {"name": "R2", "count": 1, "device": 0}],
        },
        ["--rate-limit=execution_count", "--rate-limit-resource=R1:4", "--rate-limit-resource=R2:1:0"],
    ),
    (
        {"backend_config": {"python": {"shm-default-byte-size": "16777216"}, "onnxruntime": {"a": "1"}}},
        ["--backend-config=onnxruntime,a=1", "--backend-config=python,shm-default-byte-size=16777216"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("options", "expected"), SERVER_OPTIONS, ids=["none", "cache", "rate limiter", "backends"])
def test_the_server_is_started_with_what_the_repository_asks_for(options: dict[str, Any], expected: list[str]) -> None:
    plain = server(graph_of(service()))["args"]
    assert server(graph_of(service(server=options)))["args"] == [*plain, *expected]


@pytest.mark.parametrize(
    ("profile", "resource"), [("1g.10gb", "nvidia.com/mig-1g.10gb"), ("1g.10gb+me", "nvidia.com/mig-1g.10gb.me")]
)
def test_slices_of_a_gpu_are_a_resource_of_their_own(profile: str, resource: str) -> None:
    graph = graph_of(service(mig_profile=profile, resources={"gpus": 2}))
    limits = server(graph)["resources"]["limits"]
    assert {key: value for key, value in limits.items() if key.startswith("nvidia.com")} == {resource: "2"}
    assert "nvidia.com/gpu" in [toleration["key"] for toleration in pod(one(graph, "Deployment"))["tolerations"]]


def test_several_versions_are_reached_side_by_side() -> None:
    rules = one(graph_of(service(version=2, versions=[1, 2])), "HTTPRoute").inputs["spec"]["rules"]
    paths = [match["path"]["value"] for match in rules[0]["matches"]]
    assert paths[:3] == [f"/v2/models/tagger/{path}infer" for path in ("", "versions/1/", "versions/2/")]


@pytest.mark.parametrize("scaling", [{"min_replicas": 1, "max_replicas": 1}, {"min_replicas": 2, "max_replicas": 2}])
def test_a_drain_always_ends(scaling: dict[str, int]) -> None:
    spec = one(graph_of(service(scaling=scaling)), "PodDisruptionBudget").inputs["spec"]
    assert spec["maxUnavailable"] == 1
    assert "minAvailable" not in spec
    assert spec["unhealthyPodEvictionPolicy"] == "AlwaysAllow"


def test_only_the_gateway_and_prometheus_get_in(graph: ResourceGraph) -> None:
    spec = one(graph, "NetworkPolicy").inputs["spec"]
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    opened = [
        (
            rule["from"][0]["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"],
            rule["from"][0]["podSelector"]["matchLabels"]["app.kubernetes.io/name"],
            [port["port"] for port in rule["ports"]],
        )
        for rule in spec["ingress"]
    ]
    assert opened == [("gateway-system", "envoy", [8000, 8001]), ("monitoring", "prometheus", [8002])]


def test_out_go_dns_the_pod_identity_agent_and_https(graph: ResourceGraph) -> None:
    dns, agent, https = one(graph, "NetworkPolicy").inputs["spec"]["egress"]
    assert [(port["port"], port["protocol"]) for port in dns["ports"]] == [(53, "UDP"), (53, "TCP")]
    assert [to["ipBlock"]["cidr"] for to in agent["to"]] == ["169.254.170.23/32", "fd00:ec2::23/128"]
    assert [port["port"] for port in agent["ports"]] == [80]
    assert https["to"] == [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]}}]
    assert [port["port"] for port in https["ports"]] == [443]


def test_the_service_account_may_read_this_model_and_nothing_else(graph: ResourceGraph) -> None:
    (association,) = graph.of_type("aws:eks/podIdentityAssociation:PodIdentityAssociation")
    assert {key: association.inputs[key] for key in ("clusterName", "namespace", "serviceAccount")} == {
        "clusterName": "prod-east",
        "namespace": "shop",
        "serviceAccount": "tagger",
    }
    (policy,) = graph.of_type("aws:iam/rolePolicy:RolePolicy")
    assert '"arn:aws:s3:::retail-prod-models-us-east-1/shop/tagger/*"' in policy.inputs["policy"]
    assert '"Resource": "*"' not in policy.inputs["policy"]
    assert waits_for(graph, one(graph, "Deployment"), association)


def test_no_role_without_a_cluster_that_has_pod_identity() -> None:
    graph = graph_of(service(eks_cluster=None))
    assert not [resource for resource in graph if resource.type.startswith("aws:iam")]


def test_secrets_reach_the_server_by_reference_alone() -> None:
    references = {"HUB_TOKEN": {"config": "hub"}, "SIGNING": {"aws_secrets_manager": "prod/signing"}}
    graph = run_program(service(secret_env=references), {"modelyard:hub": Secret("planted-value")}, "up").graph
    held = one(graph, "Secret").inputs
    assert held["immutable"] is True
    assert isinstance(held["stringData"], Secret)
    assert held["stringData"].reveal().keys() == {"HUB_TOKEN", "SIGNING"}
    assert "planted-value" not in repr([resource.inputs for resource in graph])
    by_reference = {
        variable["name"]: variable["valueFrom"]["secretKeyRef"]["key"]
        for variable in server(graph)["env"]
        if "secretKeyRef" in variable.get("valueFrom", {})
    }
    assert by_reference == {"HUB_TOKEN": "HUB_TOKEN", "SIGNING": "SIGNING"}


def test_a_model_without_a_hostname_has_no_route() -> None:
    kinds = [resource.inputs["kind"] for resource in kubernetes_objects(graph_of(service(hostname=None)))]
    assert "HTTPRoute" not in kinds
    assert "BackendTrafficPolicy" not in kinds


def test_in_one_stack_everything_waits_for_the_namespace_and_the_gateway() -> None:
    def declare(opts: pulumi.ResourceOptions) -> None:
        software = ClusterSoftware(
            "prod-east",
            {
                "ownership": PLATFORM.args(),
                "cluster": "east",
                "region": REGION,
                "kubernetes_version": "1.34",
                "eks_cluster": "prod-east",
                "domain": "ml.example.org",
            },
            opts,
        )
        place = DepartmentNamespace("prod-east-shop", {"ownership": SHOP.args()}, opts)
        after = pulumi.ResourceOptions(depends_on=[*place.resources, software.gateway, software.priority_class])
        service()(pulumi.ResourceOptions.merge(opts, after))

    graph = graph_of(declare)
    namespace, gateway = one(graph, "Namespace", "shop"), one(graph, "Gateway")
    for resource in kubernetes_objects(graph):
        if resource.inputs["metadata"].get("namespace") == "shop" and resource.inputs["metadata"]["name"] == "tagger":
            assert waits_for(graph, resource, namespace), resource.urn
            assert waits_for(graph, resource, gateway), resource.urn


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"modell": "x"}, "TritonService prod-east-tagger: modell: "),
    ({"model": None}, "TritonService prod-east-tagger: model: "),
    ({"pool": None}, "resources.gpus is 1; name the GPU pool in pool, or ask for 0 GPUs"),
    ({"overflow_pool": "l4"}, "overflow_pool 'l4' is the pool itself; name another, or none"),
    ({"max_unavailable": 0}, "max_surge and max_unavailable are both 0, so no pod could ever be replaced"),
    (
        {"resources": {"memory_gib": 1, "shared_memory_mib": 1024}},
        "resources.shared_memory_mib 1024 leaves nothing of memory_gib 1 for the server itself",
    ),
    ({"env": {"HOME": "/root"}}, "the variable HOME belongs to the server's container; choose another name"),
    (
        {"env": {"LEVEL": "1"}, "secret_env": {"LEVEL": {"config": "level"}}},
        "LEVEL is named in env and in secret_env; keep one",
    ),
    (
        {"ownership": {**SHOP.args(), "department": "Shop_1"}},
        "ownership.department 'Shop_1' is also a namespace; allowed are lower-case letters, digits and hyphens, at "
        "most 40, beginning with a letter",
    ),
    (
        {"resources": {"memory_gib": 1, "shared_memory_mib": 512}, "server": {"response_cache_mib": 512}},
        "resources.shared_memory_mib 512 and server.response_cache_mib 512 leave nothing of memory_gib 1 for the "
        "server itself",
    ),
    (
        {"mig_profile": "1g.10gb", "pool": None, "price_basis": None, "resources": {"gpus": 0}},
        "mig_profile is 1g.10gb and resources.gpus is 0; ask for slices, or for none",
    ),
    ({"version": 3, "versions": [1, 2]}, "version 3 is not among versions 1, 2; name it there"),
    (
        {"server": {"rate_limit_resources": [{"name": "R1", "count": 4}]}},
        "server.rate_limit_resources mean nothing while server.rate_limiter is off; turn it on",
    ),
    ({"stored": stored(region=None)}, "stored: region is missing; name the AWS region of the S3 bucket"),
    (
        {"stored": stored(store="azure", region=None)},
        "stored: account is missing; name the storage account of the Azure container",
    ),
    (
        {"stored": stored(**AZURE), "eks_cluster": None},
        "azure_client_id is missing; pods reach Azure Blob Storage by a managed identity alone",
    ),
    (
        {"stored": stored(store="gcs", region=None)},
        "eks_cluster gives no access to a model in gcs; delete it, or set stored.store",
    ),
    (
        {"stored": stored(size_bytes=1)},
        "stored: size_bytes is for files that are not listed, and files lists them; keep one",
    ),
    (
        {"stored": stored(files=[{"path": "a/b", "sha256": CHECKSUM, "size_bytes": 1}] * 2)},
        "stored: files names 'a/b' more than once; keep one",
    ),
    (
        {"stored": stored(files=[{"path": "a/../../b", "sha256": CHECKSUM, "size_bytes": 1}])},
        "stored.files[0].path: 'a/../../b' leaves the repository; name a path below its root, without empty parts and "
        "dots",
    ),
    (
        {
            "stored": stored(
                files=[{"path": f"m/1/{n:0200d}", "sha256": CHECKSUM, "size_bytes": 1} for n in range(3000)]
            )
        },
        "stored: files lists 3000 files in 1512 kB, and the ConfigMap that holds the list takes 1000 kB; put them into "
        "fewer files, or let everything below a prefix be fetched",
    ),
    ({"scaling": {"min_replicas": 3, "max_replicas": 2}}, "min_replicas 3 exceeds max_replicas 2"),
]


@pytest.mark.parametrize(("changes", "said"), REFUSED, ids=[said[:40] for _, said in REFUSED])
def test_bad_arguments_are_refused_before_anything_is_registered(changes: dict[str, Any], said: str) -> None:
    assert said in refusal(service(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"env": {"HUB_TOKEN": "planted-value-1"}},
        {"secret_env": {"HUB_TOKEN": "planted-value-1"}},
        {"env": {"REMOTE": "https://user:planted-value-1@example.org"}},
    ],
)
def test_a_secret_given_as_a_value_is_refused_and_never_shown(changes: dict[str, Any]) -> None:
    message = refusal(service(**changes))
    assert "reference" in message
    assert "planted-value-1" not in message


def test_outputs_say_where_it_answers() -> None:
    def declare(opts: pulumi.ResourceOptions) -> None:
        made = service()(opts)
        pulumi.export("url", made.url)
        pulumi.export("namespace", made.namespace)
        pulumi.export("deployment", made.deployment_name)

    outputs = run_program(declare).outputs
    assert outputs == {"url": "https://tagger.east.ml.example.org", "namespace": "shop", "deployment": "tagger"}
