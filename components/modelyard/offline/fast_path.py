"""Shorter ways through the SDK for a program whose monitor is in its own process.

Each stands in for a function of the Pulumi SDK and gives its callers the same for less: some know that no network
lies between, some remember what only depends on a type. Where the installed SDK has other parameters its own
function stays, and a plan takes longer.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from types import ModuleType
from typing import Any

from pulumi import Alias, Resource
from pulumi import _types as sdk_types
from pulumi import resource as sdk_of_resources
from pulumi.output import Output, Unknown, _OutputData
from pulumi.runtime import resource as sdk_resource
from pulumi.runtime import rpc as sdk_rpc
from pulumi.runtime import settings as sdk_settings
from pulumi.runtime import stack as sdk_stack
from pulumi.runtime.proto import source_pb2

from modelyard.offline.loop import InlineLoop
from modelyard.offline.turns import Turns

_lock = threading.Lock()
_users = 0


@contextmanager
def fast_paths() -> Iterator[None]:
    """Take the shorter ways while the block runs. Programs in other threads are not affected."""
    global _users
    with _lock:
        if not _users:
            _install(1)
        _users += 1
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if not _users:
                _install(0)


def _get_stack_trace() -> source_pb2.StackTrace:
    """No trace: nobody here shows where in a program a resource was made, and it takes long to tell."""
    return source_pb2.StackTrace()


def transfer_properties(res: Any, props: Iterable[str], custom: bool) -> dict[str, Callable[..., None]]:
    """An output for each property, with one future for all that it holds instead of four and a task."""
    resolvers: dict[str, Callable[..., None]] = {}
    for name in props:
        if name == "urn" or (name == "id" and custom):
            continue
        data = asyncio.get_running_loop().create_future()
        resolvers[name] = partial(_resolve, res, data)
        res.__dict__[name] = _output(data)
    return resolvers


def resource_output(res: Any) -> tuple[Callable[[Any, bool, bool, Exception | None], None], Any]:
    """The output of a URN or an id. Its registration is waited for, so that it need not be."""
    data = asyncio.get_running_loop().create_future()

    def resolve(value: Any, known: bool, secret: bool, exn: Exception | None) -> None:
        _resolve(res, data, value, known, secret, None, exn)

    return resolve, _output(data)


def _resolve(
    resource: Any,
    data: asyncio.Future[Any],
    value: Any,
    is_known: bool,
    is_secret: bool,
    deps: set[Any] | None,
    failed: Exception | None,
) -> None:
    if failed is not None:
        data.set_exception(failed)
        return
    sources = {*deps, resource} if deps else {resource}
    data.set_result(_OutputData(resources=sources, value=value, is_known=is_known, is_secret=is_secret))


def create_urn(name: Any, type_: Any, parent: Any = None, project: str | None = None, stack: str | None = None) -> Any:
    """A URN made of texts is known at once."""
    if not (isinstance(name, str) and isinstance(type_, str) and isinstance(parent, str)):
        return _create_urn(name, type_, parent, project, stack)
    return _known(_child_urn(parent, type_, name))


_create_urn = sdk_resource.create_urn


def collapse_alias_to_urn(alias: Any, defaultName: str, defaultType: str, defaultParent: Any) -> Any:
    """One future for an alias below a resource: a type of Azure has one for each version of its API, a hundred in
    all."""
    if isinstance(alias, Alias) and alias.project is ... and alias.stack is ...:
        name = defaultName if alias.name is ... else alias.name
        type_ = defaultType if alias.type_ is ... else alias.type_
        parent = defaultParent if alias.parent is ... else alias.parent
        if isinstance(name, str) and isinstance(type_, str) and isinstance(parent, Resource):
            data = asyncio.get_running_loop().create_future()
            parent.urn._data.add_done_callback(partial(_resolve_alias, data, type_, name))
            return _output(data)
    return _collapse_alias_to_urn(alias, defaultName, defaultType, defaultParent)


_collapse_alias_to_urn = sdk_resource.collapse_alias_to_urn


def _resolve_alias(data: asyncio.Future[Any], type_: str, name: str, parent: asyncio.Future[Any]) -> None:
    if parent.cancelled() or parent.exception() is not None:
        data.cancel()
        return
    urn = parent.result()
    value = _child_urn(urn.value, type_, name) if urn.is_known else None
    data.set_result(_OutputData(resources=set(), value=value, is_known=urn.is_known, is_secret=False))


def _child_urn(parent: str, type_: str, name: str) -> str:
    return f"{parent[: parent.rfind('::')]}${type_}::{name}"


def _known(value: str) -> Any:
    data = asyncio.get_running_loop().create_future()
    data.set_result(_OutputData(resources=set(), value=value, is_known=True, is_secret=False))
    return _output(data)


def _output(data: asyncio.Future[Any]) -> Any:
    output = object.__new__(Output)
    output._data = data
    return output


def __init__(self: Any, resources: Any, future: Any, is_known: Any, is_secret: Any = None) -> None:
    """An output whose parts are awaited one after the other: where one fails, those after it are closed, and Python
    does not warn of each on standard error."""
    _init_output(self, resources, future, is_known, is_secret)
    parts = [part for part in (resources, future, is_known, is_secret) if inspect.iscoroutine(part)]
    if parts:
        self._data.add_done_callback(lambda _: [part.close() for part in parts])


_init_output = Output.__init__


async def wait_for_rpcs(await_all_outstanding_tasks: bool = True) -> None:
    """Wait until nothing can go on by itself, and leave the rest and the failures to the SDK.

    The SDK waits for the first of all the outputs that are pending, again and again: quadratic in their number.
    """
    loop, calls = asyncio.get_running_loop(), sdk_settings._get_rpc_manager()
    if isinstance(loop, InlineLoop):
        await loop.idle()
    if isinstance(calls, Turns):
        calls.forget_finished()
    await _wait_for_rpcs(await_all_outstanding_tasks)


_wait_for_rpcs = sdk_stack.wait_for_rpcs


def contains_unknowns(val: Any) -> bool:
    """Whether an unknown is anywhere inside, without a closure that refers to itself and waits for the collector."""
    if type(val) in _ATOMS:
        return False
    seen: set[int] = set()
    pending = [val]
    while pending:
        value = pending.pop()
        if isinstance(value, Unknown):
            return True
        if isinstance(value, dict | list) and id(value) not in seen:
            seen.add(id(value))
            # An output type is a dict whose own properties may be called items and values.
            pending.extend([value[key] for key in value] if isinstance(value, dict) else value)
    return False


def serialize_property(
    value: Any,
    deps: list[Any] | None,
    property_key: str | None,
    resource_obj: Any = None,
    input_transformer: Callable[[str], str] | None = None,
    typ: Any = None,
    keep_output_values: bool = False,
    exclude_resource_refs_from_deps: bool = False,
    return_protobuf_value: bool = False,
) -> Coroutine[Any, Any, Any]:
    """A text, a number or nothing is sent as it is, whatever its declared type."""
    if type(value) in _ATOMS and not return_protobuf_value:
        return _at_once(value)
    return _serialize_property(
        value,
        deps,
        property_key,
        resource_obj,
        input_transformer,
        typ,
        keep_output_values,
        exclude_resource_refs_from_deps,
        return_protobuf_value,
    )


async def _at_once(value: Any) -> Any:
    return value


_serialize_property = sdk_rpc.serialize_property
_ATOMS = frozenset((str, bool, int, float, type(None)))

_Path = tuple[ModuleType | type, str, tuple[Callable[..., Any], Callable[..., Any]]]


def _here(module: ModuleType | type, shorter: Callable[..., Any]) -> Iterator[_Path]:
    """A way that only an ``InlineLoop`` takes."""
    for _, name, (original, _) in _anywhere(module, shorter):

        @functools.wraps(original)
        def choose(*args: Any, _original: Any = original, **kwargs: Any) -> Any:
            inline = isinstance(asyncio._get_running_loop(), InlineLoop)
            return (shorter if inline else _original)(*args, **kwargs)

        yield module, name, (original, choose)


def _anywhere(module: ModuleType | type, shorter: Callable[..., Any]) -> Iterator[_Path]:
    """A way that gives the same everywhere."""
    original = getattr(module, shorter.__name__, None)
    if original is not None and _parameters(original) == _parameters(shorter):
        yield module, shorter.__name__, (original, shorter)


def _remembered(module: ModuleType, *names: str) -> Iterator[_Path]:
    """Answers that only depend on a type."""
    for name in names:
        original = getattr(module, name, None)
        if original is not None and len(_parameters(original)) == 1:
            yield module, name, (original, functools.cache(original))


def _parameters(function: Callable[..., Any]) -> list[str]:
    return list(inspect.signature(function).parameters)


_PATHS = [
    *_here(sdk_resource, _get_stack_trace),
    *_here(sdk_resource, resource_output),
    *_here(sdk_resource, create_urn),
    *_here(sdk_resource, collapse_alias_to_urn),
    *_here(sdk_of_resources, collapse_alias_to_urn),
    *_here(Output, __init__),
    *_here(sdk_stack, wait_for_rpcs),
    *_here(sdk_rpc, transfer_properties),
    *_anywhere(sdk_rpc, contains_unknowns),
    *_anywhere(sdk_rpc, serialize_property),
    *_remembered(
        sdk_types,
        "input_type_py_to_pulumi_names",
        "input_type_types",
        "resource_pulumi_to_py_names",
        "resource_types",
        "unwrap_optional_type",
        "unwrap_type",
    ),
]


def _install(which: int) -> None:
    """The SDK's own functions (0) or the shorter ones (1)."""
    for module, name, functions in _PATHS:
        setattr(module, name, functions[which])
