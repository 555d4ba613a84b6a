"""A model behind an online endpoint of Azure Machine Learning, as a Pulumi component."""

from typing import Any

import pulumi

from modelyard.governance.azure_role import CALLER, SECRETS_USER, role_definition_id
from modelyard.governance.azure_sdk import azure
from modelyard.governance.known_after import known_after
from modelyard.serving.azureml.alerts import alert_criteria, signal_alerts, window
from modelyard.serving.azureml.assets import (
    asset_name,
    environment_properties,
    environment_version,
    model_properties,
)
from modelyard.serving.azureml.autoscale import is_scaled, profiles
from modelyard.serving.azureml.captured import captured_url
from modelyard.serving.azureml.deployment import deployment_properties, environment_variables
from modelyard.serving.azureml.endpoint_args import AzureMLEndpointArgs
from modelyard.serving.azureml.endpoint_declaration import (
    AzureMLEndpointDeclaration,
    AzureMLVersionDeclaration,
    endpoint_declaration,
)
from modelyard.serving.azureml.roles import endpoint_roles, secret_scopes
from modelyard.serving.azureml.traffic import endpoint_template

_LOGS = ("AmlOnlineEndpointTrafficLog", "AmlOnlineEndpointEventLog", "AmlOnlineEndpointConsoleLog")


class AzureMLEndpoint(pulumi.ComponentResource):
    """One model behind an online endpoint, on Azure's machines or on an Arc cluster: a deployment for each version,
    the traffic between them, an identity that may do what it needs and no more, autoscaling and alerts.

    The endpoint and a deployment stay as long as they are declared: another version is another deployment, and the
    share that it answers is the only thing that a promotion or a rollback changes. Takes the provider of azure-native
    from ``opts``.

    Raises:
        InvalidEnvironment: arguments do not fit; before any resource is registered.
        NoAzureSdk: pulumi-azure-native is not installed.
    """

    endpoint_name: pulumi.Output[str]
    """Name of the endpoint, known once its traffic is set."""
    endpoint_id: pulumi.Output[str]
    """Resource id of the endpoint."""
    scoring_uri: pulumi.Output[str]
    """Where requests are sent to."""
    deployments: pulumi.Output[dict[str, int]]
    """Percent of the requests by deployment. A caller who names one in the header azureml-model-deployment gets it."""
    auth_mode: pulumi.Output[str]
    """What callers show: AADToken, AMLToken or Key."""
    principal_id: pulumi.Output[str]
    """Of the identity that the server runs as."""
    captured: pulumi.Output[str]
    """``azureml://`` address of collected payloads, a folder for each deployment and collection; empty where none
    are."""

    def __init__(self, name: str, args: AzureMLEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        declared = endpoint_declaration(name, args)
        tags = declared.owner.aws_tags()
        learning = azure("AzureMLEndpoint", "machinelearningservices")
        super().__init__("modelyard:index:AzureMLEndpoint", name, {}, opts)
        made = _Parts(self, name, declared, tags)
        identity, roles = made.identity()
        # What Pulumi puts first has no traffic, and every later change goes through the template.
        endpoint = learning.OnlineEndpoint(
            name,
            endpoint_name=declared.name,
            workspace_name=declared.workspace,
            resource_group_name=declared.resource_group,
            location=declared.location,
            kind=declared.kind,
            identity={"type": "UserAssigned", "userAssignedIdentities": [identity.id]},
            properties={
                "authMode": declared.azure_auth_mode,
                "publicNetworkAccess": "Enabled" if declared.public_access else "Disabled",
                **made.compute(),
            },
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["properties", "tags", "identity", "kind"]),
        )
        model = learning.ModelContainer(
            name,
            name=asset_name(declared.owner.department, declared.model),
            workspace_name=declared.workspace,
            resource_group_name=declared.resource_group,
            properties={"description": f"Model {declared.model}", "tags": tags},
            opts=pulumi.ResourceOptions(parent=self),
        )
        deployments = [made.deployment(version, endpoint, model, roles) for version in declared.versions]
        settled = made.traffic(endpoint, identity, deployments)
        made.scaling(deployments)
        made.alerts(endpoint, deployments)
        made.logs(endpoint)
        made.callers(endpoint)
        self.endpoint_name = known_after(pulumi.Output.from_input(declared.name), [settled])
        self.endpoint_id = endpoint.id
        self.scoring_uri = endpoint.properties.apply(lambda properties: properties["scoring_uri"])
        self.deployments = known_after(pulumi.Output.from_input(declared.traffic), [settled])
        self.auth_mode = pulumi.Output.from_input(declared.azure_auth_mode)
        self.principal_id = identity.principal_id
        self.captured = pulumi.Output.from_input("")
        if declared.data_collection is not None:
            self.captured = captured_url(declared.workspace_id, declared.name)
        self.register_outputs(
            {
                "endpointName": self.endpoint_name,
                "endpointId": self.endpoint_id,
                "scoringUri": self.scoring_uri,
                "deployments": self.deployments,
                "authMode": self.auth_mode,
                "principalId": self.principal_id,
                "captured": self.captured,
            }
        )


