"""What a ServingCluster makes, in an order in which it can boot."""

from __future__ import annotations

import json
from typing import Any

import pulumi
import pytest
from modelyard.capacity.existing_cluster import ExistingCluster
from modelyard.capacity.serving_cluster import ServingCluster
from modelyard.graph import Secret
from modelyard.network.network import Network

from .program import PLATFORM, REGION, cloud_resources, graph_of, one, refusal, run_program, types_of, waits_for

ADDON = "aws:eks/addon:Addon"
KEY = "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-4e5f-6789-abcd-ef0123456789"
CLUSTER = "aws:eks/cluster:Cluster"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
BEFORE_NODES = ("eks-pod-identity-agent", "vpc-cni", "kube-proxy")
AFTER_NODES = ("coredns", "aws-ebs-csi-driver", "metrics-server", "eks-node-monitoring-agent")


def declared(**args: Any) -> Any:
    def declare(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {
            "name": "east",
            "region": REGION,
            "vpc_id": "vpc-0123456789abcdef0",
            "private_subnet_ids": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
            "ownership": PLATFORM.args(),
            **args,
        }
        arguments = {key: value for key, value in arguments.items() if value is not None}
        cluster = ServingCluster("prod-east", arguments, opts)
        pulumi.export("kubeconfig", cluster.kubeconfig)
        pulumi.export("node_role_arn", cluster.node_role_arn)
        pulumi.export("tunnel_command", cluster.tunnel_command)

    return declare


@pytest.mark.parametrize(
    ("cidrs", "public"), [(None, False), ([], False), (["198.51.100.0/24", "203.0.113.7/32"], True)]
)
def test_the_public_endpoint_is_open_to_declared_ranges_only(cidrs: list[str] | None, public: bool) -> None:
    access = {} if cidrs is None else {"api_access": {"public_cidrs": cidrs}}
    vpc = one(graph_of(declared(**access)), CLUSTER).inputs["vpcConfig"]
    assert vpc["endpointPrivateAccess"] is True
    assert vpc["endpointPublicAccess"] is public
    assert vpc.get("publicAccessCidrs", []) == (cidrs or [])


def test_secrets_and_logs_are_encrypted_with_a_key_that_rotates() -> None:
    graph = graph_of(declared(log_retention_days=30))
    key = one(graph, "aws:kms/key:Key")
    assert key.inputs["enableKeyRotation"] is True
    cluster = one(graph, CLUSTER)
    assert cluster.inputs["encryptionConfig"]["resources"] == ["secrets"]
    assert key.urn in cluster.property_dependencies["encryptionConfig"]
    logs = one(graph, "aws:cloudwatch/logGroup:LogGroup")
    assert logs.inputs["name"] == "/aws/eks/prod-east/cluster"
    assert logs.inputs["retentionInDays"] == 30
    assert key.urn in logs.property_dependencies["kmsKeyId"]
    policy = json.loads(key.inputs["policy"])["Statement"]
    assert policy[1]["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"].endswith(
        ":log-group:/aws/eks/prod-east/*"
    )


def test_the_log_group_stands_before_the_cluster_writes_to_it() -> None:
    graph = graph_of(declared())
    assert waits_for(graph, one(graph, CLUSTER), one(graph, "aws:cloudwatch/logGroup:LogGroup"))


def test_the_control_plane_is_entered_by_access_entries_alone() -> None:
    of_one_name = ["arn:aws:iam::123456789012:role/ops/Admin", "arn:aws:iam::123456789012:role/ops-Admin"]
    admins = [*of_one_name, "arn:aws:iam::210987654321:role/ops/Admin"]
    graph = graph_of(declared(api_access={"admins": admins}))
    assert one(graph, CLUSTER).inputs["accessConfig"] == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": True,
    }
    entries = graph.of_type("aws:eks/accessEntry:AccessEntry")
    grants = graph.of_type("aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
    assert [entry.inputs["principalArn"] for entry in entries] == admins
    for entry, grant in zip(entries, grants, strict=True):
        assert grant.inputs["policyArn"].endswith(":cluster-access-policy/AmazonEKSClusterAdminPolicy")
        assert waits_for(graph, grant, entry)


def test_add_ons_come_in_an_order_that_boots() -> None:
    graph = graph_of(declared())
    nodes = one(graph, NODE_GROUP, "prod-east-system")
    for addon in BEFORE_NODES:
        assert waits_for(graph, nodes, one(graph, ADDON, f"prod-east-{addon}")), addon
    for addon in AFTER_NODES:
        assert waits_for(graph, one(graph, ADDON, f"prod-east-{addon}"), nodes), addon
    assert {addon.inputs["addonName"] for addon in graph.of_type(ADDON)} == {*BEFORE_NODES, *AFTER_NODES}
    assert one(graph, CLUSTER).inputs["bootstrapSelfManagedAddons"] is False


def test_whoever_uses_the_node_role_waits_for_what_its_nodes_need() -> None:
    """GPU pools in the same program get the role as an output, and with it the order."""

    def declare(opts: pulumi.ResourceOptions) -> None:
        import pulumi_aws as aws

        declared_cluster: Any = {
            "name": "east",
            "region": REGION,
            "vpc_id": "vpc-0123456789abcdef0",
            "private_subnet_ids": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
            "ownership": PLATFORM.args(),
        }
        cluster = ServingCluster("prod-east", declared_cluster, opts)
        aws.iam.InstanceProfile("user", role=cluster.node_role_arn, opts=opts)

    graph = graph_of(declare, "preview")
    user = one(graph, "aws:iam/instanceProfile:InstanceProfile", "user")
    for addon in BEFORE_NODES:
        assert one(graph, ADDON, f"prod-east-{addon}").urn in user.dependencies, addon


def test_network_policies_are_enforced() -> None:
    cni = one(graph_of(declared()), ADDON, "prod-east-vpc-cni")
    assert json.loads(cni.inputs["configurationValues"]) == {"enableNetworkPolicy": "true"}


@pytest.mark.parametrize(
    ("addon", "account", "policy"),
    [
        ("vpc-cni", "aws-node", "AmazonEKS_CNI_Policy"),
        ("aws-ebs-csi-driver", "ebs-csi-controller-sa", "service-role/AmazonEBSCSIDriverPolicy"),
    ],
)
def test_add_ons_have_identities_of_their_own(addon: str, account: str, policy: str) -> None:
    graph = graph_of(declared())
    resource = one(graph, ADDON, f"prod-east-{addon}")
    role = one(graph, "aws:iam/role:Role", f"prod-east-{addon}")
    assert resource.inputs["podIdentityAssociations"] == [{"roleArn": role.outputs["arn"], "serviceAccount": account}]
    trust = json.loads(role.inputs["assumeRolePolicy"])["Statement"][0]
    assert trust["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    assert trust["Condition"]["StringEquals"] == {
        "aws:RequestTag/eks-cluster-name": "prod-east",
        "aws:RequestTag/kubernetes-namespace": "kube-system",
        "aws:RequestTag/kubernetes-service-account": [account],
    }
    attached = [
        attachment
        for attachment in graph.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
        if role.urn in attachment.dependencies
    ]
    assert [one_of.inputs["policyArn"] for one_of in attached] == [f"arn:aws:iam::aws:policy/{policy}"]
    assert waits_for(graph, resource, attached[0])


def test_nodes_may_join_pull_and_be_reached_and_no_more() -> None:
    graph = graph_of(declared())
    role = one(graph, "aws:iam/role:Role", "prod-east-node")
    attached = {
        attachment.inputs["policyArn"].rsplit("/", 1)[1]
        for attachment in graph.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
        if role.urn in attachment.dependencies
    }
    assert attached == {
        "AmazonEKSWorkerNodePolicy",
        "AmazonEC2ContainerRegistryPullOnly",
        "AmazonSSMManagedInstanceCore",
    }


def test_system_nodes_leave_their_count_to_the_autoscaler() -> None:
    nodes = {"instance_types": ["m6i.xlarge", "m5.xlarge"], "min_nodes": 3, "max_nodes": 6, "disk_gib": 100}
    graph = graph_of(declared(system_nodes=nodes))
    group = one(graph, NODE_GROUP, "prod-east-system")
    assert group.inputs["scalingConfig"] == {"minSize": 3, "desiredSize": 3, "maxSize": 6}
    assert group.ignore_changes == ("scalingConfig.desiredSize",)
    assert group.inputs["instanceTypes"] == ["m6i.xlarge", "m5.xlarge"]
    template = one(graph, "aws:ec2/launchTemplate:LaunchTemplate", "prod-east-system")
    assert template.inputs["blockDeviceMappings"][0]["ebs"]["volumeSize"] == 100


def test_every_launch_template_tags_and_encrypts_what_it_launches() -> None:
    graph = graph_of(declared(api_access={"bastion": True}))
    templates = graph.of_type("aws:ec2/launchTemplate:LaunchTemplate")
    assert {template.name for template in templates} == {"prod-east-system", "prod-east-bastion"}
    for template in templates:
        specifications = template.inputs["tagSpecifications"]
        assert [one_of["resourceType"] for one_of in specifications] == ["instance", "volume", "network-interface"]
        for specification in specifications:
            assert PLATFORM.aws_tags().items() <= specification["tags"].items()
        assert template.inputs["metadataOptions"]["httpTokens"] == "required"
        assert template.inputs["metadataOptions"]["httpPutResponseHopLimit"] == 1
        for mapping in template.inputs["blockDeviceMappings"]:
            assert (mapping["ebs"]["encrypted"], mapping["ebs"]["volumeType"]) == ("true", "gp3")


def test_every_resource_that_takes_tags_says_who_owns_it() -> None:
    for resource in cloud_resources(graph_of(declared(api_access={"bastion": True}))):
        if "tagsAll" in resource.inputs:
            assert PLATFORM.aws_tags().items() <= resource.inputs["tags"].items(), resource.urn


def test_the_bastion_opens_no_port_and_reaches_the_api() -> None:
    result = run_program(declared(api_access={"bastion": True}))
    graph = result.graph
    rules = graph.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
    assert [rule.name for rule in rules] == ["prod-east-bastion-to-api"]
    group = one(graph, "aws:ec2/securityGroup:SecurityGroup")
    assert rules[0].inputs["referencedSecurityGroupId"] != rules[0].inputs["securityGroupId"]
    assert group.urn in rules[0].property_dependencies["referencedSecurityGroupId"]
    assert one(graph, CLUSTER).urn in rules[0].property_dependencies["securityGroupId"]
    assert "ingress" not in group.inputs
    assert "AWS-StartPortForwardingSessionToRemoteHost" in result.outputs["tunnel_command"]


def test_without_a_bastion_there_is_no_machine() -> None:
    result = run_program(declared())
    assert "aws:ec2/instance:Instance" not in types_of(result.graph)
    assert result.outputs["tunnel_command"] == ""


@pytest.mark.parametrize(("port", "server"), [(None, "https://"), (9443, "https://127.0.0.1:9443")])
def test_the_kubeconfig_signs_with_the_aws_cli_and_holds_no_credential(port: int | None, server: str) -> None:
    config = json.loads(
        run_program(declared(**({} if port is None else {"api_access": {"tunnel_port": port}}))).outputs["kubeconfig"]
    )
    cluster = config["clusters"][0]["cluster"]
    assert cluster["server"].startswith(server)
    assert ("tls-server-name" in cluster) is (port is not None)
    assert config["users"][0]["user"]["exec"]["args"] == [
        "--region", REGION, "eks", "get-token", "--cluster-name", "prod-east", "--output", "json",
    ]  # fmt: skip


def test_the_kubernetes_provider_waits_for_nodes_and_stays_the_same_cluster() -> None:
    graph = graph_of(declared())
    provider = one(graph, "pulumi:providers:kubernetes")
    assert waits_for(graph, provider, one(graph, NODE_GROUP, "prod-east-system"))
    for addon in AFTER_NODES:
        assert waits_for(graph, provider, one(graph, ADDON, f"prod-east-{addon}")), addon
    assert provider.inputs["clusterIdentifier"] == f"{REGION}/prod-east"
    assert provider.inputs["enableServerSideApply"] == "true"


def test_deletion_protection_upgrades_and_zonal_shift() -> None:
    inputs = one(graph_of(declared(deletion_protection=True)), CLUSTER).inputs
    assert inputs["deletionProtection"] is True
    assert inputs["upgradePolicy"] == {"supportType": "STANDARD"}
    assert inputs["zonalShiftConfig"] == {"enabled": True}


def test_what_a_cluster_of_eks_says_of_support_add_ons_and_disks() -> None:
    versions = {"coredns": "v1.12.4-eksbuild.1", "vpc-cni": "v1.20.1-eksbuild.1"}
    graph = graph_of(declared(eks={"support": "extended", "addon_versions": versions, "disk_kms_key": KEY}))
    assert one(graph, CLUSTER).inputs["upgradePolicy"] == {"supportType": "EXTENDED"}
    named = {each.inputs["addonName"]: each.inputs.get("addonVersion") for each in graph.of_type(ADDON)}
    assert {addon: version for addon, version in named.items() if version is not None} == versions
    (template,) = graph.of_type("aws:ec2/launchTemplate:LaunchTemplate")
    assert {disk["ebs"]["kmsKeyId"] for disk in template.inputs["blockDeviceMappings"]} == {KEY}


def test_nodes_come_up_in_subnets_that_have_a_way_out() -> None:
    def declare(opts: pulumi.ResourceOptions) -> None:
        network = Network("prod-east", {"region": REGION, "ownership": PLATFORM.args()}, opts)
        declared(vpc_id=network.vpc_id, private_subnet_ids=network.private_subnet_ids)(opts)

    graph = graph_of(declare)
    cluster = one(graph, CLUSTER)
    assert len(cluster.inputs["vpcConfig"]["subnetIds"]) == 3
    ways_out = [
        *graph.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation"),
        *graph.of_type("aws:ec2/route:Route"),
        *graph.of_type("aws:ec2/vpcEndpoint:VpcEndpoint"),
    ]
    assert len(ways_out) == 6 + 4 + 6
    for way in ways_out:
        assert waits_for(graph, one(graph, NODE_GROUP, "prod-east-system"), way), way.name


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            {"log_retention_days": 91},
            "log_retention_days: 91 is not an allowed value; allowed: "
            "1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731",
        ),
        ({"vpc_id": None}, "vpc_id: is missing, and EKS needs it; add it"),
        ({"subnet_id": "a"}, "subnet_id: is for AKS, and cloud is aws; delete it"),
        (
            {"gke": {"project": "shop-prod"}},
            "gke: is for cloud: gcp, and cloud is aws; delete it",
        ),
        (
            {"system_nodes": {"instance_types": ["g6.xlarge"]}},
            "system_nodes.instance_types[0]: 'g6.xlarge' carries L4; system nodes run what needs no GPU",
        ),
    ],
)
def test_wrong_arguments_are_refused(args: dict[str, Any], message: str) -> None:
    assert refusal(declared(**args)) == f"ServingCluster prod-east: {message}"


