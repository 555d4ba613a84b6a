"""Resources as people write them, all of them right: a check that refuses one is wrong."""

from __future__ import annotations

import json
from typing import Any

from modelyard.graph import UNKNOWN, Secret

TAGS = {"department": "merchandising", "cost-center": "CC-4100", "environment": "prod", "managed-by": "modelyard"}
LABELS = {"modelyard.dev/department": "merchandising", "app.kubernetes.io/managed-by": "modelyard"}
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROLE_ARN = "arn:aws:iam::123456789012:role/modelyard-prod-us-east-1"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "pods.eks.amazonaws.com"},
                "Action": ["sts:AssumeRole", "sts:TagSession"],
            }
        ],
    }
)

POD: dict[str, Any] = {
    "metadata": {"labels": LABELS, "annotations": {"modelyard.dev/price-basis": "aws/us-east-1/g6.xlarge/spot"}},
    "spec": {
        "serviceAccountName": "triton",
        "nodeSelector": {"modelyard.dev/pool": "l4", "nvidia.com/gpu.present": "true"},
        "tolerations": [{"key": "nvidia.com/gpu", "operator": "Equal", "value": "present", "effect": "NoSchedule"}],
        "securityContext": {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "topology.kubernetes.io/zone",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": {"app": "triton"}},
            }
        ],
        "affinity": {
            "nodeAffinity": {
                "preferredDuringSchedulingIgnoredDuringExecution": [
                    {
                        "weight": 100,
                        "preference": {
                            "matchExpressions": [
                                {"key": "eks.amazonaws.com/capacityType", "operator": "In", "values": ["ON_DEMAND"]}
                            ]
                        },
                    }
                ]
            }
        },
        "terminationGracePeriodSeconds": 60,
        "containers": [
            {
                "name": "triton",
                "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/triton@sha256:" + "0" * 64,
                "imagePullPolicy": "IfNotPresent",
                "args": ["tritonserver", "--model-control-mode=explicit"],
                "env": [{"name": "AWS_REGION", "value": "us-east-1"}, {"name": "TOKEN", "value": Secret("t0ps3cret")}],
                "ports": [{"name": "http", "containerPort": 8000}, {"name": "grpc", "containerPort": 8001.0}],
                "resources": {
                    "requests": {"cpu": "500m", "memory": "8Gi"},
                    "limits": {"cpu": 2, "memory": "8Gi", "nvidia.com/gpu": "1", "ephemeral-storage": 1e9},
                },
                "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
                "startupProbe": {"httpGet": {"path": "/v2/health/ready", "port": "http"}, "failureThreshold": 60},
                "readinessProbe": {"httpGet": {"path": "/v2/health/ready", "port": 8000, "scheme": "HTTP"}},
                "volumeMounts": [{"name": "shm", "mountPath": "/dev/shm"}],
            }
        ],
        "volumes": [{"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": "1Gi"}}],
    },
}


def kubernetes(api: str, kind: str, name: str, **fields: Any) -> tuple[str, dict[str, Any]]:
    metadata = {"name": name, "namespace": "merchandising", "labels": LABELS}
    return f"kubernetes:{api}:{kind}", {"apiVersion": api, "kind": kind, "metadata": metadata, **fields}


