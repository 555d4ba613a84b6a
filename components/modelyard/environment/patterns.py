"""The patterns that texts must match, and the words that an error uses for each."""

from __future__ import annotations

NAME_PATTERN = r"^[a-z]([a-z0-9-]*[a-z0-9])?$"
REGION_PATTERN = r"^[a-z]{2}(-[a-z]+)+-\d$"
ROLE_ARN_PATTERN = r"^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$"
ACCOUNT_PATTERN = r"^\d{12}$"
EKS_NAME_PATTERN = r"^[0-9A-Za-z][A-Za-z0-9_-]*$"
KUBERNETES_VERSION_PATTERN = r"^1\.\d{2}$"
NODE_VERSION_PATTERN = r"^1\.\d{2}(\.\d+(-gke\.\d+)?)?$"
VPC_PATTERN = r"^vpc-[0-9a-f]{8,17}$"
SUBNET_PATTERN = r"^subnet-[0-9a-f]{8,17}$"
SECURITY_GROUP_PATTERN = r"^sg-[0-9a-f]{8,17}$"
EMAIL_PATTERN = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
COST_CENTER_PATTERN = r"^[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$"
HOSTNAME_PATTERN = r"^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$"
GRAPH_TAG_PATTERN = r"^[A-Za-z0-9_.:/-]+$"
HTTPS_PATTERN = r"^https://"
URL_PATTERN = r"^https?://[^\s]+$"
LABEL_KEY_PATTERN = r"^([a-z0-9]([a-z0-9.-]*[a-z0-9])?/)?[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$"
LABEL_VALUE_PATTERN = r"^([A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?)?$"
REPOSITORY_PATTERN = r"^[a-z0-9]+([._-][a-z0-9]+)*(/[a-z0-9]+([._-][a-z0-9]+)*)*$"
RELEASE_PATTERN = r"^\d{2}\.\d{2}$"
IMAGE_BY_DIGEST_PATTERN = r"^[a-z0-9][a-z0-9._/:-]*(:\w[\w.-]{0,127})?@sha256:[0-9a-f]{64}$"
VARIABLE_PATTERN = r"^[A-Za-z_][A-Za-z0-9_]*$"
CONFIG_KEY_PATTERN = r"^[A-Za-z][A-Za-z0-9_.-]*$"
SECRET_NAME_PATTERN = r"^[A-Za-z0-9/_+=.@:-]+$"
ONE_LINE_PATTERN = r"^[^\x00-\x1f\x7f]*$"
KEY_ARN_PATTERN = r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:(key|alias)/[A-Za-z0-9/_-]+$"
GOOGLE_PROJECT_PATTERN = r"^[a-z][a-z0-9-]{4,28}[a-z0-9]$"
PROJECT_NUMBER_PATTERN = r"^\d{6,20}$"
BILLING_ACCOUNT_PATTERN = r"^[0-9A-F]{6}-[0-9A-F]{6}-[0-9A-F]{6}$"
MONTH_PATTERN = r"^20\d\d-(0[1-9]|1[0-2])$"
GOOGLE_REGION_PATTERN = r"^[a-z]+-[a-z]+\d{1,2}$"
GOOGLE_MEMBER_PATTERN = r"^(user|group|serviceAccount):[^\s@]+@[^\s@]+\.[^\s@]+$"
GOOGLE_NETWORK_PATTERN = r"^projects/\d+/global/networks/[a-z][a-z0-9-]*$"
GOOGLE_KEY_PATTERN = r"^projects/[a-z0-9:.-]+/locations/[a-z0-9-]+/keyRings/[\w-]+/cryptoKeys/[\w-]+$"
GOOGLE_TOPIC_PATTERN = r"^projects/[a-z0-9:.-]+/topics/[A-Za-z][A-Za-z0-9_.~+%-]*$"
GOOGLE_CHANNEL_PATTERN = r"^projects/[a-z0-9:.-]+/notificationChannels/\d+$"
ROUTE_PATTERN = r"^/[^\s?#]*$"
UUID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
AZURE_GROUP_PATTERN = r"^[A-Za-z0-9_().-]{0,89}[A-Za-z0-9_()-]$"
IN_AZURE_GROUP = r"/subscriptions/[0-9a-fA-F-]{36}/[Rr]esource[Gg]roups/[^/\s]+/providers/"
"""How ids in a resource group begin: Azure's own answers write them in several cases."""
AZURE_RESOURCE_PATTERN = rf"^{IN_AZURE_GROUP}\S+$"
AZURE_LOCATION_PATTERN = r"^[a-z]+[a-z0-9]*$"
ARC_EXTENSION_PATTERN = r"^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+$"
DAY_PATTERN = r"^\d{4}-\d{2}-\d{2}$"
TIME_OF_DAY_PATTERN = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
UTC_OFFSET_PATTERN = r"^[+-](0[0-9]|1[0-4]):[0-5][0-9]$"
AZURE_SUBNET_PATTERN = rf"^{IN_AZURE_GROUP}[Mm]icrosoft\.[Nn]etwork/virtual[Nn]etworks/[^/\s]+/subnets/[^/\s]+$"
KEY_VAULT_KEY_PATTERN = r"^https://[a-z0-9-]+\.vault\.[a-z.]+/keys/[A-Za-z0-9-]+/[0-9a-f]{32}$"
KEY_VAULT_KEY_NAME_PATTERN = r"^https://[a-z0-9-]+\.vault\.[a-z.]+/keys/[A-Za-z0-9-]+$"
ACR_NAME_PATTERN = r"^[A-Za-z0-9]{5,50}$"
KEY_VAULT_SECRET_PATTERN = r"^https://[a-z0-9-]+\.vault\.[a-z.]+/secrets/[A-Za-z0-9-]+/[0-9a-f]{32}$"
KEY_VAULT_ID_PATTERN = rf"^{IN_AZURE_GROUP}[Mm]icrosoft\.[Kk]ey[Vv]ault/vaults/[A-Za-z0-9-]+$"
AWS_SECRET_ARN_PATTERN = r"^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}$"
GOOGLE_SECRET_VERSION_PATTERN = r"^projects/[a-z0-9:.-]+/secrets/[A-Za-z0-9_-]{1,255}/versions/(\d+|latest)$"
KEY_VAULT_SECRET_NAME_PATTERN = r"^https://[a-z0-9-]+\.vault\.[a-z.]+/secrets/[A-Za-z0-9-]+$"
SIGNING_KEY_PATTERN = r"^(awskms|gcpkms|azurekms|hashivault)://\S+$"
GOOGLE_KEY_VERSION_PATTERN = (
    r"^projects/[a-z0-9:.-]+/locations/[a-z0-9-]+/keyRings/[\w-]+/cryptoKeys/[\w-]+/cryptoKeyVersions/\d+$"
)
TAG_PATTERN = r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$"
TAG_FILTER_PATTERN = r"^[A-Za-z0-9_.-]*(\*[A-Za-z0-9_.-]*){0,2}$"
IMAGE_GLOB_PATTERN = r"^[A-Za-z0-9._/:*-]+$"
GOOGLE_SECRET_PATTERN = r"^projects/[a-z0-9:.-]+/secrets/[A-Za-z0-9_-]{1,255}$"
NODE_GROUP_RELEASE_PATTERN = r"^\d+\.\d+\.\d+-[0-9a-f]{8}$"
ADDON_VERSION_PATTERN = r"^v\d+\.\d+\.\d+-eksbuild\.\d+$"
KMS_KEY_PATTERN = r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+$"
NODE_IMAGE_RELEASE_PATTERN = r"^v(20\d{6}|\d+\.\d+\.\d+)$"
MIG_PROFILE_PATTERN = r"^[1-7]g\.\d{1,3}gb(\+me(\.all)?)?$"
RESERVATION_ARN_PATTERN = r"^arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{12}:[a-z0-9-]{1,14}/\S+$"