@pytest.mark.parametrize(
    ("args", "network"),
    [
        ({}, None),
        ({"services_cidr": "10.200.0.0/16"}, {"serviceIpv4Cidr": "10.200.0.0/16"}),
        (
            {"services_cidr": "10.200.0.0/16", "eks": {"auto_mode": True}},
            {"serviceIpv4Cidr": "10.200.0.0/16", "elasticLoadBalancing": {"enabled": True}},
        ),
    ],
)
def test_addresses_of_services(args: dict[str, Any], network: dict[str, Any] | None) -> None:
    assert one(graph_of(declared(**args)), CLUSTER).inputs.get("kubernetesNetworkConfig") == network


def test_a_mistyped_argument_has_its_nearest() -> None:
    said = refusal(declared(kubernetes_versoin="1.34"))
    assert said.startswith(
        "ServingCluster prod-east: kubernetes_versoin: 'kubernetes_versoin' is not an argument; did you mean "
        "'kubernetes_version'? Allowed: name, cloud, region, vpc_id, private_subnet_ids, "
    )


def existing(**args: Any) -> Any:
    def declare(opts: pulumi.ResourceOptions) -> None:
        arguments: Any = {"region": REGION, "ownership": PLATFORM.args(), **args}
        cluster = ExistingCluster("prod-east", arguments, opts)
        pulumi.export("name", cluster.name)
        pulumi.export("kubeconfig", cluster.kubeconfig)

    return declare


