"""The resources that a program has declared so far, and what was wrong with some of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from sys import intern
from typing import Any

from modelyard.graph import UNKNOWN, Resource
from modelyard.offline.refusal import Refusal, Refused
from modelyard.offline.registration import NO_OPTIONS, Options, Registration
from modelyard.offline.urn import ROOT_STACK_TYPE, make_urn


class Declared:
    """Resources of one stack in registration order."""

    def __init__(self, project: str, stack: str, on_progress: Callable[[int, Resource], None] | None = None) -> None:
        self.resources: list[Resource] = []
        self.by_urn: dict[str, Resource] = {}
        self.ids: dict[str, Any] = {}
        """None for components."""
        self.options: dict[str, Options] = {}
        self.refusals: list[Refusal] = []
        self.root: Resource | None = None
        self._project, self._stack = project, stack
        self._on_progress = on_progress
        self._inheritable: dict[str, Registration] = {}
        self._children: dict[str, list[str]] = {}

    def new_urn(self, parent: str | None, type_: str, name: str) -> str:
        """The URN of a resource to be. Raises Refused when its parent is missing or it exists already."""
        urn = intern(make_urn(self._stack, self._project, parent, type_, name))
        if parent and parent not in self.by_urn:
            raise Refused(Refusal(urn, "", f"could not find parent resource {parent}"))
        if urn in self.by_urn:
            raise Refused(Refusal(urn, "", f"Duplicate resource URN '{urn}'; try giving it a unique name"))
        return urn

    def add(
        self,
        urn: str,
        registration: Registration,
        id_: Any,
        inputs: dict[str, Any],
        outputs: dict[str, Any],
        provider: str | None = None,
    ) -> Resource:
        """Keep the resource that came of a registration."""
        parent = registration.parent or None
        resource = Resource(
            urn=urn,
            type=registration.type,
            name=registration.name,
            inputs=inputs,
            stack=self._stack,
            parent=parent,
            custom=registration.custom,
            dependencies=tuple(sorted(registration.dependencies)),
            property_dependencies=registration.property_dependencies,
            provider=provider,
            protect=bool(registration.protect),
            ignore_changes=registration.ignore_changes,
            outputs=outputs,
        )
        self.by_urn[urn] = resource
        self.resources.append(resource)
        self.ids[urn] = id_
        if registration.type == ROOT_STACK_TYPE:
            self.root = resource
        elif parent is not None:
            self._children.setdefault(parent, []).append(urn)
        if registration.options is not NO_OPTIONS:
            self.options[urn] = registration.options
        if registration.protect is not None or registration.options is not NO_OPTIONS:
            self._inheritable[urn] = registration
        if self._on_progress is not None:
            self._on_progress(len(self.resources), resource)
        return resource

    def refuse(
        self,
        urn: str,
        registration: Registration,
        problems: Iterable[tuple[str, str]],
        provider: str | None = None,
    ) -> None:
        """Keep a resource with what is wrong with it, so that others may still refer to it."""
        self.refusals.extend(Refusal(urn, path, reason) for path, reason in problems)
        self.add(urn, registration, UNKNOWN, registration.inputs, {}, provider)

    def inherit(self, registration: Registration) -> None:
        """Fill in the options that a child takes from its parent."""
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

    def ancestors(self, urn: str) -> Iterable[str]:
        """The URN itself and those above it, the nearest first."""
        resource = self.by_urn.get(urn)
        while resource is not None:
            yield resource.urn
            resource = self.by_urn.get(resource.parent or "")

    def any_unresolved(self, urns: Iterable[str]) -> bool:
        """Whether one of them, or of a component's descendants among them, has an id that is not known yet."""
        pending = list(urns)
        while pending:
            urn = pending.pop()
            resource = self.by_urn.get(urn)
            if resource is None:
                continue
            if not resource.custom:
                pending.extend(self._children.get(urn, ()))
            elif self.ids[urn] is UNKNOWN:
                return True
        return False
