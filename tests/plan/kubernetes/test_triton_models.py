"""Where the pods of a TritonService have their model from, by whose right, and in what time."""

from __future__ import annotations

import re
from typing import Any

import pulumi
import pytest
from modelyard.graph import ResourceGraph
from modelyard.serving.triton.service import TritonService

from .program import CHECKSUM, graph_of, kubernetes_objects, one, triton_arguments, waits_for
from .triton import AZURE, pod, server, service, stored, variables


@pytest.fixture(scope="module")
def graph() -> ResourceGraph:
    return graph_of(service())


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
    # Names, where a cache on the node answers first.
    assert link_local == [(53, "169.254.20.10/32"), *credentials]


def test_names_of_stores_and_identities_may_be_outputs() -> None:
    def declare(opts: pulumi.ResourceOptions) -> None:
        of = stored(**{**AZURE, "account": pulumi.Output.from_input("madebyastack")})
        client = pulumi.Output.from_input("client")
        arguments = triton_arguments(stored=of, eks_cluster=None, azure_client_id=client)
        TritonService("prod-east-tagger", arguments, opts)

    assert variables(graph_of(declare))["MODEL_STORE"] == "https://madebyastack.blob.core.windows.net/"


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
