"""Resource and invoke transforms, run in the program's own event loop.

The SDK offers its transforms to the engine through a callback server. The program and the engine share a process
here, so the callbacks are called as the coroutines that they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pulumi.runtime._callbacks import _CallbackServicer
from pulumi.runtime.proto import resource_pb2

from modelyard.offline import wire
from modelyard.offline.registration import Registration

Transform = str
"""The token under which the SDK registered a transform function."""


class LocalCallbacks(_CallbackServicer):
    """The SDK's registry of callbacks without its server."""

    def __init__(self, monitor: Any) -> None:
        self._callbacks = {}
        self._transforms = {}
        self._state_migrations = {}
        self._monitor = monitor
        self._target = "in-process"

    async def call(self, token: Transform, request: Any) -> Any:
        """The answer of the registered function to a request message."""
        return await self._callbacks[token](request.SerializeToString())


async def transform_resource(
    registration: Registration,
    request: Any,
    provider: str,
    chain: Iterable[Transform],
    callbacks: LocalCallbacks,
) -> tuple[Any, Any]:
    """The properties and TransformResourceOptions that the chain of transforms leaves, in its order."""
    properties = wire.to_struct(
        registration.inputs,
        output_values=True,
        property_dependencies=registration.property_dependencies if request.transforms else None,
    )
    options = _options_message(request, registration, provider)
    for token in chain:
        answer = await callbacks.call(
            token,
            resource_pb2.TransformRequest(
                name=request.name,
                type=request.type,
                custom=request.custom,
                parent=request.parent,
                properties=properties,
                options=options,
            ),
        )
        if answer.HasField("properties"):
            properties = answer.properties
        if answer.HasField("options"):
            options = answer.options
    return properties, options


async def transform_invoke(
    token: str, args: Any, provider: str, version: str, chain: Iterable[Transform], callbacks: LocalCallbacks
) -> tuple[Any, str, str]:
    """The arguments, provider reference and version that the chain of invoke transforms leaves."""
    options = resource_pb2.TransformInvokeOptions(provider=provider, version=version)
    for transform in chain:
        answer = await callbacks.call(
            transform, resource_pb2.TransformInvokeRequest(token=token, args=args, options=options)
        )
        if answer.HasField("args"):
            args = answer.args
        if answer.HasField("options"):
            options = answer.options
    return args, options.provider, options.version


def _options_message(request: Any, registration: Registration, provider: str) -> Any:
    options = resource_pb2.TransformResourceOptions(
        depends_on=request.dependencies,
        ignore_changes=request.ignoreChanges,
        replace_on_changes=request.replaceOnChanges,
        version=request.version,
        aliases=request.aliases,
        provider=provider,
        plugin_download_url=request.pluginDownloadURL,
        deleted_with=registration.options.deleted_with,
        additional_secret_outputs=request.additionalSecretOutputs,
        providers=request.providers,
        replace_with=request.replace_with,
        hide_diff=request.hideDiffs,
    )
    setattr(options, "import", request.importId)
    if registration.protect is not None:
        options.protect = registration.protect
    if registration.options.retain_on_delete is not None:
        options.retain_on_delete = registration.options.retain_on_delete
    if request.deleteBeforeReplaceDefined or request.deleteBeforeReplace:
        options.delete_before_replace = request.deleteBeforeReplace
    if request.HasField("customTimeouts"):
        options.custom_timeouts.CopyFrom(request.customTimeouts)
    return options