class _Parts:
    """Resources around the endpoint, each made once."""

    def __init__(
        self, component: pulumi.Resource, name: str, declared: AzureMLEndpointDeclaration, tags: dict[str, str]
    ) -> None:
        self._declared, self._name, self._tags = declared, name, tags
        self._here = pulumi.ResourceOptions(parent=component)

    def identity(self) -> tuple[Any, list[pulumi.Resource]]:
        """Who the server is to Azure, and what it may do."""
        declared = self._declared
        identity = azure("AzureMLEndpoint", "managedidentity").UserAssignedIdentity(
            self._name,
            resource_group_name=declared.resource_group,
            location=declared.location,
            tags=self._tags,
            opts=self._here,
        )
        scopes = {
            "workspace": declared.workspace_id,
            "registry": declared.container_registry_id,
            "storage": declared.storage_account_id,
        }
        granted = endpoint_roles(
            registry=scopes["registry"] is not None,
            storage=scopes["storage"] is not None,
            captures=declared.data_collection is not None,
        )
        authorization = azure("AzureMLEndpoint", "authorization")
        rights = [(where, role, scopes[where]) for role, where in granted]
        rights += [
            (f"secret-{called}", SECRETS_USER, scope)
            for called, scope in secret_scopes(declared.injected_secrets.values()).items()
        ]
        return identity, [
            authorization.RoleAssignment(
                f"{self._name}-{called}",
                principal_id=identity.principal_id,
                principal_type="ServicePrincipal",
                role_definition_id=role_definition_id(declared.subscription_id, role),
                scope=scope,
                opts=self._here,
            )
            for called, role, scope in rights
        ]

    def compute(self) -> dict[str, Any]:
        """``compute`` of an endpoint that runs on an Arc cluster."""
        declared = self._declared
        if declared.arc is None:
            return {}
        return {"compute": pulumi.Output.concat(declared.workspace_id, "/computes/", declared.arc)}

    def deployment(
        self, version: AzureMLVersionDeclaration, endpoint: Any, model: Any, roles: list[pulumi.Resource]
    ) -> tuple[AzureMLVersionDeclaration, Any]:
        """One version with its model and, where the image is one's own, its environment."""
        declared, learning = self._declared, azure("AzureMLEndpoint", "machinelearningservices")
        resource_name = f"{self._name}-version-{version.version}"
        served = learning.ModelVersion(
            resource_name,
            name=model.name,
            version=str(version.version),
            workspace_name=declared.workspace,
            resource_group_name=declared.resource_group,
            properties=model_properties(version.model_uri, declared.model_type, self._tags),
            opts=self._here,
        )
        properties = deployment_properties(
            declared.deployment(version),
            model_id=served.id,
            environment_id=self._environment(version, resource_name),
            env=environment_variables(declared.env, declared.injected_secrets),
        )
        owned = ["sku.capacity"] if declared.arc is None and is_scaled(declared.scaling) else None
        return version, learning.OnlineDeployment(
            resource_name,
            deployment_name=declared.deployment_names[version.version],
            endpoint_name=endpoint.name,
            workspace_name=declared.workspace,
            resource_group_name=declared.resource_group,
            location=declared.location,
            kind=declared.kind,
            sku={"name": "Default", "capacity": declared.scaling.min_replicas},
            properties=properties,
            tags=self._tags,
            # Azure takes the deployments with the endpoint, and refuses to delete one that still has traffic.
            opts=pulumi.ResourceOptions.merge(
                self._here, pulumi.ResourceOptions(depends_on=roles, deleted_with=endpoint, ignore_changes=owned)
            ),
        )

    def _environment(self, version: AzureMLVersionDeclaration, resource_name: str) -> Any:
        declared, image = self._declared, version.image if version.image is not None else self._declared.image
        if image is None:
            return None
        number, routes = version.version, declared.routes
        named = pulumi.Output.from_input(image).apply(lambda known: environment_version(number, known, routes))
        made = azure("AzureMLEndpoint", "machinelearningservices").EnvironmentVersion(
            resource_name,
            name=asset_name(declared.owner.department, declared.model),
            version=named,
            workspace_name=declared.workspace,
            resource_group_name=declared.resource_group,
            properties=environment_properties(image, routes, self._tags),
            opts=self._here,
        )
        return made.id

    def traffic(self, endpoint: Any, identity: Any, deployments: list[Any]) -> pulumi.Resource:
        """Everything that the endpoint says, put when all that it names is there."""
        declared = self._declared
        template = endpoint_template(
            auth_mode=declared.azure_auth_mode,
            public_access=declared.public_access,
            kind=declared.kind,
            tags=self._tags,
            traffic=declared.traffic,
            mirror_traffic=declared.mirror_traffic,
            has_compute=declared.arc is not None,
        )
        given: dict[str, Any] = {
            "endpoint": pulumi.Output.concat(declared.workspace, "/", endpoint.name),
            "location": declared.location,
            "identity": identity.id,
            **self.compute(),
        }
        return azure("AzureMLEndpoint", "resources").Deployment(
            f"{self._name}-traffic",
            deployment_name=f"{declared.name}-traffic",
            resource_group_name=declared.resource_group,
            properties={
                "mode": "Incremental",
                "template": template,
                "parameters": {key: {"value": value} for key, value in given.items()},
            },
            tags=self._tags,
            opts=pulumi.ResourceOptions.merge(
                self._here, pulumi.ResourceOptions(depends_on=[each for _, each in deployments], deleted_with=endpoint)
            ),
        )

    def scaling(self, deployments: list[Any]) -> None:
        """An autoscale setting for each deployment on Azure's machines; an Arc cluster's router scales its own."""
        declared = self._declared
        if declared.arc is not None or not is_scaled(declared.scaling):
            return
        for version, deployment in deployments:
            azure("AzureMLEndpoint", "monitor").AutoscaleSetting(
                f"{self._name}-version-{version.version}",
                autoscale_setting_name=f"{declared.name}-{declared.deployment_names[version.version]}",
                resource_group_name=declared.resource_group,
                location=declared.location,
                enabled=True,
                target_resource_uri=deployment.id,
                profiles=profiles(declared.scaling, deployment.id, gpu=declared.has_gpu(version)),
                tags=self._tags,
                opts=self._here,
            )

    def alerts(self, endpoint: Any, deployments: list[Any]) -> None:
        """Those of the endpoint, and those of each deployment."""
        declared = self._declared
        for position, (version, deployment) in enumerate(deployments):
            for alert in signal_alerts(declared.thresholds(version)):
                if position and not alert.of_deployment:
                    continue
                of = f"-version-{version.version}" if alert.of_deployment else ""
                called = f"-{declared.deployment_names[version.version]}" if alert.of_deployment else ""
                azure("AzureMLEndpoint", "monitor").MetricAlert(
                    f"{self._name}{of}-{alert.signal}",
                    rule_name=f"{declared.name}{called}-{alert.signal}",
                    resource_group_name=declared.resource_group,
                    location="global",
                    description=f"Model {declared.model}: {alert.text}",
                    enabled=True,
                    severity=alert.severity,
                    scopes=[deployment.id if alert.of_deployment else endpoint.id],
                    evaluation_frequency="PT1M",
                    window_size=window(declared.alert_minutes),
                    criteria=alert_criteria(alert),
                    actions=[{"actionGroupId": group} for group in declared.action_groups],
                    tags=self._tags,
                    opts=self._here,
                )

    def callers(self, endpoint: Any) -> None:
        """Who may call it, of those that show a token of Microsoft Entra."""
        for caller in self._declared.callers:
            azure("AzureMLEndpoint", "authorization").RoleAssignment(
                f"{self._name}-caller-{caller}",
                principal_id=caller,
                principal_type="ServicePrincipal",
                role_definition_id=role_definition_id(self._declared.subscription_id, CALLER),
                scope=endpoint.id,
                opts=self._here,
            )

    def logs(self, endpoint: Any) -> None:
        """Requests, events and what the container prints."""
        declared = self._declared
        if declared.log_analytics_id is None:
            return
        azure("AzureMLEndpoint", "monitor").DiagnosticSetting(
            self._name,
            name=declared.name,
            resource_uri=endpoint.id,
            workspace_id=declared.log_analytics_id,
            logs=[{"category": category, "enabled": True} for category in _LOGS],
            opts=self._here,
        )
