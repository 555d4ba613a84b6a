"""Registries of images and stores of models on three clouds, and an image, with what is changed later in the
configuration."""

from typing import Any

import pulumi
import pulumi_azure_native as azure_native
import pulumi_gcp as gcp
from modelyard.governance.aws_provider import aws_provider
from modelyard.governance.ownership import Ownership
from modelyard.registry.binary_authorization import BinaryAuthorization
from modelyard.registry.container_registry import ContainerRegistry
from modelyard.registry.image_build import ImageBuild
from modelyard.registry.model_store import ModelStore
from modelyard.registry.model_upload import ModelUpload

SUBSCRIPTION = "0a1b2c3d-4e5f-6789-abcd-ef0123456789"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/ml"
PUBLIC = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n"

config = pulumi.Config()
owner = Ownership("platform", config.get("cost-center") or "CC-1000", "prod", "ml-platform@retail.example")
PLACES: dict[str, tuple[str, pulumi.ProviderResource, dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    # Cloud to its region, its provider, and arguments of both, of the registry and of the store.
    "aws": (
        "us-east-1",
        aws_provider("us-east-1", owner),
        {},
        {
            "mutable_tags": ["buildcache*"],
            "replicas": ["us-west-2"],
            "scanning": "enhanced",
            "ecr": {"owns_account_settings": True, "managed_signing": True},
            "pull_role_arns": ["arn:aws:iam::123456789012:role/nodes"],
        },
        {"replica_region": "us-west-2", "access_logs": True},
    ),
    "gcp": (
        "europe-west4",
        gcp.Provider("google", project="shop-prod", region="europe-west4"),
        {"project": "shop-prod", "project_number": "123456789"},
        {"artifact_registry": {"virtual": True}, "pull_service_accounts": ["nodes@shop-prod.iam.gserviceaccount.com"]},
        {"replica_region": "europe-north1", "access_logs": True},
    ),
    "azure": (
        "westeurope",
        azure_native.Provider("azure", subscription_id=SUBSCRIPTION, location="westeurope"),
        {
            "resource_group": "ml",
            "subscription_id": SUBSCRIPTION,
            "kms_key": "https://shop-keys.vault.azure.net/keys/images",
            "key_vault_id": f"{GROUP}/providers/Microsoft.KeyVault/vaults/shop-keys",
            "private_subnet_id": f"{GROUP}/providers/Microsoft.Network/virtualNetworks/v/subnets/p",
        },
        {"replicas": ["northeurope"], "pull_principal_ids": ["22222222-3333-4444-8555-666666666666"]},
        {"access_logs": True, "log_analytics_id": f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/logs"},
    ),
}

for cloud, (region, provider, both, of_registry, of_store) in PLACES.items():
    opts = pulumi.ResourceOptions(provider=provider)
    shared: Any = {"cloud": cloud, "region": region, "ownership": owner.args(), **both}
    images: Any = {
        "repositories": ["toys/tagger"],
        "keep_tagged_images": config.get_int("keep") or 50,
        "pull_through": [{"name": "k8s", "upstream": config.get("upstream") or "registry.k8s.io"}],
        **of_registry,
    }
    images |= shared
    registry = ContainerRegistry(f"prod-images-{region}", images, opts)
    pulumi.export(f"{cloud}-images", registry.repository_urls)
    models: Any = {"organization": "retail", "expire_old_versions_days": config.get_int("days") or 365, **of_store}
    if config.get("lock"):
        models["lock"] = {"mode": config.get("lock"), "days": 30}
    models |= shared
    store = ModelStore(f"prod-models-{region}", models, opts)
    pulumi.export(f"{cloud}-models", store.url)
    upload: Any = {
        "cloud": cloud,
        "region": region,
        "bucket": store.bucket,
        "model": "tagger",
        "files": [{"key": "tagger/config.pbtxt", "text": "platform: 'onnxruntime_onnx'", "sha256": "a" * 64}],
        "locked": bool(config.get("lock")),
        "ownership": owner.args(),
        **({"kms_key_arn": store.kms_key_arn} if cloud == "aws" else {}),
        **({"account": store.account, "resource_group": "ml"} if cloud == "azure" else {}),
    }
    ModelUpload(f"prod-tagger-{region}", upload, opts)
    if cloud == "aws":
        built: Any = {
            "repository_url": registry.repository_urls["toys/tagger"],
            "tag": config.get("tag") or "1.0.0",
            "context": "./image",
            "cache_tag": "buildcache",
            "login": "aws",
            "ownership": owner.args(),
        }
        pulumi.export("image", ImageBuild("tagger", built, opts).image)
    if cloud == "gcp":
        key = "projects/shop-prod/locations/europe-west4/keyRings/signing/cryptoKeys/images/cryptoKeyVersions/1"
        signed: Any = {
            "project": "shop-prod",
            "owns_project_policy": True,
            "attestor": "built-by-us",
            "keys": [{"key_version": key, "public_key": PUBLIC}],
        }
        BinaryAuthorization("prod", signed, opts)
