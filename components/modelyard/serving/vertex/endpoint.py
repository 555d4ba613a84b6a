"""A model served by Vertex AI, as a Pulumi component."""

from hashlib import sha256
from typing import Any

import pulumi

from modelyard.governance.known_after import known_after
from modelyard.governance.logical_name import logical_name
from modelyard.governance.ownership import Ownership
from modelyard.serving.managed.endpoint import endpoint_name, version_name
from modelyard.serving.vertex.alert_policies import alerts
from modelyard.serving.vertex.deployed_model import deployed_model_inputs
from modelyard.serving.vertex.endpoint_args import VertexEndpointArgs
from modelyard.serving.vertex.endpoint_declaration import VertexEndpointDeclaration, declaration, not_done
from modelyard.serving.vertex.model_version import model_inputs

_ACCOUNT_LIMIT = 30
"""IAM: ids of service accounts have 6 to 30 characters."""


class NoGcpSdk(ModuleNotFoundError):
    """The package pulumi-gcp is not installed."""

    def __init__(self) -> None:
        super().__init__("VertexEndpoint needs the package pulumi-gcp; pip install modelyard[gcp]")


class VertexEndpoint(pulumi.ComponentResource):
    """One model at an endpoint of Vertex AI in one region: the endpoint stays, its versions come and go beside it.

    Takes the ``gcp`` provider from ``opts``. Each version is uploaded, deployed without traffic, and then given its
    share in one call; a version that the arguments no longer name is undeployed after its share has gone. So a
    promotion and a rollback are one line of ``rollout``, and no request finds nobody.

    Models, deployed models and the traffic split are resources of modelyard's own over Vertex AI's API, which
    ``pulumi up`` runs in the project's Python: from another language than Python they are not available.

    Raises:
        InvalidEnvironment: arguments do not fit; before any resource is registered.
        NoGcpSdk: pulumi-gcp is not installed.
    """

    endpoint_name: pulumi.Output[str]
    """``projects/<project>/locations/<region>/endpoints/<number>``; known once the traffic has moved."""
    predict_url: pulumi.Output[str]
    """Where a request is sent to: the body goes to the container as it is. With private_service_connect the path alone,
    since your network gives the address; empty where the endpoint is peered, and the API alone says it."""
    service_account: pulumi.Output[str]
    """E-mail address of the account that the container acts as."""
    traffic: pulumi.Output[dict[str, int]]
    """Percent by version, for example ``{"v3": 90, "v4": 10}``."""
    captured: pulumi.Output[str]
    """``bq://<project>.<dataset>.requests``, the table of requests and answers; empty where none are kept."""

    def __init__(self, name: str, args: VertexEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        declared = declaration(name, args)
        ownership = Ownership.of(args["ownership"]).of_model(declared.model)
        try:
            import pulumi_gcp  # noqa: F401
        except ImportError:
            raise NoGcpSdk() from None
        super().__init__("modelyard:index:VertexEndpoint", name, {}, opts)
        for sentence in not_done(declared):
            pulumi.log.warn(sentence, self)
        if declared.holds_one_version:
            pulumi.log.warn(
                f"model {declared.model!r}: a peered endpoint of Vertex AI holds one version, so nobody answers while "
                "a new one takes its place; the nearest without a gap: endpoint: private_service_connect",
                self,
            )
        if declared.gpu_is_unlisted:
            # No table at hand has them, so nothing can be refused before Vertex AI does it.
            pulumi.log.warn(f"which GPUs Vertex AI has in {declared.region} is not known here; unchecked", self)
        made = _Declared(name, declared, ownership, self)
        number = endpoint_number(declared, ownership)
        made.endpoint(number)
        made.alert_policies(number)
        split = made.split({version: made.version(version) for version in declared.shares})
        self.endpoint_name = known_after(made.endpoint_id, [split])
        self.predict_url = known_after(made.address(), [split])
        self.service_account = pulumi.Output.from_input(made.account)
        self.traffic = pulumi.Output.from_input(
            {version_name(version): percent for version, percent in declared.shares.items()}
        )
        self.captured = made.captured
        self.register_outputs(
            {
                "endpointName": self.endpoint_name,
                "predictUrl": self.predict_url,
                "serviceAccount": self.service_account,
                "traffic": self.traffic,
                "captured": self.captured,
            }
        )


def endpoint_number(declared: VertexEndpointDeclaration, ownership: Ownership) -> str:
    """Name of the endpoint: ten digits, as the API takes nothing else; the same for the same model of an environment in
    a project and region, so that nothing but moving it makes another."""
    said = "/".join((declared.project, declared.region, ownership.environment, ownership.department, declared.model))
    return str(10**9 + int(sha256(said.encode()).hexdigest(), 16) % (9 * 10**9))


class _Declared:
    """Writes the resources of one endpoint down."""

    def __init__(
        self, name: str, declared: VertexEndpointDeclaration, ownership: Ownership, parent: pulumi.Resource
    ) -> None:
        self._name, self._declared, self._ownership = name, declared, ownership
        self._here = pulumi.ResourceOptions(parent=parent)
        self._labels = ownership.gcp_labels()
        self._rights: list[pulumi.Resource] = []
        self.account, self._member = self._service_account()
        self._before: list[pulumi.Resource] = []
        self.captured: pulumi.Output[str] = pulumi.Output.from_input("")
        self._deployed: pulumi.Resource | None = None

    def _service_account(self) -> tuple[Any, Any]:
        """E-mail address and IAM member of the account that the container acts as."""
        declared = self._declared
        if declared.service_account is not None:
            return declared.service_account, None
        import pulumi_gcp as gcp

        account = gcp.serviceaccount.Account(
            self._name,
            account_id=logical_name(self._ownership.environment, declared.model, declared.region, limit=_ACCOUNT_LIMIT),
            display_name=f"Vertex AI serves {declared.model} of {self._ownership.department}",
            project=declared.project,
            opts=self._here,
        )
        for role in ("logging.logWriter", "monitoring.metricWriter"):
            right = gcp.projects.IAMMember(
                f"{self._name}-{role.split('.')[0]}",
                project=declared.project,
                role=f"roles/{role}",
                member=account.member,
                opts=self._here,
            )
            self._rights.append(right)
        for secret in dict.fromkeys(declared.readable_secrets.values()):
            _, project, _, called = secret.split("/")
            right = gcp.secretmanager.SecretIamMember(
                f"{self._name}-secret-{project}-{called}",
                project=project,
                secret_id=called,
                role="roles/secretmanager.secretAccessor",
                member=account.member,
                opts=self._here,
            )
            self._rights.append(right)
        return account.email, account.member

    def endpoint(self, number: str) -> None:
        """The endpoint, who may ask it, and where its requests are kept."""
        import pulumi_gcp as gcp

        declared = self._declared
        given: dict[str, Any] = {}
        key = self._key_right()
        if declared.kms_key is not None:
            given["encryption_spec"] = {"kms_key_name": declared.kms_key}
        if declared.endpoint == "dedicated":
            given["dedicated_endpoint_enabled"] = True
        if declared.endpoint == "peered":
            given["network"] = declared.network
        if declared.endpoint == "private_service_connect":
            given["private_service_connect_config"] = {
                "enable_private_service_connect": True,
                "project_allowlists": declared.consumer_projects or [declared.project],
            }
        log = self._request_log()
        if log is not None:
            given["predict_request_response_logging_config"] = log
        made = gcp.vertex.AiEndpoint(
            self._name,
            name=number,
            display_name=endpoint_name(self._ownership.environment, declared.model),
            description=f"{declared.model} of {self._ownership.department}",
            location=declared.region,
            region=declared.region,
            project=declared.project,
            labels=self._labels,
            **given,
            # The number is taken until the old endpoint is gone; the split has an owner of its own below.
            opts=pulumi.ResourceOptions.merge(
                self._here,
                pulumi.ResourceOptions(
                    delete_before_replace=True, ignore_changes=["trafficSplit"], depends_on=[*self._before, *key]
                ),
            ),
        )
        self._made = made
        self.endpoint_id: pulumi.Output[str] = pulumi.Output.concat(
            f"projects/{declared.project}/locations/{declared.region}/endpoints/", made.name
        )
        base = f"{self._name}-invoker"
        for position, member in enumerate(dict.fromkeys(declared.invokers)):
            # Called by its member: by its place, a grant would be made anew, and then deleted, when another goes.
            gcp.vertex.AiEndpointIamMember(
                f"{base}-{member}",
                endpoint=made.name,
                location=declared.region,
                project=declared.project,
                role="roles/aiplatform.user",
                member=member,
                opts=pulumi.ResourceOptions.merge(
                    self._here, pulumi.ResourceOptions(aliases=[pulumi.Alias(name=f"{base}-{position}")])
                ),
            )

    def address(self) -> pulumi.Output[str]:
        """URL of ``rawPredict``."""
        declared = self._declared
        path = pulumi.Output.concat("/v1/", self.endpoint_id, ":rawPredict")
        if declared.endpoint == "dedicated":
            return pulumi.Output.concat("https://", self._made.dedicated_endpoint_dns, path)
        if declared.endpoint == "shared":
            return pulumi.Output.concat(f"https://{declared.region}-aiplatform.googleapis.com", path)
        return path if declared.endpoint == "private_service_connect" else pulumi.Output.from_input("")

    def version(self, version: int) -> pulumi.Output[str]:
        """Uploads and deploys a version; Vertex AI's number of what is deployed."""
        from modelyard.serving.vertex.resources import VertexDeployedModel, VertexModel

        declared, named = self._declared, f"{self._name}-{version_name(version)}"
        inputs = model_inputs(declared, self._ownership, version)
        # One after the other: the first version makes the model, and an endpoint takes one change at a time.
        after = [each for each in (self._deployed,) if each is not None]
        right = self._read_right(named, inputs["artifactUri"])
        model = VertexModel(
            named,
            {"project": declared.project, "location": declared.region, **inputs},
            pulumi.ResourceOptions.merge(self._here, pulumi.ResourceOptions(depends_on=[*after, *self._key_right()])),
        )
        alone = declared.holds_one_version
        deployed = VertexDeployedModel(
            self._name if alone else named,
            {
                "location": declared.region,
                "endpoint": self.endpoint_id,
                "model": model.name,
                "serviceAccount": self.account,
                "labels": self._labels,
                **deployed_model_inputs(declared, version),
            },
            pulumi.ResourceOptions.merge(
                self._here,
                pulumi.ResourceOptions(depends_on=[*after, *self._rights, *right], delete_before_replace=alone or None),
            ),
        )
        self._deployed = deployed
        return deployed.deployedModelId

    def split(self, deployed: dict[int, pulumi.Output[str]]) -> pulumi.Resource:
        """Moves the traffic, once everything that gets some is there. What has moved it is given back."""
        if self._deployed is not None and self._declared.holds_one_version:
            return self._deployed
        from modelyard.serving.vertex.resources import VertexTrafficSplit

        shares = [
            {"version": version, "percent": self._declared.shares[version], "deployedModelId": number}
            for version, number in deployed.items()
        ]
        return VertexTrafficSplit(
            self._name,
            {"location": self._declared.region, "endpoint": self.endpoint_id, "shares": shares},
            self._here,
        )

    def _read_right(self, named: str, artefact: pulumi.Input[str]) -> list[pulumi.Resource]:
        """The container's account may read this version's files and no others."""
        if self._member is None:
            return []
        import pulumi_gcp as gcp

        url = pulumi.Output.from_input(artefact)
        return [
            gcp.storage.BucketIAMMember(
                f"{named}-read",
                bucket=url.apply(lambda said: said.removeprefix("gs://").partition("/")[0]),
                role="roles/storage.objectViewer",
                member=self._member,
                condition={
                    "title": f"model {self._declared.model}",
                    "expression": url.apply(_below),
                },
                opts=self._here,
            )
        ]

    def _agent(self) -> pulumi.Output[str] | None:
        """IAM member of Vertex AI's own account in the project ("Vertex AI access control with IAM")."""
        number = self._declared.project_number
        if number is None:
            return None
        return pulumi.Output.concat("serviceAccount:service-", number, "@gcp-sa-aiplatform.iam.gserviceaccount.com")

    def _key_right(self) -> list[pulumi.Resource]:
        agent = self._agent()
        if self._declared.kms_key is None or agent is None:
            return []
        if not hasattr(self, "_key"):
            import pulumi_gcp as gcp

            self._key = gcp.kms.CryptoKeyIAMMember(
                f"{self._name}-key",
                crypto_key_id=self._declared.kms_key,
                role="roles/cloudkms.cryptoKeyEncrypterDecrypter",
                member=agent,
                opts=self._here,
            )
        return [self._key]

    def _request_log(self) -> dict[str, Any] | None:
        log = self._declared.request_log
        if log is None:
            return None
        from modelyard.serving.vertex.request_log import declare_request_log

        self.captured, needed = declare_request_log(
            self._name, self._declared, self._ownership, self._labels, self._agent(), self._here
        )
        self._before += needed
        return {
            "enabled": True,
            "sampling_rate": log.percent / 100,
            "bigquery_destination": {"output_uri": self.captured},
        }

    def alert_policies(self, number: str) -> None:
        """One for each signal."""
        import pulumi_gcp as gcp

        declared = self._declared
        shown = f"{endpoint_name(self._ownership.environment, declared.model)} in {declared.region}"
        for alert in alerts(declared, number):
            title = f"{shown}: {alert.says}"
            gcp.monitoring.AlertPolicy(
                f"{self._name}-{alert.signal}",
                project=declared.project,
                display_name=title,
                combiner="OR",
                conditions=[{"display_name": title, "condition_threshold": alert.condition}],  # pyright: ignore[reportArgumentType]
                notification_channels=declared.notification_channels,
                user_labels=self._labels,
                opts=self._here,
            )


def _below(url: str) -> str:
    """IAM condition: objects in the folder of a gs:// URL ("Overview of IAM Conditions", resource names of Cloud
    Storage)."""
    bucket, _, folder = url.removeprefix("gs://").partition("/")
    return f'resource.name.startsWith("projects/_/buckets/{bucket}/objects/{folder.rstrip("/")}/")'
