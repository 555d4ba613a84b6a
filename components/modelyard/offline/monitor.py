"""The resource monitor: what the engine is to a running program, as an object in the program's own process.

It follows the engine's ResourceMonitor service (``proto/pulumi/resource.proto`` of pulumi/pulumi): the method
names are the service's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from google.protobuf import empty_pb2
from pulumi.runtime.proto import resource_pb2

from modelyard.graph import UNKNOWN
from modelyard.offline import transforms, unsupported, wire
from modelyard.offline.answer import Answer, InvokeAnswer, refused
from modelyard.offline.builtin_functions import STACK_OUTPUTS_FUNCTION, STACK_REFERENCE_TYPE, BuiltinProvider
from modelyard.offline.declared import Declared
from modelyard.offline.provider_registry import NoProvider, ProviderRegistry, default_name, provider_urn
from modelyard.offline.refusal import Refused
from modelyard.offline.registration import (
    Registration,
    provider_registration,
    read_registration_of,
    registration_of,
    transformed,
)
from modelyard.offline.simulated import SimulatedProvider
from modelyard.offline.urn import is_provider_type, package_of

_FEATURES = [
    getattr(resource_pb2, f"RESOURCE_MONITOR_FEATURE_{name}")
    for name in (
        "SECRETS",
        "RESOURCE_REFERENCES",
        "OUTPUT_VALUES",
        "ALIAS_SPECS",
        "REPLACEMENT_TRIGGER",
        "DELETED_WITH",
        "REPLACE_WITH",
        "TRANSFORMS",
        "INVOKE_TRANSFORMS",
        "PARAMETERIZATION",
        "RESOURCE_HOOKS",
        "ERROR_HOOKS",
        "INVOKE_DEPENDS_ON",
    )
]


class ResourceMonitor:
    """Takes registrations, asks providers, keeps what was declared."""

    def __init__(
        self,
        *,
        project: str,
        stack: str,
        organization: str,
        declared: Declared,
        registry: ProviderRegistry,
        builtin: BuiltinProvider,
        preview: bool,
    ) -> None:
        self.callbacks = transforms.LocalCallbacks(self)
        self.unanswered: list[str] = []
        """Functions whose answer only the account knows."""
        self._project, self._stack, self._organization = project, stack, organization
        self._declared, self._registry, self._builtin, self._preview = declared, registry, builtin, preview
        self._stack_transforms: list[transforms.Transform] = []
        self._invoke_transforms: list[transforms.Transform] = []
        self._transforms: dict[str, list[transforms.Transform]] = {}
        self._component_providers: dict[str, Mapping[str, str]] = {}

    # The service's methods.

    def SupportsFeature(self, _request: Any) -> resource_pb2.SupportsFeatureResponse:
        return resource_pb2.SupportsFeatureResponse(hasSupport=False)

    def GetDeploymentInfo(self, _request: Any) -> resource_pb2.DeploymentInfo:
        return resource_pb2.DeploymentInfo(
            project=self._project,
            stack=self._stack,
            organization=self._organization,
            dryRun=self._preview,
            supportedFeatures=_FEATURES,
        )

    def RegisterResource(self, request: Any) -> Any:
        if request.remote:
            raise unsupported.remote_component(request.type, request.name)
        chain = self._transform_chain(request)
        if chain:
            return self._register_transformed(request, chain)
        registration = registration_of(request)
        self._declared.inherit(registration)
        return self._register(registration)

    def RegisterResourceOutputs(self, request: Any) -> empty_pb2.Empty:
        resource = self._declared.by_urn.get(request.urn)
        if resource is not None:
            resource.outputs.update(wire.decode_struct(request.outputs))
        return empty_pb2.Empty()

    def ReadResource(self, request: Any) -> Answer:
        registration = read_registration_of(request)
        try:
            urn = self._declared.new_urn(request.parent, request.type, request.name)
        except Refused as error:
            self._declared.refusals.append(error.refusal)
            return refused(error.refusal.urn)
        if request.type == STACK_REFERENCE_TYPE:
            return self._read_stack_reference(urn, registration, request.id)
        return self._read(urn, registration, UNKNOWN if request.id == wire.UNKNOWN_TEXT else request.id)

    def Invoke(self, request: Any) -> Any:
        if self._invoke_transforms:
            return self._invoke_transformed(request)
        return self._invoke(request, request.args, request.provider, request.version)

    def Call(self, request: Any) -> Any:
        raise unsupported.provider_method(request.tok)

    def RegisterStackTransform(self, callback: Any) -> empty_pb2.Empty:
        self._stack_transforms.append(callback.token)
        return empty_pb2.Empty()

    def RegisterStackInvokeTransform(self, callback: Any) -> empty_pb2.Empty:
        self._invoke_transforms.append(callback.token)
        return empty_pb2.Empty()

    def RegisterResourceHook(self, request: Any) -> Any:
        raise unsupported.hook(request.name)

    def RegisterErrorHook(self, request: Any) -> Any:
        raise unsupported.hook(request.name)

    def RegisterPackage(self, request: Any) -> Any:
        raise unsupported.package(request.name, request.version)

    def ExistsResource(self, request: Any) -> Any:
        raise unsupported.existence(request.type)

    def SignalAndWaitForShutdown(self, _request: Any) -> empty_pb2.Empty:
        return empty_pb2.Empty()

    # Registration.

    async def _register_transformed(self, request: Any, chain: list[transforms.Transform]) -> Answer:
        registration = registration_of(request)
        # The engine lets a child inherit before its transforms see the options.
        self._declared.inherit(registration)
        provider = self._reference(registration)
        properties, options = await transforms.transform_resource(
            registration, request, provider, chain, self.callbacks
        )
        own = [callback.token for callback in request.transforms]
        answer = self._register(transformed(registration, properties, options, bool(own)))
        if own:
            self._transforms[answer.urn] = own
        return answer

    def _transform_chain(self, request: Any) -> list[transforms.Transform]:
        """Transforms in the engine's order: the resource's own, its ancestors' from the nearest, the stack's."""
        own = request.transforms
        if not own and not self._stack_transforms and not self._transforms:
            return []
        chain = [callback.token for callback in own]
        for ancestor in self._declared.ancestors(request.parent):
            chain.extend(self._transforms.get(ancestor, ()))
        return chain + self._stack_transforms

    def _register(self, registration: Registration) -> Answer:
        try:
            urn = self._declared.new_urn(registration.parent, registration.type, registration.name)
        except Refused as error:
            self._declared.refusals.append(error.refusal)
            return refused(error.refusal.urn)
        if not registration.custom:
            return self._register_component(urn, registration)
        if is_provider_type(registration.type):
            return self._register_provider(urn, registration)
        try:
            provider = self._provider_of(registration)
            instance = self._registry.instance(provider, registration.type)
        except NoProvider as missing:
            return self._refuse(urn, registration, [("", str(missing))])
        return self._create(urn, registration, provider, instance)

    def _create(self, urn: str, registration: Registration, provider: str, instance: SimulatedProvider) -> Answer:
        type_ = registration.type
        checked = instance.check(type_, urn, registration.inputs)
        if checked.problems:
            return self._refuse(urn, registration, checked.problems, provider)
        if not self._registry.is_configured(provider):
            # The engine does not ask a provider whose configuration is still unknown: no defaults, no outputs.
            inputs = instance.with_secrets(type_, registration.inputs)
            self._declared.add(urn, registration, UNKNOWN, inputs, {}, provider)
            return Answer(urn, "", {})
        created = instance.create(type_, urn, checked.inputs, preview=self._preview)
        options = registration.options
        outputs = created.outputs
        if options.additional_secret_outputs:
            outputs = with_secrets(outputs, options.additional_secret_outputs)
        id_ = options.import_id or created.id
        self._declared.add(urn, registration, id_, checked.inputs, outputs, provider)
        return Answer(urn, _known_id(id_), for_sdk(outputs))

    def _register_component(self, urn: str, registration: Registration) -> Answer:
        inherited = self._component_providers.get(registration.parent)
        providers = {**inherited, **registration.providers} if inherited else dict(registration.providers)
        if providers:
            self._component_providers[urn] = providers
        self._declared.add(urn, registration, None, registration.inputs, {})
        return Answer(urn, "", {})

    def _register_provider(self, urn: str, registration: Registration) -> Answer:
        package = package_of(registration.type)
        inputs = registration.inputs
        if registration.version:
            inputs["version"] = registration.version
        checked = self._registry.check(package, inputs)
        if checked.problems:
            return self._refuse(urn, registration, checked.problems)
        configured = self._registry.configure(urn, package, checked.inputs)
        outputs = with_secrets(checked.inputs, registration.options.additional_secret_outputs)
        id_ = UNKNOWN if self._preview else configured
        self._declared.add(urn, registration, id_, checked.inputs, outputs)
        return Answer(urn, _known_id(id_), for_sdk(outputs))

    def _refuse(
        self, urn: str, registration: Registration, problems: Iterable[tuple[str, str]], provider: str | None = None
    ) -> Answer:
        self._declared.refuse(urn, registration, problems, provider)
        return refused(urn)

    # Providers.

    def _reference(self, registration: Registration) -> str:
        """The provider that the program chose: by ``provider``, by ``providers``, or by a component above."""
        package = package_of(registration.type)
        inherited = self._component_providers.get(registration.parent, {})
        return registration.provider or registration.providers.get(package) or inherited.get(package, "")

    def _provider_of(self, registration: Registration) -> str:
        """The URN of the resource's provider; a default one is registered when the program chose none."""
        reference = self._reference(registration)
        if reference:
            return provider_urn(reference)
        package = package_of(registration.type)
        return self._default(package, registration.version, registration.plugin_download_url, registration.type)

    def _default(self, package: str, version: str, url: str, token: str) -> str:
        known = self._registry.default_urn(package, version, url)
        if known:
            return known
        self._registry.check_default_allowed(package, token)
        registration = provider_registration(package, default_name(version, url))
        urn = self._declared.new_urn(None, registration.type, registration.name)
        checked = self._registry.check(package, self._registry.default_inputs(package, version))
        if checked.problems:
            said = "; ".join(f"{package}:{path}: {reason}" for path, reason in checked.problems)
            raise NoProvider(said if package in self._registry else checked.problems[0].reason)
        id_ = self._registry.configure(urn, package, checked.inputs)
        self._registry.remember_default(package, version, url, urn)
        self._declared.add(urn, registration, UNKNOWN if self._preview else id_, checked.inputs, dict(checked.inputs))
        return urn

    # Reads and functions.

    def _read(self, urn: str, registration: Registration, id_: Any) -> Answer:
        try:
            provider = self._provider_of(registration)
            instance = self._registry.instance(provider, registration.type)
            found = instance.read(registration.type, urn, id_, registration.inputs, preview=self._preview)
        except LookupError as missing:
            return self._refuse(urn, registration, [("", str(missing))])
        outputs = with_secrets(found.outputs, registration.options.additional_secret_outputs)
        self._declared.add(urn, registration, found.id, registration.inputs, outputs, provider)
        return Answer(urn, _known_id(found.id), for_sdk(outputs))

    def _read_stack_reference(self, urn: str, registration: Registration, name: str) -> Answer:
        provider = self._default("pulumi", "", "", registration.type)
        outputs, readable = self._builtin.stack_reference(name)
        self._declared.add(urn, registration, name, {"name": name}, outputs, provider)
        return Answer(urn, name, readable)

    async def _invoke_transformed(self, request: Any) -> InvokeAnswer:
        args, provider, version = await transforms.transform_invoke(
            request.tok, request.args, request.provider, request.version, self._invoke_transforms, self.callbacks
        )
        return self._invoke(request, args, provider, version)

    def _invoke(self, request: Any, args: Any, reference: str, version: str) -> InvokeAnswer:
        token = request.tok
        if token == "pulumi:pulumi:getResource":
            return self._get_resource(wire.decode_struct(args)["urn"])
        if token == STACK_OUTPUTS_FUNCTION:
            return InvokeAnswer(self._builtin.stack_reference(wire.decode_struct(args)["name"])[1])
        package = package_of(token)
        provider = (
            provider_urn(reference) if reference else self._default(package, version, request.pluginDownloadURL, token)
        )
        instance = self._registry.instance(provider, token)
        if not self._registry.is_configured(provider) or self._declared.any_unresolved(request.dependsOn):
            return InvokeAnswer({}, unknown=True)
        answer = instance.invoke(token, wire.decode_struct(args), preview=self._preview)
        if answer.outputs is UNKNOWN:
            self.unanswered.append(token)
            return InvokeAnswer({}, unknown=True)
        return InvokeAnswer(for_sdk(answer.outputs), answer.problems)

    def _get_resource(self, urn: str) -> InvokeAnswer:
        resource = self._declared.by_urn.get(urn)
        if resource is None:
            raise LookupError(f"unknown resource {urn}")
        state = for_sdk(resource.outputs)
        return InvokeAnswer({"urn": urn, "id": _known_id(self._declared.ids[urn]), "state": state})


def _known_id(id_: Any) -> str:
    return "" if id_ is UNKNOWN or id_ is None else id_


def for_sdk(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """Outputs for a reply. The SDK takes a property that is missing in a preview as unknown."""
    return wire.for_sdk({name: value for name, value in outputs.items() if value is not UNKNOWN})


def with_secrets(outputs: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The outputs with those of the names marked secret that are there."""
    marked = dict(outputs)
    for name in names:
        if name in marked:
            marked[name] = wire.secret(marked[name])
    return marked
