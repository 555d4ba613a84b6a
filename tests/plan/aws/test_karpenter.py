"""What the Karpenter component makes, and clusters whose nodes it or EKS Auto Mode starts."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import pytest
from modelyard.capacity.gpu_node_pool import GpuNodePool
from modelyard.capacity.karpenter.controller import Karpenter
from modelyard.capacity.karpenter.controller_policy import karpenter_policy
from modelyard.capacity.serving_cluster import ServingCluster
from modelyard.graph import ResourceGraph

from .program import PLATFORM, REGION, cloud_resources, graph_of, one, refusal, waits_for

RELEASE = "kubernetes:helm.sh/v3:Release"
QUEUE = "aws:sqs/queue:Queue"
RULE = "aws:cloudwatch/eventRule:EventRule"
TARGET = "aws:cloudwatch/eventTarget:EventTarget"
CLUSTER = "aws:eks/cluster:Cluster"
NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool"
CLASS = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"
NODE_ROLE = "arn:aws:iam::123456789012:role/node"


def karpenter(**args: Any) -> Any:
    def declare(opts: pulumi.ResourceOptions) -> None:
        cluster = kubernetes.Provider("cluster", kubeconfig="apiVersion: v1", cluster_identifier="east")
        arguments: Any = {
            "region": REGION,
            "cluster_name": "prod-east",
            "node_role_arn": NODE_ROLE,
            "ownership": PLATFORM.args(),
            **args,
        }
        assert isinstance(opts.provider, pulumi.ProviderResource)
        Karpenter("prod-east", arguments, pulumi.ResourceOptions(providers=[opts.provider, cluster]))

    return declare


def cluster_with_pool(provisioner: str, **args: Any) -> Any:
    """A ServingCluster and one pool of it."""

    def declare(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {
            "name": "east",
            "region": REGION,
            "vpc_id": "vpc-0123456789abcdef0",
            "private_subnet_ids": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
            "ownership": PLATFORM.args(),
            **args,
        }
        cluster = ServingCluster("prod-east", arguments, opts)
        pool: Any = {
            "region": REGION,
            "cluster": "east",
            "cluster_name": cluster.name,
            "subnet_ids": arguments["private_subnet_ids"],
            "name": "l4",
            "accelerator": "L4",
            "provisioner": provisioner,
            "ownership": PLATFORM.args(),
            **cluster.nodes,
        }
        assert isinstance(opts.provider, pulumi.ProviderResource)
        GpuNodePool("prod-east-l4", pool, pulumi.ResourceOptions(providers=[opts.provider, cluster.provider]))

    return declare


def releases(graph: ResourceGraph) -> dict[str, dict[str, Any]]:
    return {str(each.inputs["name"]): dict(each.inputs) for each in graph.of_type(RELEASE)}


def test_the_chart_knows_cluster_and_queue_and_brings_its_definitions_first() -> None:
    graph = graph_of(karpenter(replicas=1, repair=False))
    made = releases(graph)
    assert set(made) == {"karpenter", "karpenter-crd"}
    assert made["karpenter"]["version"] == made["karpenter-crd"]["version"]
    values = made["karpenter"]["values"]
    queue = one(graph, QUEUE)
    assert values["settings"] == {
        "clusterName": "prod-east",
        "interruptionQueue": queue.inputs["name"],
        "featureGates": {"nodeRepair": False},
    }
    assert values["replicas"] == 1
    assert values["nodeSelector"]["modelyard.dev/pool"] == "system"
    controller, definitions = (
        next(each for each in graph.of_type(RELEASE) if each.inputs["name"] == name)
        for name in ("karpenter", "karpenter-crd")
    )
    assert waits_for(graph, controller, definitions)
    association = one(graph, "aws:eks/podIdentityAssociation:PodIdentityAssociation")
    assert (association.inputs["namespace"], association.inputs["serviceAccount"]) == ("kube-system", "karpenter")
    assert waits_for(graph, controller, association)


def test_no_controller_starts_without_its_identity() -> None:
    graph = graph_of(karpenter())
    policy = one(graph, "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy")
    pods = releases(graph)["karpenter"]["values"]["podLabels"]
    assert policy.inputs["spec"]["matchConstraints"]["objectSelector"]["matchLabels"] == pods
    controller = next(each for each in graph.of_type(RELEASE) if each.inputs["name"] == "karpenter")
    assert waits_for(graph, controller, policy)


def test_every_event_reaches_the_queue() -> None:
    """Kinds of "Interruption", karpenter.sh."""
    graph = graph_of(karpenter())
    queue = one(graph, QUEUE)
    patterns = [json.loads(rule.inputs["eventPattern"]) for rule in graph.of_type(RULE)]
    assert {pattern["detail-type"][0] for pattern in patterns} == {
        "AWS Health Event",
        "EC2 Spot Instance Interruption Warning",
        "EC2 Instance Rebalance Recommendation",
        "EC2 Instance State-change Notification",
        "EC2 Capacity Reservation Instance Interruption Warning",
    }
    rules = {rule.inputs["name"] for rule in graph.of_type(RULE)}
    assert {target.inputs["rule"] for target in graph.of_type(TARGET)} == rules
    for target in graph.of_type(TARGET):
        assert target.property_dependencies["arn"] == (queue.urn,)
    assert queue.inputs["sqsManagedSseEnabled"] is True
    statements = json.loads(one(graph, "aws:sqs/queuePolicy:QueuePolicy").inputs["policy"])["Statement"]
    assert [(each["Effect"], each["Action"]) for each in statements] == [
        ("Allow", "sqs:SendMessage"),
        ("Deny", "sqs:*"),
    ]


def test_the_controller_changes_only_what_is_its_own() -> None:
    text = karpenter_policy(
        cluster_name="prod-east", region=REGION, node_role_arn=NODE_ROLE, queue_arn="arn:aws:sqs:us-east-1:1:q"
    )
    statements = json.loads(text)["Statement"]
    reading = (
        "ec2:Describe",
        "iam:Get",
        "iam:List",
        "pricing:",
        "ssm:Get",
        "eks:Describe",
        "sqs:",
        "arc-zonal-shift:Get",
    )
    for statement in statements:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        changes = [action for action in actions if not action.startswith(reading)]
        if changes and statement["Sid"] not in ("StartWith", "HandOutNodeRole"):
            assert "kubernetes.io/cluster/prod-east" in json.dumps(statement["Condition"]), statement["Sid"]
    passing = next(each for each in statements if each["Action"] == "iam:PassRole")
    assert passing["Resource"] == NODE_ROLE
    assert not any(
        "*" in action for each in statements for action in each["Action"] if isinstance(each["Action"], list)
    )
    # A role's own policies have at most 10,240 characters together (IAM quotas).
    assert len(text) <= 10_240


KEY = "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-4e5f-6789-abcd-ef0123456789"


@pytest.mark.parametrize(("provisioner", "who"), [("karpenter", "prod-east-karpenter"), ("auto_mode", "-disks")])
def test_whoever_starts_machines_may_encrypt_their_disks(provisioner: str, who: str) -> None:
    eks = {"disk_kms_key": KEY, "auto_mode": provisioner == "auto_mode"}
    autoscaler = {"node_autoscaler": "karpenter"} if provisioner == "karpenter" else {}
    graph = graph_of(cluster_with_pool(provisioner, eks=eks, **autoscaler))
    (policy,) = (each for each in graph.of_type("aws:iam/rolePolicy:RolePolicy") if who in each.name)
    statements = {each["Sid"]: each for each in json.loads(policy.inputs["policy"])["Statement"]}
    for sid in ("EncryptDisks", "LetDisksBeRead"):
        assert statements[sid]["Resource"] == KEY
        assert statements[sid]["Condition"]["StringEquals"] == {"kms:ViaService": "ec2.us-east-1.amazonaws.com"}
    assert statements["LetDisksBeRead"]["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": "true"}


def test_no_node_comes_in_a_zone_that_traffic_is_shifted_away_from() -> None:
    graph = graph_of(cluster_with_pool("karpenter", node_autoscaler="karpenter"))
    assert releases(graph)["karpenter"]["values"]["settings"]["enableZonalShift"] is True
    assert "enableZonalShift" not in releases(graph_of(karpenter()))["karpenter"]["values"]["settings"]


def test_nodes_of_a_role_that_no_managed_group_has_need_an_access_entry() -> None:
    entry = one(graph_of(karpenter(access_entry=True)), "aws:eks/accessEntry:AccessEntry")
    assert entry.inputs["type"] == "EC2_LINUX"
    assert entry.inputs["principalArn"] == NODE_ROLE
    assert not list(graph_of(karpenter()).of_type("aws:eks/accessEntry:AccessEntry"))


def test_a_cluster_brings_karpenter_and_pools_come_after_it() -> None:
    graph = graph_of(cluster_with_pool("karpenter", node_autoscaler="karpenter"))
    controller = next(each for each in graph.of_type(RELEASE) if each.inputs["name"] == "karpenter")
    for type_ in (CLASS, NODE_POOL):
        assert waits_for(graph, one(graph, type_), controller)
    nodes = next(each for each in graph.of_type("aws:eks/nodeGroup:NodeGroup"))
    provider = graph.get(controller.provider or "")
    assert provider is not None
    assert waits_for(graph, provider, nodes)
    assert one(graph, CLASS).inputs["spec"]["role"] == str(nodes.inputs["nodeRoleArn"]).rpartition("/")[2]


def test_a_cluster_without_karpenter_has_nothing_of_it() -> None:
    graph = graph_of(cluster_with_pool("managed"))
    assert not list(graph.of_type(QUEUE))
    assert not list(graph.of_type(RELEASE))


def test_auto_mode_is_all_or_nothing() -> None:
    """EKS refuses one of the three without the others (EKS API reference, CreateCluster)."""
    graph = graph_of(cluster_with_pool("auto_mode", eks={"auto_mode": True}))
    cluster = one(graph, CLUSTER).inputs
    assert cluster["computeConfig"] == {"enabled": True}
    assert cluster["kubernetesNetworkConfig"] == {"elasticLoadBalancing": {"enabled": True}}
    assert cluster["storageConfig"] == {"blockStorage": {"enabled": True}}
    assert cluster["bootstrapSelfManagedAddons"] is False
    plain = one(graph_of(cluster_with_pool("managed")), CLUSTER).inputs
    assert not {"computeConfig", "kubernetesNetworkConfig", "storageConfig"} & plain.keys()


def test_nodes_of_auto_mode_have_a_role_and_an_access_entry_of_their_own() -> None:
    graph = graph_of(cluster_with_pool("auto_mode", eks={"auto_mode": True}))
    entry = one(graph, "aws:eks/accessEntry:AccessEntry")
    assert entry.inputs["type"] == "EC2"
    allowed = one(graph, "aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
    assert allowed.inputs["policyArn"].endswith("/AmazonEKSAutoNodePolicy")
    made = one(graph, "kubernetes:eks.amazonaws.com/v1:NodeClass")
    assert made.inputs["spec"]["role"] == entry.inputs["principalArn"].rpartition("/")[2]
    assert waits_for(graph, made, allowed)
    managed = one(graph, "aws:eks/nodeGroup:NodeGroup")
    assert managed.inputs["nodeRoleArn"] != entry.inputs["principalArn"]


def test_the_role_of_an_auto_mode_cluster_may_do_what_auto_mode_does() -> None:
    graph = graph_of(cluster_with_pool("auto_mode", eks={"auto_mode": True}))
    (role,) = (each for each in graph.of_type("aws:iam/role:Role") if each.name == "prod-east-cluster")
    (statement,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    assert statement["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    attached = {
        each.inputs["policyArn"].rpartition("/")[2]
        for each in graph.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
        if each.inputs["role"] == role.inputs["name"]
    }
    assert attached == {
        "AmazonEKSClusterPolicy",
        "AmazonEKSComputePolicy",
        "AmazonEKSBlockStoragePolicy",
        "AmazonEKSLoadBalancingPolicy",
        "AmazonEKSNetworkingPolicy",
    }


def test_an_auto_mode_cluster_may_put_our_tags_on_all_that_it_makes() -> None:
    """EKS user guide, "Custom AWS tags for EKS Auto resources"."""
    graph = graph_of(cluster_with_pool("auto_mode", eks={"auto_mode": True}))
    (policy,) = (each for each in graph.of_type("aws:iam/rolePolicy:RolePolicy") if each.name.endswith("-own-tags"))
    statements = json.loads(policy.inputs["policy"])["Statement"]
    actions = {
        one for each in statements for one in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    }
    assert actions == {
        "ec2:CreateFleet",
        "ec2:RunInstances",
        "ec2:CreateLaunchTemplate",
        "ec2:CreateVolume",
        "ec2:CreateSnapshot",
        "ec2:CreateNetworkInterface",
        "ec2:CreateSecurityGroup",
        "elasticloadbalancing:CreateLoadBalancer",
        "elasticloadbalancing:CreateTargetGroup",
        "elasticloadbalancing:CreateListener",
        "elasticloadbalancing:CreateRule",
    }
    own = {"aws:RequestTag/eks:eks-cluster-name": "${aws:PrincipalTag/eks:eks-cluster-name}"}
    assert all(each["Condition"]["StringEquals"] == own for each in statements)


@pytest.mark.parametrize(
    "program", [karpenter(access_entry=True), cluster_with_pool("auto_mode", eks={"auto_mode": True})]
)
def test_everything_that_takes_tags_says_who_owns_it(program: Any) -> None:
    for resource in cloud_resources(graph_of(program)):
        if "tagsAll" in resource.inputs:
            assert PLATFORM.aws_tags().items() <= resource.inputs["tags"].items(), resource.urn


def test_a_mistyped_argument_has_its_nearest() -> None:
    said = refusal(karpenter(system_node={}))
    assert said.startswith(
        "Karpenter prod-east: system_node: 'system_node' is not an argument; did you mean 'system_nodes'?"
    )
