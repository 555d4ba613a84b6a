"""What a model resource says of its container: image, where the artefact lies, and how the server is told.

Triton is told by variables that its ``docker/sagemaker/serve`` reads; the others follow the SageMaker inference toolkit
("Adapting your own inference container").
"""

from __future__ import annotations

from typing import Any

import pulumi

from .endpoint_declaration import SageMakerEndpointDeclaration


def environment(declared: SageMakerEndpointDeclaration) -> dict[str, str]:
    """Variables of the server; what is declared goes before ours. Of a secret its ARN, by which the server reads it."""
    own: dict[str, str] = {}
    if declared.server_framework == "triton":
        own["SAGEMAKER_TRITON_LOG_VERBOSE"] = "false"
        if declared.kind != "multi_model":
            # A repository with several folders, an ensemble's, has to be told which one is asked.
            own["SAGEMAKER_TRITON_DEFAULT_MODEL_NAME"] = declared.model
    return {**own, **declared.env, **{name: secret.arn for name, secret in declared.readable_secrets.items()}}


def primary_container(declared: SageMakerEndpointDeclaration, artefact: Any, image: Any) -> Any:
    """``primaryContainer`` of ``aws.sagemaker.Model``, in Python's spelling.

    An artefact that only the deployment knows says then whether it is an archive or a folder.
    """
    folder = declared.artefact_is_folder
    if isinstance(artefact, pulumi.Output) and folder is None and declared.kind != "multi_model":
        return pulumi.Output.all(artefact, image).apply(lambda known: primary_container(declared, *known))
    container: dict[str, Any] = {"image": image, "environment": environment(declared)}
    if declared.kind == "multi_model":
        cache = declared.multi_model is None or declared.multi_model.cache
        container["mode"] = "MultiModel"
        container["multi_model_config"] = {"model_cache_setting": "Enabled" if cache else "Disabled"}
        container["model_data_url"] = artefact
    elif str(artefact).endswith("/") if folder is None else folder:
        source = {"s3_uri": artefact, "s3_data_type": "S3Prefix", "compression_type": "None"}
        container["model_data_source"] = {"s3_data_sources": [source]}
    else:
        container["model_data_url"] = artefact
    return container


def below(url: Any, folder: str) -> Any:
    """``<url>/<folder>``, of text or of an Output."""
    return pulumi.Output.concat(url, "/", folder) if isinstance(url, pulumi.Output) else f"{url.rstrip('/')}/{folder}"