def test_an_existing_eks_cluster_gets_a_node_role_and_nothing_else() -> None:
    result = run_program(existing(name="theirs"))
    assert set(types_of(result.graph)) == {
        "aws:iam/role:Role",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    }
    policies = [
        one_of.inputs["policyArn"].rsplit("/", 1)[1]
        for one_of in result.graph.of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
    ]
    assert "AmazonEKS_CNI_Policy" in policies
    assert result.outputs["name"] == "theirs"


@pytest.mark.parametrize("role", [None, "arn:aws:iam::123456789012:role/theirs"])
def test_karpenter_comes_to_an_existing_eks_cluster_and_its_nodes_may_join(role: str | None) -> None:
    """A role that somebody else gave has its access entry already."""
    given = {} if role is None else {"node_role_arn": role}
    graph = run_program(existing(name="theirs", karpenter=True, **given)).graph
    entries = graph.of_type("aws:eks/accessEntry:AccessEntry")
    assert [each.inputs["type"] for each in entries] == (["EC2_LINUX"] if role is None else [])
    assert [each.inputs["clusterName"] for each in entries] == (["theirs"] if role is None else [])
    made = [each.inputs["name"] for each in graph.of_type("aws:iam/role:Role") if each.name == "prod-east-node"]
    assert len(made) == (1 if role is None else 0)
    (policy,) = (each for each in graph.of_type("aws:iam/rolePolicy:RolePolicy") if "karpenter" in each.name)
    (passed,) = (each for each in json.loads(policy.inputs["policy"])["Statement"] if each["Sid"] == "HandOutNodeRole")
    assert passed["Resource"] == (role or f"arn:aws:iam::123456789012:role/{made[0]}")
    charts = {each.inputs["name"]: each for each in graph.of_type("kubernetes:helm.sh/v3:Release")}
    assert set(charts) == {"karpenter", "karpenter-crd"}
    assert charts["karpenter"].inputs["values"]["nodeSelector"] == {"kubernetes.io/os": "linux"}


