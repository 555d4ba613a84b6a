"""The resource monitor: what the engine is to a running program, as an object in the program's own process.

It follows the engine's ResourceMonitor service (``proto/pulumi/resource.proto`` of pulumi/pulumi): the method
names are the service's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2, resource_pb2

from modelyard.graph import UNKNOWN, Resource
from modelyard.offline import transforms, unsupported, wire
from modelyard.offline.builtin_functions import STACK_REFERENCE_TYPE, BuiltinProvider
from modelyard.offline.provider_registry import NoProvider, ProviderRegistry, default_name, provider_urn
from modelyard.offline.refusal import Refusal
from modelyard.offline.registration import NO_OPTIONS, Options, Registration, registration_of, transformed
from modelyard.offline.simulated import SimulatedProvider
from modelyard.offline.urn import ROOT_STACK_TYPE, is_provider_type, make_urn, package_of

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


class Answer:
    """A reply to a registration or read, with the fields that the SDK reads and no message to encode."""

    __slots__ = ("id", "object", "propertyDependencies", "result", "unknown", "urn")

    def __init__(self, urn: str, id_: str, properties: Any, result: Any = resource_pb2.SUCCESS) -> None:
        self.urn = urn
        self.id = id_
        self.object = properties
        self.propertyDependencies = None
        self.result = result
        self.unknown = False

    @property
    def properties(self) -> Any:
        """The same under the name that a reply to a read has."""
        return self.object


class InvokeAnswer:
    """A reply to a function call."""

    def __init__(self, result: Mapping[str, Any], failures: Iterable[Any] = (), unknown: bool = False) -> None:
        setattr(self, "return", result)
        self.failures = [resource_failure(path, reason) for path, reason in failures]
        self.unknown = unknown


def resource_failure(path: str, reason: str) -> Any:
    return provider_pb2.CheckFailure(property=path, reason=reason)


class ResourceMonitor:
    """Takes registrations, asks providers, keeps the resources in order."""

    def __init__(
        self,
        *,
        project: str,
        stack: str,
        organization: str,
        registry: ProviderRegistry,
        builtin: BuiltinProvider,
        preview: bool,
        on_progress: Callable[[int, Resource], None] | None = None,
    ) -> None:
        self.resources: list[Resource] = []
        self.by_urn: dict[str, Resource] = {}
        self.options: dict[str, Options] = {}
        self.refusals: list[Refusal] = []
        self.unanswered: list[str] = []
        self.root: Resource | None = None
        self.callbacks = transforms.LocalCallbacks(self)
        self._project, self._stack, self._organization = project, stack, organization
        self._registry, self._builtin, self._preview = registry, builtin, preview
        self._on_progress = on_progress
        self._stack_transforms: list[transforms.Transform] = []
        self._invoke_transforms: list[transforms.Transform] = []
        self._transforms: dict[str, list[transforms.Transform]] = {}
        self._component_providers: dict[str, Mapping[str, str]] = {}
        self._inheritable: dict[str, Registration] = {}
        self._ids: dict[str, Any] = {}

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
        return self._register(registration_of(request))

    def RegisterResourceOutputs(self, request: Any) -> empty_pb2.Empty:
        resource = self.by_urn.get(request.urn)
        if resource is not None:
            resource.outputs.update(wire.decode_struct(request.outputs))
        return empty_pb2.Empty()

    def ReadResource(self, request: Any) -> Answer:
        if request.type == STACK_REFERENCE_TYPE:
            return self._read_stack_reference(request)
        urn = self._new_urn(request.parent, request.type, request.name)
        state = wire.decode_struct(request.properties)
        package = package_of(request.type)
        reference = request.provider or self._inherited_provider(request.parent, package)
        provider = self._provider_of(reference, request, package, request.type)
        instance = self._registry.instance(provider, request.type)
        id_ = UNKNOWN if request.id == wire.UNKNOWN_TEXT else request.id
        found = instance.read(request.type, urn, id_, state, preview=self._preview)
        outputs = _with_secrets(found.outputs, request.additionalSecretOutputs)
        resource = Resource(
            urn=urn,
            type=request.type,
            name=request.name,
            inputs=state,
            stack=self._stack,
            parent=request.parent or None,
            dependencies=tuple(sorted(request.dependencies)),
            provider=provider,
            outputs=outputs,
        )
        self.options[urn] = Options(additional_secret_outputs=tuple(request.additionalSecretOutputs), external=True)
        self._add(resource, found.id)
        return Answer(urn, "" if found.id is UNKNOWN else found.id, self._for_sdk(outputs))

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
        provider = self._effective_provider(registration)
        properties, options = await transforms.transform_resource(
            registration, request, provider, chain, self.callbacks
        )
        own = [callback.token for callback in request.transforms]
        answer = self._register(transformed(registration, properties, options, bool(own)))
        if own:
            self._transforms[answer.urn] = own
        return answer

    def _register(self, registration: Registration) -> Answer:
        if registration.parent:
            self._inherit(registration)
        try:
            urn = self._new_urn(registration.parent, registration.type, registration.name)
        except _Refused as refused:
            self.refusals.append(refused.refusal)
            return Answer(refused.refusal.urn, "", {}, resource_pb2.FAIL)
        if not registration.custom:
            return self._register_component(urn, registration)
        if is_provider_type(registration.type):
            return self._register_provider(urn, registration)
        package = package_of(registration.type)
        try:
            reference = self._effective_provider(registration)
            provider = self._provider_of(reference, registration, package, registration.type)
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
            self._add(self._resource(urn, registration, inputs, provider, {}), UNKNOWN, registration)
            return Answer(urn, "", {})
        created = instance.create(type_, urn, checked.inputs, preview=self._preview)
        options = registration.options
        outputs = created.outputs
        if options.additional_secret_outputs:
            outputs = _with_secrets(outputs, options.additional_secret_outputs)
        id_ = options.import_id or created.id
        self._add(self._resource(urn, registration, checked.inputs, provider, outputs), id_, registration)
        return Answer(urn, "" if id_ is UNKNOWN else id_, self._for_sdk(outputs))

    def _register_component(self, urn: str, registration: Registration) -> Answer:
        inherited = self._component_providers.get(registration.parent)
        providers = {**inherited, **registration.providers} if inherited else dict(registration.providers)
        if providers:
            self._component_providers[urn] = providers
        resource = self._resource(urn, registration, registration.inputs, None, {})
        if registration.type == ROOT_STACK_TYPE:
            self.root = resource
        self._add(resource, None, registration)
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
        outputs = _with_secrets(checked.inputs, registration.options.additional_secret_outputs)
        id_: Any = UNKNOWN if self._preview else configured
        self._add(self._resource(urn, registration, checked.inputs, None, outputs), id_, registration)
        return Answer(urn, "" if id_ is UNKNOWN else id_, self._for_sdk(outputs))

    def _resource(
        self,
        urn: str,
        registration: Registration,
        inputs: dict[str, Any],
        provider: str | None,
        outputs: dict[str, Any],
    ) -> Resource:
        return Resource(
            urn=urn,
            type=registration.type,
            name=registration.name,
            inputs=inputs,
            stack=self._stack,
            parent=registration.parent or None,
            custom=registration.custom,
            dependencies=tuple(sorted(registration.dependencies)),
            property_dependencies=registration.property_dependencies,
            provider=provider,
            protect=bool(registration.protect),
            ignore_changes=registration.ignore_changes,
            outputs=outputs,
        )

    def _add(self, resource: Resource, id_: Any, registration: Registration | None = None) -> None:
        urn = resource.urn
        self.by_urn[urn] = resource
        self.resources.append(resource)
        self._ids[urn] = id_
        if registration is not None:
            options = registration.options
            if options is not NO_OPTIONS:
                self.options[urn] = options
            if registration.protect is not None or options is not NO_OPTIONS:
                self._inheritable[urn] = registration
        if self._on_progress is not None:
            self._on_progress(len(self.resources), resource)

    def _refuse(
        self,
        urn: str,
        registration: Registration,
        problems: Iterable[tuple[str, str]],
        provider: str | None = None,
    ) -> Answer:
        """Note what is wrong, and go on with a resource whose outputs are all unknown."""
        self.refusals.extend(Refusal(urn, path, reason) for path, reason in problems)
        self._add(self._resource(urn, registration, registration.inputs, provider, {}), UNKNOWN, registration)
        return Answer(urn, "", {}, resource_pb2.FAIL)

    def _new_urn(self, parent: str, type_: str, name: str) -> str:
        urn = make_urn(self._stack, self._project, parent, type_, name)
        if parent and parent not in self.by_urn:
            raise _Refused(Refusal(urn, "", f"could not find parent resource {parent}"))
        if urn in self.by_urn:
            raise _Refused(Refusal(urn, "", f"Duplicate resource URN '{urn}'; try giving it a unique name"))
        return urn

    def _inherit(self, registration: Registration) -> None:
        parent = self._inheritable.get(registration.parent)
        if parent is None:
            return
        if registration.protect is None:
            registration.protect = parent.protect
        own, theirs = registration.options, parent.options
        deleted_with = own.deleted_with or theirs.deleted_with
        retain = theirs.retain_on_delete if own.retain_on_delete is None else own.retain_on_delete
        if (deleted_with, retain) != (own.deleted_with, own.retain_on_delete):
            registration.options = replace(own, deleted_with=deleted_with, retain_on_delete=retain)

    # Providers.

    def _effective_provider(self, registration: Registration) -> str:
        if registration.provider:
            return registration.provider
        package = package_of(registration.type)
        return registration.providers.get(package) or self._inherited_provider(registration.parent, package)

    def _inherited_provider(self, parent: str, package: str) -> str:
        return self._component_providers.get(parent, {}).get(package, "")

    def _provider_of(self, reference: str, request: Any, package: str, token: str) -> str:
        """The URN of the provider that a resource or function uses; a default one is registered when needed."""
        if reference:
            return provider_urn(reference)
        version = request.version
        url = getattr(request, "plugin_download_url", None) or getattr(request, "pluginDownloadURL", "")
        return self._registry.default_urn(package, version, url) or self._register_default(package, version, url, token)

    def _register_default(self, package: str, version: str, url: str, token: str) -> str:
        self._registry.check_default_allowed(package, token)
        type_, name = f"pulumi:providers:{package}", default_name(version, url)
        urn = make_urn(self._stack, self._project, None, type_, name)
        checked = self._registry.check(package, self._registry.default_inputs(package, version))
        if checked.problems:
            raise NoProvider("; ".join(reason for _path, reason in checked.problems))
        id_ = self._registry.configure(urn, package, checked.inputs)
        self._registry.remember_default(package, version, url, urn)
        resource = Resource(
            urn=urn,
            type=type_,
            name=name,
            inputs=checked.inputs,
            stack=self._stack,
            outputs=dict(checked.inputs),
        )
        self._add(resource, UNKNOWN if self._preview else id_)
        return urn

    # Reads and functions.

    def _read_stack_reference(self, request: Any) -> Answer:
        urn = self._new_urn(request.parent, request.type, request.name)
        provider = self._registry.default_urn("pulumi", "", "") or self._register_default(
            "pulumi", "", "", request.type
        )
        outputs, for_sdk = self._builtin.stack_reference(request.id)
        resource = Resource(
            urn=urn,
            type=request.type,
            name=request.name,
            inputs={"name": request.id},
            stack=self._stack,
            parent=request.parent or None,
            dependencies=tuple(sorted(request.dependencies)),
            provider=provider,
            outputs=outputs,
        )
        self.options[urn] = Options(external=True)
        self._add(resource, request.id)
        return Answer(urn, request.id, for_sdk)

    async def _invoke_transformed(self, request: Any) -> InvokeAnswer:
        args, provider, version = await transforms.transform_invoke(
            request.tok, request.args, request.provider, request.version, self._invoke_transforms, self.callbacks
        )
        return self._invoke(request, args, provider, version)

    def _invoke(self, request: Any, args: Any, reference: str, version: str) -> InvokeAnswer:
        token = request.tok
        if token == "pulumi:pulumi:getResource":
            return self._get_resource(wire.decode_struct(args)["urn"])
        package = package_of(token)
        provider = provider_urn(reference) if reference else self._default_for(package, version, request)
        instance = self._registry.instance(provider, token)
        if not self._registry.is_configured(provider) or self._unresolved(request.dependsOn):
            return InvokeAnswer({}, unknown=True)
        answer = instance.invoke(token, wire.decode_struct(args), preview=self._preview)
        if answer.outputs is UNKNOWN:
            self.unanswered.append(token)
            return InvokeAnswer({}, unknown=True)
        return InvokeAnswer(wire.for_sdk(answer.outputs), answer.problems)

    def _default_for(self, package: str, version: str, request: Any) -> str:
        url = request.pluginDownloadURL
        return self._registry.default_urn(package, version, url) or self._register_default(
            package, version, url, request.tok
        )

    def _get_resource(self, urn: str) -> InvokeAnswer:
        resource = self.by_urn.get(urn)
        if resource is None:
            raise LookupError(f"unknown resource {urn}")
        id_ = self._ids[urn]
        state = self._for_sdk(resource.outputs)
        return InvokeAnswer({"urn": urn, "id": "" if id_ is UNKNOWN or id_ is None else id_, "state": state})

    def _unresolved(self, urns: Iterable[str]) -> bool:
        """Whether a resource, or a child of a component, among ``urns`` has not been created."""
        pending = list(urns)
        while pending:
            resource = self.by_urn.get(pending.pop())
            if resource is None:
                continue
            if not resource.custom:
                pending.extend(child.urn for child in self.resources if child.parent == resource.urn)
            elif self._ids[resource.urn] is UNKNOWN:
                return True
        return False

    def _transform_chain(self, request: Any) -> list[transforms.Transform]:
        """Transforms in the engine's order: the resource's own, its ancestors' from the nearest, the stack's."""
        own = request.transforms
        if not own and not self._stack_transforms and not self._transforms:
            return []
        chain = [callback.token for callback in own]
        parent = self.by_urn.get(request.parent)
        while parent is not None:
            chain.extend(self._transforms.get(parent.urn, ()))
            parent = self.by_urn.get(parent.parent or "")
        return chain + self._stack_transforms

    def _for_sdk(self, outputs: Mapping[str, Any]) -> dict[str, Any]:
        if self._preview:
            # The SDK takes a property that is missing in a preview as unknown.
            return wire.for_sdk({name: value for name, value in outputs.items() if value is not UNKNOWN})
        return wire.for_sdk(outputs)


class _Refused(Exception):
    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(str(refusal))


def _with_secrets(outputs: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    marked = dict(outputs)
    for name in names:
        if name in marked:
            marked[name] = wire.secret(marked[name])
    return marked
