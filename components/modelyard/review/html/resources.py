"""Every resource as a tree of disclosure elements, with a filter."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ...page.element import safe
from ..conclusion import counted
from ..plan import PlanDocument
from ..resource_tree import Branch, branches, kind
from ..shown_inputs import shown_inputs

_INPUTS_UP_TO = 4000
"""Resources in a plan up to which the page carries their inputs; beyond, browsers grow slow."""
_ALL_UP_TO = 20_000
_SIBLINGS_BEYOND = 50
"""Of a parent's children, in a plan with more than ``_ALL_UP_TO`` resources."""


def resources_section(document: PlanDocument) -> Iterator[str]:
    total = sum(len(stack.graph) for stack in document.stacks)
    root = document.root if total <= _INPUTS_UP_TO else None
    siblings = None if total <= _ALL_UP_TO else _SIBLINGS_BEYOND
    yield '<section id="resources"><h2>Resources</h2>\n'
    yield '<div class="filter"><label for="filter">Filter by name, type or URN</label>'
    yield '<input id="filter" type="search" autocomplete="off" spellcheck="false" placeholder="for example gpu">'
    yield '<button type="button" id="expand">Open all</button> <button type="button" id="collapse">Close all</button>'
    yield '<p id="matches" class="quiet" role="status"></p></div>\n'
    if root is None:
        yield f'<p class="quiet">With {total:,} resources their inputs are left to the JSON document.</p>\n'
    yield '<div class="tree">\n'
    for stack in document.stacks:
        top = branches(stack.graph)
        number = sum(branch.deployed for branch in top)
        yield f'<details class="r" open data-s="{safe(stack.name.casefold())}"><summary><b>{safe(stack.name)}</b> '
        yield f'<span class="quiet">{counted(number, "resource", "resources")}</span></summary>\n'
        yield from _children(top, root, siblings)
        yield "</details>\n"
    yield "</div></section>\n"


def _children(children: list[Branch], root: str | None, siblings: int | None) -> Iterator[str]:
    ordered = [child for child in children if not child.resource.custom]
    ordered += [child for child in children if child.resource.custom]
    for child in ordered[:siblings]:
        yield from _branch(child, root, siblings)
    if siblings is not None and len(ordered) > siblings:
        yield f'<p class="quiet">and {len(ordered) - siblings:,} more in the JSON document</p>\n'


def _branch(branch: Branch, root: str | None, siblings: int | None) -> Iterator[str]:
    resource = branch.resource
    searched = f"{resource.name} {resource.type} {resource.urn}".casefold()
    yield f'<details class="r" data-s="{safe(searched)}"><summary>'
    yield f'<span class="kind">{safe(kind(resource.type))}</span> <span class="name">{safe(resource.name)}</span>'
    if branch.children:
        yield f' <span class="quiet">{counted(branch.deployed, "resource", "resources")}</span>'
    if resource.protect:
        yield ' <span class="level">protected</span>'
    yield "</summary>\n"
    yield f'<p class="urn">{safe(resource.urn)}</p>\n'
    if root is not None and resource.inputs:
        text = json.dumps(shown_inputs(resource, root), indent=2, ensure_ascii=False)
        yield f'<pre tabindex="0">{safe(text)}</pre>\n'
    yield from _children(branch.children, root, siblings)
    yield "</details>\n"