def test_disks_of_nodes_that_karpenter_adds_to_an_existing_cluster_have_the_key() -> None:
    key = "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-4e5f-6789-abcd-ef0123456789"
    graph = run_program(existing(name="theirs", karpenter=True, disk_kms_key_arn=key)).graph
    (policy,) = (each for each in graph.of_type("aws:iam/rolePolicy:RolePolicy") if "karpenter" in each.name)
    statements = json.loads(policy.inputs["policy"])["Statement"]
    assert [each["Action"] for each in statements if each["Resource"] == key] != []


def test_a_kubeconfig_stays_secret_and_asks_aws_nothing() -> None:
    result = run_program(existing(kubeconfig="apiVersion: v1", context="one"))
    assert types_of(result.graph) == {}
    assert result.outputs["kubeconfig"] == Secret("apiVersion: v1")
    assert isinstance(one(result.graph, "pulumi:providers:kubernetes").inputs["kubeconfig"], Secret)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({}, "name exactly one of name, kubeconfig"),
        ({"name": "a", "kubeconfig": "b"}, "name exactly one of name, kubeconfig"),
        ({"name": "a", "context": "b"}, "context: belongs to a kubeconfig, and none is given"),
        ({"name": "a", "cloud": "gcp", "region": "us-central1"}, "location: is missing, and GKE needs it; add it"),
        (
            {"name": "a", "cloud": "azure", "region": "westeurope"},
            "resource_group: is missing, and AKS needs it; add it",
        ),
        ({"name": "a", "location": "us-central1"}, "location: is for GKE, and cloud is aws; delete it"),
    ],
)
def test_an_existing_cluster_is_named_one_way(args: dict[str, Any], message: str) -> None:
    assert refusal(existing(**args)) == f"ExistingCluster prod-east: {message}"
