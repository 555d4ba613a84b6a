"""A resource as the program asked for it: the fields of a registration, read from the engine's messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from sys import intern
from typing import Any

from modelyard.offline import wire


@dataclass(frozen=True, slots=True)
class Options:
    """Resource options that few resources set, by the names of Pulumi's documentation."""

    aliases: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    custom_timeouts: Mapping[str, str] = field(default_factory=dict)
    deleted_with: str = ""
    delete_before_replace: bool | None = None
    import_id: str = ""
    replace_on_changes: tuple[str, ...] = ()
    replace_with: tuple[str, ...] = ()
    retain_on_delete: bool | None = None
    external: bool = False
    """The resource is only read (``.get``): this program neither creates nor deletes it."""


NO_OPTIONS = Options()


@dataclass(slots=True)
class Registration:
    """What one RegisterResource call asks for, transforms applied."""

    type: str
    name: str
    parent: str
    custom: bool
    inputs: dict[str, Any]
    dependencies: set[str]
    property_dependencies: dict[str, tuple[str, ...]]
    provider: str
    providers: Mapping[str, str]
    protect: bool | None
    ignore_changes: tuple[str, ...]
    version: str
    plugin_download_url: str
    options: Options


def registration_of(request: Any) -> Registration:
    """The registration in a RegisterResourceRequest."""
    carried: set[str] = set()
    property_dependencies = {
        intern(name): tuple(sorted(map(intern, entry.urns)))
        for name, entry in request.propertyDependencies.items()
        if entry.urns
    }
    inputs: dict[str, Any] = {}
    for name, value in sorted(request.object.fields.items()):
        name = intern(name)
        inputs[name] = wire.decode(value, carried)
        if carried:
            merged = carried.union(property_dependencies.get(name, ()))
            property_dependencies[name] = tuple(sorted(merged))
            carried.clear()
    return Registration(
        type=intern(request.type),
        name=request.name,
        parent=intern(request.parent),
        custom=request.custom,
        inputs=inputs,
        dependencies=set(map(intern, request.dependencies)),
        property_dependencies=property_dependencies,
        provider=request.provider,
        providers=request.providers,
        protect=request.protect if request.HasField("protect") else None,
        ignore_changes=tuple(request.ignoreChanges),
        version=request.version,
        plugin_download_url=request.pluginDownloadURL,
        options=_options_of(request),
    )


def read_registration_of(request: Any) -> Registration:
    """The registration in a ReadResourceRequest: a resource that exists already."""
    return Registration(
        type=request.type,
        name=request.name,
        parent=request.parent,
        custom=True,
        inputs=wire.decode_struct(request.properties),
        dependencies=set(request.dependencies),
        property_dependencies={},
        provider=request.provider,
        providers={},
        protect=None,
        ignore_changes=(),
        version=request.version,
        plugin_download_url=request.pluginDownloadURL,
        options=Options(additional_secret_outputs=tuple(request.additionalSecretOutputs), external=True),
    )


def provider_registration(package: str, name: str) -> Registration:
    """The registration of a default provider, which the engine makes itself."""
    return Registration(
        type=f"pulumi:providers:{package}",
        name=name,
        parent="",
        custom=True,
        inputs={},
        dependencies=set(),
        property_dependencies={},
        provider="",
        providers={},
        protect=None,
        ignore_changes=(),
        version="",
        plugin_download_url="",
        options=NO_OPTIONS,
    )


def _options_of(request: Any) -> Options:
    timeouts = request.HasField("customTimeouts")
    retained = request.HasField("retainOnDelete")
    if not (
        request.aliases
        or request.additionalSecretOutputs
        or timeouts
        or request.deletedWith
        or request.deleteBeforeReplaceDefined
        or request.importId
        or request.replaceOnChanges
        or request.replace_with
        or retained
    ):
        return NO_OPTIONS
    return Options(
        aliases=tuple(map(_alias, request.aliases)),
        additional_secret_outputs=tuple(request.additionalSecretOutputs),
        custom_timeouts=_timeouts(request.customTimeouts) if timeouts else {},
        deleted_with=request.deletedWith,
        delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        import_id=request.importId,
        replace_on_changes=tuple(request.replaceOnChanges),
        replace_with=tuple(request.replace_with),
        retain_on_delete=request.retainOnDelete if retained else None,
    )


def transformed(registration: Registration, properties: Any, options: Any, own_transforms: bool) -> Registration:
    """The registration after its transforms: the properties and TransformResourceOptions that came back.

    As in the engine, a resource with transforms of its own takes all its dependencies from what they returned;
    transforms of parents and of the stack only add to what the request said.
    """
    inputs: dict[str, Any] = {}
    property_dependencies: dict[str, tuple[str, ...]] = {}
    dependencies = set(options.depends_on) if own_transforms else registration.dependencies
    for name, value in sorted(properties.fields.items()):
        carried: set[str] = set()
        inputs[name] = wire.decode(value, carried)
        if own_transforms:
            dependencies |= carried
        else:
            carried.update(registration.property_dependencies.get(name, ()))
        if carried:
            property_dependencies[name] = tuple(sorted(carried))
    timeouts = options.HasField("custom_timeouts")
    return Registration(
        type=registration.type,
        name=registration.name,
        parent=registration.parent,
        custom=registration.custom,
        inputs=inputs,
        dependencies=dependencies,
        property_dependencies=property_dependencies,
        provider=options.provider,
        providers=dict(options.providers),
        protect=options.protect if options.HasField("protect") else None,
        ignore_changes=tuple(options.ignore_changes),
        version=options.version,
        plugin_download_url=options.plugin_download_url,
        options=Options(
            aliases=tuple(map(_alias, options.aliases)),
            additional_secret_outputs=tuple(options.additional_secret_outputs),
            custom_timeouts=_timeouts(options.custom_timeouts) if timeouts else {},
            deleted_with=options.deleted_with,
            delete_before_replace=(
                options.delete_before_replace if options.HasField("delete_before_replace") else None
            ),
            import_id=getattr(options, "import"),
            replace_on_changes=tuple(options.replace_on_changes),
            replace_with=tuple(options.replace_with),
            retain_on_delete=options.retain_on_delete if options.HasField("retain_on_delete") else None,
        ),
    )


def _alias(alias: Any) -> str:
    """An alias as text: its URN, or the parts of its spec that are set."""
    if alias.HasField("urn"):
        return alias.urn
    spec = alias.spec
    parts = [f"{name}={getattr(spec, name)}" for name in ("name", "type", "stack", "project") if getattr(spec, name)]
    if spec.noParent:
        parts.append("noParent")
    elif spec.parentUrn:
        parts.append(f"parent={spec.parentUrn}")
    return ",".join(parts)


def _timeouts(timeouts: Any) -> dict[str, str]:
    named = {name: getattr(timeouts, name) for name in ("create", "update", "delete", "read")}
    return {name: value for name, value in named.items() if value}
