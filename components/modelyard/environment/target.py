"""Where a model runs: on the environment's clusters, or at a managed service of a cloud."""

from __future__ import annotations

from typing import Literal, get_args

Target = Literal["kubernetes", "sagemaker", "vertex", "azureml", "auto"]
"""``auto``: the cheapest that meets the objective under the model's traffic."""

ManagedTarget = Literal["sagemaker", "vertex", "azureml"]
Cloud = Literal["aws", "gcp", "azure"]

MANAGED: tuple[ManagedTarget, ...] = get_args(ManagedTarget)

OWNER: dict[Cloud, str] = {"aws": "AWS", "gcp": "Google Cloud", "azure": "Azure"}
"""The clouds as people call them."""

CLOUD_OF: dict[ManagedTarget, Cloud] = {"sagemaker": "aws", "vertex": "gcp", "azureml": "azure"}
"""Key of ``managed`` in ``platform.yaml`` that each target needs."""

SERVICE_OF: dict[Target, str] = {
    "kubernetes": "Kubernetes",
    "sagemaker": "SageMaker",
    "vertex": "Vertex AI",
    "azureml": "Azure ML",
    "auto": "the cheapest target",
}
"""As people call it."""