AWS: list[tuple[str, dict[str, Any]]] = [
    (
        "aws:eks/cluster:Cluster",
        {
            "name": "prod-us-east-1",
            "roleArn": ROLE_ARN,
            "version": "1.34",
            "enabledClusterLogTypes": ["api", "audit", "authenticator", "controllerManager", "scheduler"],
            "accessConfig": {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False},
            "encryptionConfig": {"provider": {"keyArn": UNKNOWN}, "resources": ["secrets"]},
            "kubernetesNetworkConfig": {"ipFamily": "ipv4", "serviceIpv4Cidr": "172.20.0.0/16"},
            "upgradePolicy": {"supportType": "STANDARD"},
            "vpcConfig": {
                "subnetIds": UNKNOWN,
                "endpointPrivateAccess": True,
                "endpointPublicAccess": True,
                "publicAccessCidrs": ["203.0.113.0/24"],
            },
            "tags": TAGS,
        },
    ),
    (
        "aws:eks/nodeGroup:NodeGroup",
        {
            "clusterName": "prod-us-east-1",
            "nodeGroupNamePrefix": "l4-",
            "nodeRoleArn": UNKNOWN,
            "subnetIds": ["subnet-0123456789abcdef0", UNKNOWN],
            "amiType": "AL2023_x86_64_NVIDIA",
            "capacityType": "SPOT",
            "instanceTypes": ["g6.xlarge", "g5.xlarge", "g6e.12xlarge", "p5.48xlarge"],
            "scalingConfig": {"desiredSize": 0, "minSize": 0, "maxSize": 8.0},
            "updateConfig": {"maxUnavailablePercentage": 33},
            "nodeRepairConfig": {"enabled": True},
            "launchTemplate": {"id": UNKNOWN, "version": "1"},
            "labels": {"modelyard.dev/pool": "l4"},
            "taints": [{"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"}],
            "tags": TAGS,
        },
    ),
    (
        "aws:ec2/launchTemplate:LaunchTemplate",
        {
            "namePrefix": "l4-",
            "updateDefaultVersion": True,
            "metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 1, "httpEndpoint": "enabled"},
            "blockDeviceMappings": [
                {
                    "deviceName": "/dev/xvda",
                    "ebs": {"volumeSize": 200, "volumeType": "gp3", "encrypted": "true", "deleteOnTermination": "true"},
                }
            ],
            "tagSpecifications": [
                {"resourceType": kind, "tags": TAGS} for kind in ("instance", "volume", "network-interface")
            ],
            "tags": TAGS,
        },
    ),
    (
        "aws:eks/addon:Addon",
        {
            "clusterName": UNKNOWN,
            "addonName": "vpc-cni",
            "addonVersion": "v1.20.4-eksbuild.2",
            "configurationValues": json.dumps({"enableNetworkPolicy": "true"}),
            "resolveConflictsOnCreate": "OVERWRITE",
            "resolveConflictsOnUpdate": "PRESERVE",
            "podIdentityAssociations": [{"roleArn": ROLE_ARN, "serviceAccount": "aws-node"}],
        },
    ),
    (
        "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        {
            "clusterName": "prod-us-east-1",
            "namespace": "merchandising",
            "serviceAccount": "triton",
            "roleArn": ROLE_ARN,
        },
    ),
    ("aws:eks/accessEntry:AccessEntry", {"clusterName": "c", "principalArn": ROLE_ARN, "type": "STANDARD"}),
    (
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        {
            "clusterName": "c",
            "principalArn": ROLE_ARN,
            "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
            "accessScope": {"type": "cluster"},
        },
    ),
    (
        "aws:ecr/repository:Repository",
        {
            "name": "prod/product-tagging",
            "imageTagMutability": "IMMUTABLE",
            "imageScanningConfiguration": {"scanOnPush": True},
            "encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": KEY_ARN}],
            "forceDelete": False,
            "region": "us-west-2",
            "tags": TAGS,
        },
    ),
    (
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        {
            "repository": UNKNOWN,
            "policy": json.dumps(
                {
                    "rules": [
                        {
                            "rulePriority": 1,
                            "selection": {
                                "tagStatus": "untagged",
                                "countType": "sinceImagePushed",
                                "countUnit": "days",
                                "countNumber": 14,
                            },
                            "action": {"type": "expire"},
                        }
                    ]
                }
            ),
        },
    ),
    ("aws:s3/bucket:Bucket", {"bucket": "modelyard-prod-models-1a2b3c4", "forceDestroy": False, "tags": TAGS}),
    ("aws:s3/bucket:Bucket", {"bucketPrefix": "modelyard-prod-"}),
    (
        "aws:s3/bucketVersioning:BucketVersioning",
        {"bucket": UNKNOWN, "versioningConfiguration": {"status": "Enabled"}},
    ),
    (
        "aws:s3/bucketVersioning:BucketVersioning",
        {"bucket": UNKNOWN, "versioningConfiguration": {"status": "Disabled"}},
    ),
    (
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        {
            "bucket": UNKNOWN,
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": KEY_ARN},
                    "bucketKeyEnabled": True,
                }
            ],
        },
    ),
    (
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        {"bucket": UNKNOWN, "blockPublicAcls": True, "blockPublicPolicy": True, "restrictPublicBuckets": True},
    ),
    (
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        {
            "bucket": UNKNOWN,
            "rules": [
                {"id": "old", "status": "Enabled", "noncurrentVersionExpiration": {"noncurrentDays": 90}, "filter": {}}
            ],
        },
    ),
    ("aws:s3/bucketObjectv2:BucketObjectv2", {"bucket": UNKNOWN, "key": "models/1/model.plan", "source": UNKNOWN}),
    (
        "aws:kms/key:Key",
        {"description": "Secrets of prod", "enableKeyRotation": True, "deletionWindowInDays": 30, "policy": TRUST},
    ),
    ("aws:kms/alias:Alias", {"name": "alias/modelyard/prod", "targetKeyId": UNKNOWN}),
    (
        "aws:ec2/vpc:Vpc",
        {"cidrBlock": "10.20.0.0/16", "enableDnsHostnames": True, "enableDnsSupport": True, "tags": TAGS},
    ),
    (
        "aws:ec2/subnet:Subnet",
        {
            "vpcId": UNKNOWN,
            "cidrBlock": "10.20.0.0/20",
            "availabilityZone": "us-east-1a",
            "mapPublicIpOnLaunch": False,
            "tags": {**TAGS, "kubernetes.io/role/internal-elb": "1"},
        },
    ),
    ("aws:ec2/internetGateway:InternetGateway", {"vpcId": UNKNOWN}),
    ("aws:ec2/eip:Eip", {"domain": "vpc", "tags": TAGS}),
    ("aws:ec2/natGateway:NatGateway", {"subnetId": UNKNOWN, "allocationId": UNKNOWN, "connectivityType": "public"}),
    ("aws:ec2/routeTable:RouteTable", {"vpcId": UNKNOWN}),
    (
        "aws:ec2/route:Route",
        {"routeTableId": UNKNOWN, "destinationCidrBlock": "0.0.0.0/0", "natGatewayId": UNKNOWN},
    ),
    ("aws:ec2/routeTableAssociation:RouteTableAssociation", {"routeTableId": UNKNOWN, "subnetId": UNKNOWN}),
    (
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        {
            "vpcId": UNKNOWN,
            "serviceName": "com.amazonaws.us-east-1.ecr.dkr",
            "vpcEndpointType": "Interface",
            "subnetIds": [UNKNOWN, UNKNOWN],
            "securityGroupIds": [UNKNOWN],
            "privateDnsEnabled": True,
        },
    ),
    (
        "aws:ec2/flowLog:FlowLog",
        {
            "vpcId": UNKNOWN,
            "trafficType": "ALL",
            "logDestinationType": "cloud-watch-logs",
            "logDestination": UNKNOWN,
            "iamRoleArn": ROLE_ARN,
            "maxAggregationInterval": 600,
        },
    ),
    (
        "aws:ec2/securityGroup:SecurityGroup",
        {
            "vpcId": UNKNOWN,
            "description": "Interface endpoints",
            "ingress": [{"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["10.20.0.0/16"]}],
            "egress": [{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}],
        },
    ),
    (
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        {
            "securityGroupId": UNKNOWN,
            "ipProtocol": "tcp",
            "fromPort": 443,
            "toPort": 443,
            "cidrIpv4": "10.0.0.0/8",
        },
    ),
    (
        "aws:iam/role:Role",
        {"name": "prod-triton", "assumeRolePolicy": TRUST, "maxSessionDuration": 3600, "path": "/", "tags": TAGS},
    ),
    (
        "aws:iam/policy:Policy",
        {"name": "prod-read-models", "policy": TRUST, "description": "Read models", "path": "/x/"},
    ),
    ("aws:iam/rolePolicy:RolePolicy", {"role": UNKNOWN, "policy": TRUST}),
    (
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        {"role": "r", "policyArn": "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"},
    ),
    (
        "aws:budgets/budget:Budget",
        {
            "name": "prod-merchandising",
            "budgetType": "COST",
            "timeUnit": "MONTHLY",
            "limitAmount": "42000.50",
            "limitUnit": "USD",
            "costFilters": [{"name": "TagKeyValue", "values": ["user:department$merchandising"]}],
            "notifications": [
                {
                    "comparisonOperator": "GREATER_THAN",
                    "notificationType": "FORECASTED",
                    "threshold": 80,
                    "thresholdType": "PERCENTAGE",
                    "subscriberEmailAddresses": ["ml-platform@example.com"],
                }
            ],
        },
    ),
    (
        "aws:autoscaling/schedule:Schedule",
        {
            "scheduledActionName": "night",
            "autoscalingGroupName": UNKNOWN,
            "recurrence": "0 20 * * *",
            "minSize": 0,
            "maxSize": 1,
            "desiredCapacity": -1,
            "timeZone": "America/New_York",
        },
    ),
    (
        "aws:cloudwatch/logGroup:LogGroup",
        {"name": "/aws/eks/prod-us-east-1/cluster", "retentionInDays": 90, "kmsKeyId": KEY_ARN},
    ),
    ("aws:cloudwatch/logGroup:LogGroup", {"retentionInDays": 0}),
    (
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        {
            "comparisonOperator": "GreaterThanThreshold",
            "evaluationPeriods": 2,
            "metricName": "CPUUtilization",
            "namespace": "AWS/EC2",
            "period": 60,
            "statistic": "Average",
            "threshold": 80.5,
            "treatMissingData": "notBreaching",
        },
    ),
    ("aws:sns/topic:Topic", {"name": "prod-alerts", "kmsMasterKeyId": "alias/aws/sns"}),
    ("aws:sns/topicSubscription:TopicSubscription", {"topic": UNKNOWN, "protocol": "email", "endpoint": "a@b.example"}),
    ("aws:sqs/queue:Queue", {"name": "karpenter", "messageRetentionSeconds": 300, "sqsManagedSseEnabled": True}),
    (
        "aws:cloudwatch/eventRule:EventRule",
        {"name": "spot-interruption", "eventPattern": json.dumps({"source": ["aws.ec2"]})},
    ),
    ("aws:secretsmanager/secret:Secret", {"name": "prod/grafana", "recoveryWindowInDays": 7, "kmsKeyId": KEY_ARN}),
    (
        "aws:secretsmanager/secretVersion:SecretVersion",
        {"secretId": UNKNOWN, "secretString": Secret("t0ps3cret")},
    ),
    (
        "pulumi:providers:aws",
        {
            "region": "us-east-1",
            "defaultTags": json.dumps({"tags": TAGS}),
            "skipCredentialsValidation": "true",
            "version": "7.51.1",
        },
    ),
]

KUBERNETES: list[tuple[str, dict[str, Any]]] = [
    kubernetes(
        "apps/v1",
        "Deployment",
        "product-tagging",
        spec={
            "replicas": 3,
            "selector": {"matchLabels": {"app": "triton"}},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}},
            "template": POD,
        },
    ),
    kubernetes(
        "v1",
        "Service",
        "product-tagging",
        spec={
            "type": "ClusterIP",
            "selector": {"app": "triton"},
            "ports": [{"name": "http", "port": 8000, "targetPort": "http", "protocol": "TCP"}],
        },
    ),
    kubernetes(
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        "product-tagging",
        spec={
            "minReplicas": 2,
            "maxReplicas": 12,
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "product-tagging"},
            "metrics": [
                {
                    "type": "Pods",
                    "pods": {"metric": {"name": "queue_ms"}, "target": {"type": "AverageValue", "averageValue": "20m"}},
                },
                {
                    "type": "Resource",
                    "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}},
                },
            ],
            "behavior": {
                "scaleDown": {
                    "stabilizationWindowSeconds": 300,
                    "selectPolicy": "Min",
                    "policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}],
                }
            },
        },
    ),
    kubernetes(
        "policy/v1",
        "PodDisruptionBudget",
        "product-tagging",
        spec={"maxUnavailable": "50%", "selector": {"matchLabels": {"app": "triton"}}},
    ),
    kubernetes(
        "networking.k8s.io/v1",
        "NetworkPolicy",
        "product-tagging",
        spec={
            "podSelector": {"matchLabels": {"app": "triton"}},
            "policyTypes": ["Ingress"],
            "ingress": [
                {
                    "from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}],
                    "ports": [{"port": 8002, "protocol": "TCP"}, {"port": "http", "protocol": "TCP"}],
                }
            ],
        },
    ),
    kubernetes("v1", "ServiceAccount", "triton", automountServiceAccountToken=False),
    kubernetes("v1", "ConfigMap", "models", data={"config.pbtxt": 'name: "fraud"'}),
    kubernetes("v1", "Secret", "tls", type="kubernetes.io/tls", stringData=Secret({"tls.key": "t0ps3cret"})),
    kubernetes("v1", "Secret", "token", stringData={"token": Secret("t0ps3cret")}),
    (
        "kubernetes:core/v1:Namespace",
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "merchandising", "labels": LABELS}},
    ),
    (
        "kubernetes:core/v1:ResourceQuota",
        {"metadata": {"name": "gpus"}, "spec": {"hard": {"requests.nvidia.com/gpu": "8", "requests.storage": "1Ti"}}},
    ),
    (
        "kubernetes:storage.k8s.io/v1:StorageClass",
        {
            "metadata": {"name": "gp3"},
            "provisioner": "ebs.csi.aws.com",
            "parameters": {"type": "gp3", "encrypted": "true"},
            "reclaimPolicy": "Delete",
            "volumeBindingMode": "WaitForFirstConsumer",
            "allowVolumeExpansion": True,
        },
    ),
    (
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
        {"metadata": {"name": "system:aggregated-metrics-reader"}, "rules": [{"apiGroups": [""], "verbs": ["get"]}]},
    ),
    (
        "kubernetes:helm.sh/v3:Release",
        {
            "name": "kube-prometheus-stack",
            "namespace": "monitoring",
            "createNamespace": True,
            "chart": "kube-prometheus-stack",
            "version": "75.6.1",
            "repositoryOpts": {"repo": "https://prometheus-community.github.io/helm-charts"},
            "values": {"grafana": {"enabled": False, "replicas": 1, "list": [1, "a", None]}, "x": UNKNOWN},
            "atomic": True,
            "timeout": 900,
        },
    ),
    kubernetes(
        "monitoring.coreos.com/v1",
        "ServiceMonitor",
        "product-tagging",
        spec={"selector": {"matchLabels": {"app": "triton"}}, "endpoints": [{"port": "metrics", "interval": "15s"}]},
    ),
    kubernetes(
        "monitoring.coreos.com/v1",
        "PrometheusRule",
        "product-tagging",
        spec={"groups": [{"name": "slo", "rules": [{"alert": "Down", "expr": "up == 0", "for": "5m"}]}]},
    ),
    kubernetes(
        "gateway.networking.k8s.io/v1",
        "Gateway",
        "models",
        spec={"gatewayClassName": "envoy", "listeners": [{"name": "https", "port": 443, "protocol": "HTTPS"}]},
    ),
    kubernetes(
        "gateway.networking.k8s.io/v1",
        "HTTPRoute",
        "product-tagging",
        spec={"parentRefs": [{"name": "models"}], "rules": [{"backendRefs": [{"name": "v1", "port": 8000}]}]},
    ),
    kubernetes("karpenter.sh/v1", "NodePool", "gpu", spec={"limits": {"nvidia.com/gpu": 8}}),
    ("pulumi:providers:kubernetes", {"kubeconfig": Secret("apiVersion: v1"), "enableServerSideApply": "true"}),
]

# The SDK puts the core group's kinds under core/v1, while their apiVersion is v1.
KUBERNETES = [(token.replace("kubernetes:v1:", "kubernetes:core/v1:"), inputs) for token, inputs in KUBERNETES]
