"""A program that uses what an engine has to get right: see each block's comment."""

from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s
from pulumi import Alias, ResourceOptions

config = pulumi.Config()
password = config.require_secret("password")


def tag_everything(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    if args.type_ != "aws:ecr/repository:Repository":
        return None
    tags: Any = args.props.get("tags") or {}
    tagged = {**args.props, "tags": {**tags, "from": "stack-transform"}}
    return pulumi.ResourceTransformResult(tagged, args.opts)


def protect_buckets(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
    if args.type_ == "aws:s3/bucket:Bucket":
        opts = ResourceOptions.merge(args.opts, ResourceOptions(protect=True))
        return pulumi.ResourceTransformationResult(args.props, opts)
    return None


def mutable_again(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult:
    return pulumi.ResourceTransformResult({**args.props, "imageTagMutability": "MUTABLE"}, args.opts)


def region_of_zones(args: pulumi.InvokeTransformArgs) -> pulumi.InvokeTransformResult | None:
    if args.token.endswith(":getAvailabilityZones"):
        return pulumi.InvokeTransformResult({**args.args, "state": "available"}, args.opts)
    return None


pulumi.runtime.register_resource_transform(tag_everything)
pulumi.runtime.register_stack_transformation(protect_buckets)
pulumi.runtime.register_invoke_transform(region_of_zones)

# Providers: two explicit ones in other regions, and the default one.
west = aws.Provider("west", region="us-west-2", default_tags={"tags": {"department": "platform"}})
ireland = aws.Provider("ireland", region="eu-west-1")


class Inner(pulumi.ComponentResource):
    def __init__(self, name: str, opts: ResourceOptions | None = None) -> None:
        super().__init__("rich:index:Inner", name, {"given": "input"}, opts)
        self.topic = aws.sns.Topic(f"{name}-topic", opts=ResourceOptions(parent=self))
        self.child = aws.sqs.Queue(f"{name}-queue", opts=ResourceOptions(parent=self.topic))
        self.register_outputs({"topic": self.topic.arn})


class Outer(pulumi.ComponentResource):
    def __init__(self, name: str, opts: ResourceOptions | None = None) -> None:
        super().__init__("rich:index:Outer", name, None, opts)
        self.inner = Inner(f"{name}-inner", ResourceOptions(parent=self))
        self.repository = aws.ecr.Repository(
            f"{name}-repository", tags={"own": "tag"}, opts=ResourceOptions(parent=self)
        )
        self.register_outputs({})


# Nested components in the regions of their providers, one given by name, one by list.
outer = Outer("outer", ResourceOptions(providers={"aws": west}))
listed = Outer("listed", ResourceOptions(providers=[ireland], protect=True))

# Transforms of a resource's own and of a parent; inputs that depend on other resources.
key = aws.kms.Key("key", description="for images")
transformed = aws.ecr.Repository(
    "transformed",
    encryption_configurations=[{"encryption_type": "KMS", "kms_key": key.arn}],
    image_tag_mutability="IMMUTABLE",
    opts=ResourceOptions(transforms=[mutable_again]),
)
grouped = Outer("grouped", ResourceOptions(transforms=[lambda args: None]))

# Options: dependsOn on a component, deletedWith, ignoreChanges, replaceOnChanges, aliases, additional secrets.
bucket = aws.s3.Bucket(
    "bucket",
    tags={"arn": key.arn, "fixed": "value"},
    opts=ResourceOptions(
        depends_on=[outer, key],
        ignore_changes=["tags"],
        aliases=[Alias(name="old-bucket"), "urn:pulumi:dev::rich::aws:s3/bucket:Bucket::older"],
        additional_secret_outputs=["bucketDomainName"],
        delete_before_replace=True,
        retain_on_delete=True,
    ),
)
aws.s3.BucketVersioning(
    "versioning",
    bucket=bucket.id,
    versioning_configuration={"status": "Enabled"},
    opts=ResourceOptions(deleted_with=bucket, replace_on_changes=["bucket"], protect=True, parent=bucket),
)
aws.s3.BucketObject(
    "weights",
    bucket=bucket.bucket,
    key="model.txt",
    source=pulumi.StringAsset("weights"),
    opts=ResourceOptions(depends_on=pulumi.Output.from_input([outer.inner])),
)

# Secrets, nested and derived.
secret = aws.secretsmanager.Secret("secret")
aws.secretsmanager.SecretVersion("version", secret_id=secret.id, secret_string=pulumi.Output.concat("user:", password))

# A resource that exists already, and functions in their plain and output forms.
existing = aws.ec2.Vpc.get("existing", "vpc-0123456789abcdef0")
zones = aws.get_availability_zones(state="available")
policy = aws.iam.get_policy_document_output(
    statements=bucket.arn.apply(
        lambda arn: [aws.iam.GetPolicyDocumentStatementArgs(actions=["s3:GetObject"], resources=[f"{arn}/*"])]
    )
)
assume = aws.iam.get_policy_document(
    statements=[
        {"actions": ["sts:AssumeRole"], "principals": [{"type": "Service", "identifiers": ["ec2.amazonaws.com"]}]}
    ]
)
role = aws.iam.Role("role", assume_role_policy=assume.json)
aws.iam.RolePolicy("read", role=role.id, policy=policy.json)

# Another stack's outputs.
network = pulumi.StackReference("organization/network/dev")
subnets = [
    aws.ec2.Subnet(
        f"subnet-{zone[-1]}", vpc_id=network.require_output("vpc_id"), cidr_block=cidr, availability_zone=zone
    )
    for zone, cidr in zip(zones.names[:2], ["10.0.0.0/20", "10.0.16.0/20"], strict=True)
]
aws.ssm.Parameter("token", type="SecureString", value=network.get_output("token"))

# Nested computed outputs and lists of them.
cluster = aws.eks.Cluster("cluster", role_arn=role.arn, vpc_config={"subnet_ids": [s.id for s in subnets]})
aws.ec2.SecurityGroup(
    "nodes",
    vpc_id="vpc-0123456789abcdef0",
    ingress=[
        {
            "from_port": 443,
            "to_port": 443,
            "protocol": "tcp",
            "security_groups": [
                cluster.vpc_config.cluster_security_group_id,
                existing.default_security_group_id,
            ],
        }
    ],
)
group = aws.eks.NodeGroup(
    "group",
    cluster_name=cluster.name,
    node_role_arn=role.arn,
    scaling_config={"min_size": 0, "max_size": 2, "desired_size": 1},
    subnet_ids=[s.id for s in subnets],
)
aws.autoscaling.Schedule(
    "night",
    scheduled_action_name="night",
    autoscaling_group_name=group.resources[0].autoscaling_groups[0].name,
    recurrence="0 20 * * *",
    min_size=0,
    max_size=0,
    desired_capacity=0,
)

# Kubernetes, with a kubeconfig that is known and one that only the new cluster knows; a custom resource; a chart.
kubernetes = k8s.Provider("kubernetes", kubeconfig="server: https://10.0.0.1", namespace="ml")
late = k8s.Provider("late", kubeconfig=cluster.endpoint.apply(lambda url: f"server: {url}"), namespace="ml")
on_late = ResourceOptions(provider=late)
late_namespace = k8s.core.v1.Namespace("late", opts=on_late)
k8s.core.v1.ConfigMap("late", metadata={"namespace": late_namespace.metadata.name}, data={"a": "b"}, opts=on_late)
k8s.core.v1.Secret("late", string_data={"user": "fraud"}, opts=on_late)
on_cluster = ResourceOptions(provider=kubernetes)
namespace = k8s.core.v1.Namespace("namespace", metadata={"labels": {"team": "fraud"}}, opts=on_cluster)
k8s.apps.v1.Deployment(
    "server",
    metadata={"namespace": namespace.metadata.name},
    spec={
        "replicas": 2,
        "selector": {"match_labels": {"app": "server"}},
        "template": {
            "metadata": {"labels": {"app": "server"}},
            "spec": {
                "containers": [
                    {"name": "server", "image": transformed.repository_url.apply(lambda url: f"{url}:1")},
                ]
            },
        },
    },
    opts=on_cluster,
)
k8s.core.v1.Secret("credentials", string_data={"password": password, "user": "fraud"}, opts=on_cluster)
k8s.apiextensions.CustomResource(
    "monitor",
    api_version="monitoring.coreos.com/v1",
    kind="ServiceMonitor",
    metadata={"labels": {"app": "server"}},
    spec={"selector": {"matchLabels": {"app": "server"}}, "endpoints": [{"port": "metrics"}]},
    opts=on_cluster,
)
k8s.helm.v3.Release("chart", chart="demo", version="1.2.3", values={"replicas": 3}, opts=on_cluster)

pulumi.export("zones", zones.names)
pulumi.export("cidr", network.get_output("cidr"))
pulumi.export("endpoint", cluster.endpoint)
pulumi.export("password", password)
