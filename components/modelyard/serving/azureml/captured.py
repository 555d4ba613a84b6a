"""Where payloads that deployments collect lie: a folder of each endpoint in the workspace's own datastore.

Follows "Collect production data from models deployed for real-time inferencing" and "Use datastores" (the container of
workspaceblobstore bears the workspace's id) of Azure Machine Learning's documentation.
"""

from __future__ import annotations

from typing import Any

import pulumi

_FOLDER = "modelDataCollector"


def captured_prefix(workspace_guid: pulumi.Input[str], endpoint: str) -> pulumi.Output[str]:
    """Container and folder in the storage account, as rules of its lifecycle name them.

    Args:
        workspace_guid: ``workspaceId`` of the workspace, which is no resource id.
        endpoint: name of the endpoint.
    """
    return pulumi.Output.concat("azureml-blobstore-", workspace_guid, f"/{_FOLDER}/{endpoint}/")


def captured_url(workspace_id: Any, endpoint: str) -> pulumi.Output[str]:
    """``azureml://`` address, which jobs and data assets of any workspace take. A folder for each deployment and
    collection lies below it.

    Args:
        workspace_id: resource id of the workspace.
        endpoint: name of the endpoint.
    """

    def address(resource_id: str) -> str:
        parts = resource_id.strip("/").split("/")
        named = dict(zip((part.lower() for part in parts[::2]), parts[1::2], strict=False))
        place = "/".join(f"{kind}/{named.get(kind, '')}" for kind in ("subscriptions", "resourcegroups", "workspaces"))
        return f"azureml://{place}/datastores/workspaceblobstore/paths/{_FOLDER}/{endpoint}/"

    return pulumi.Output.from_input(workspace_id).apply(address)