MEANING = {
    NAME_PATTERN: "lower-case letters, digits and hyphens, beginning with a letter and not ending with a hyphen",
    REGION_PATTERN: "an AWS region such as us-east-1",
    MIG_PROFILE_PATTERN: "a MIG profile such as 1g.10gb",
    ROLE_ARN_PATTERN: "the ARN of an IAM role, such as arn:aws:iam::123456789012:role/platform-admin",
    ACCOUNT_PATTERN: "twelve digits, in quotes",
    EKS_NAME_PATTERN: "letters, digits, hyphens and underscores, beginning with a letter or digit",
    KUBERNETES_VERSION_PATTERN: 'a Kubernetes minor version in quotes, such as "1.34"',
    NODE_VERSION_PATTERN: "a version of Kubernetes, such as 1.35",
    VPC_PATTERN: "the id of a VPC, such as vpc-0a1b2c3d4e5f67890",
    SUBNET_PATTERN: "the id of a subnet, such as subnet-0a1b2c3d4e5f67890",
    SECURITY_GROUP_PATTERN: "the id of a security group, such as sg-0a1b2c3d4e5f67890",
    EMAIL_PATTERN: "an e-mail address such as ml-platform@example.com",
    COST_CENTER_PATTERN: "letters, digits, hyphens, underscores and dots, beginning and ending with a letter or digit",
    HOSTNAME_PATTERN: "a lower-case domain name with at least one dot, such as models.example.com",
    HTTPS_PATTERN: "a URL that begins with https://",
    URL_PATTERN: "a URL that begins with https:// or http://, without spaces",
    LABEL_KEY_PATTERN: "a Kubernetes label key, such as example.com/team",
    LABEL_VALUE_PATTERN: "a Kubernetes label value: letters, digits, hyphens, underscores and dots",
    REPOSITORY_PATTERN: "lower-case letters and digits, with single hyphens, underscores, dots or slashes between them",
    RELEASE_PATTERN: 'a release by year and month in quotes, such as "26.07"',
    IMAGE_BY_DIGEST_PATTERN: "an image by its digest: <image>@sha256:<64 hex digits>",
    VARIABLE_PATTERN: "letters, digits and underscores, not beginning with a digit",
    CONFIG_KEY_PATTERN: "letters, digits, hyphens, underscores and dots, beginning with a letter",
    GRAPH_TAG_PATTERN: "letters, digits, underscores, dots, colons, slashes and hyphens",
    ONE_LINE_PATTERN: "one line of text without control characters",
    KEY_ARN_PATTERN: "the ARN of a KMS key, such as "
    "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-4e5f-6789-abcd-ef0123456789",
    GOOGLE_PROJECT_PATTERN: "the id of a Google Cloud project: 6 to 30 lower-case letters, digits and hyphens",
    PROJECT_NUMBER_PATTERN: "the number of a Google Cloud project, in quotes",
    BILLING_ACCOUNT_PATTERN: "the id of a Cloud Billing account, such as 01ABCD-23EF45-6789AB",
    MONTH_PATTERN: 'a month in quotes, such as "2026-12"',
    GOOGLE_REGION_PATTERN: "a Google Cloud region such as europe-west4",
    GOOGLE_MEMBER_PATTERN: "a member of Google Cloud's IAM, such as group:ml-platform@example.com",
    GOOGLE_NETWORK_PATTERN: "a network by its project's number: projects/123456789/global/networks/default",
    GOOGLE_KEY_PATTERN: "a Cloud KMS key: projects/<project>/locations/<region>/keyRings/<ring>/cryptoKeys/<key>",
    GOOGLE_TOPIC_PATTERN: "a Pub/Sub topic: projects/<project>/topics/<topic>",
    GOOGLE_CHANNEL_PATTERN: "a channel of Cloud Monitoring: projects/<project>/notificationChannels/<number>",
    ROUTE_PATTERN: "a path of a URL that begins with a slash, such as /predict",
    UUID_PATTERN: "a UUID in lower case, such as 0a1b2c3d-4e5f-6789-abcd-ef0123456789",
    AZURE_GROUP_PATTERN: "the name of a resource group: letters, digits, hyphens, underscores, dots and parentheses",
    AZURE_RESOURCE_PATTERN: "a resource id of Azure, which begins with /subscriptions/",
    AZURE_LOCATION_PATTERN: "an Azure location in one word, such as westeurope",
    ARC_EXTENSION_PATTERN: "the type of a cluster extension, such as microsoft.flux",
    DAY_PATTERN: "a day such as 2026-11-27",
    TIME_OF_DAY_PATTERN: "a time of day such as 01:00",
    UTC_OFFSET_PATTERN: "an offset from UTC such as +01:00",
    AZURE_SUBNET_PATTERN: "the resource id of a subnet, which begins with /subscriptions/",
    KEY_VAULT_KEY_NAME_PATTERN: "a key of Key Vault without its version: https://<vault>.vault.azure.net/keys/<name>",
    ACR_NAME_PATTERN: "5 to 50 letters and digits",
    KEY_VAULT_KEY_PATTERN: "a key of Key Vault with its version: https://<vault>.vault.azure.net/keys/<name>/<version>",
    KEY_VAULT_SECRET_PATTERN: "a secret of Key Vault with its version: "
    "https://<vault>.vault.azure.net/secrets/<name>/<version>",
    KEY_VAULT_ID_PATTERN: "the resource id of a Key Vault, which begins with /subscriptions/",
    AWS_SECRET_ARN_PATTERN: "the ARN of a secret, such as "
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop/feature-store-AbCdEf",
    GOOGLE_SECRET_VERSION_PATTERN: "a version of a secret: projects/<project>/secrets/<name>/versions/<number>",
    KEY_VAULT_SECRET_NAME_PATTERN: "a secret of Key Vault: https://<vault>.vault.azure.net/secrets/<name>",
    SIGNING_KEY_PATTERN: "a key as cosign writes it: awskms://, gcpkms://, azurekms:// or hashivault:// and its name",
    GOOGLE_KEY_VERSION_PATTERN: "a version of a Cloud KMS key: "
    "projects/<project>/locations/<region>/keyRings/<ring>/cryptoKeys/<key>/cryptoKeyVersions/<number>",
    TAG_PATTERN: "a tag: letters, digits, dots, hyphens and underscores, at most 128",
    TAG_FILTER_PATTERN: "a tag: letters, digits, dots, hyphens and underscores, with * for any text at most twice",
    IMAGE_GLOB_PATTERN: "images by their address, with * for any text, such as registry.example.com/prod/*",
    GOOGLE_SECRET_PATTERN: "a secret of Secret Manager: projects/<project>/secrets/<name>",
    NODE_GROUP_RELEASE_PATTERN: "a release of EKS' machine images: 1.35.2-20260915 of Amazon Linux 2023, "
    "1.50.0-0a1b2c3d of Bottlerocket",
    ADDON_VERSION_PATTERN: "a version of an add-on of EKS, such as v1.20.1-eksbuild.1",
    KMS_KEY_PATTERN: "the ARN of a KMS key itself and not of an alias, such as "
    "arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-4e5f-6789-abcd-ef0123456789",
    NODE_IMAGE_RELEASE_PATTERN: "a release of a machine image: v20260915 of Amazon Linux 2023, v1.50.0 of Bottlerocket",
    RESERVATION_ARN_PATTERN: "the ARN of an ML capacity reservation, such as "
    "arn:aws:sagemaker:us-east-1:123456789012:training-plan/spring",
    SECRET_NAME_PATTERN: "the name or ARN of a secret in AWS Secrets Manager",
}
"""What a text of each pattern is, after "must be"."""
