"""Environment, stacks, components and resources as a tree."""

from __future__ import annotations

from rich.text import Text
from rich.tree import Tree

from ..conclusion import counted
from ..plan import PlanDocument, StackPlan, is_deployed
from ..resource_tree import Branch, branches, kind
from .section import SHOWN, Page

_KINDS = 4
"""Kinds of resources that a collapsed component names."""
_GUIDE = 4
"""Columns that each level of the tree is set in."""


def print_stacks(document: PlanDocument, page: Page) -> None:
    page.heading("Resources")
    tree = Tree(Text(page.text(document.environment), style="bold"), guide_style="dim")
    for stack in document.stacks:
        _add_stack(tree, stack, page)
    page.console.print(tree)


def _add_stack(tree: Tree, stack: StackPlan, page: Page) -> None:
    top = branches(stack.graph)
    label = Text(page.text(stack.name), style="bold cyan")
    number = sum(branch.deployed for branch in top)
    label.append(f"  {counted(number, 'resource', 'resources')}", style="not bold dim")
    node = tree.add(label)
    if len(stack.graph):
        _add_children(node, Branch(next(iter(stack.graph)), top), page, 2)


def _add_children(node: Tree, branch: Branch, page: Page, depth: int) -> None:
    room = page.console.width - _GUIDE * depth
    shown_of_type: dict[str, int] = {}
    hidden: dict[str, list[Branch]] = {}
    for child in branch.components:
        token = child.resource.type
        if not page.full and shown_of_type.get(token, 0) >= SHOWN:
            hidden.setdefault(token, []).append(child)
            continue
        shown_of_type[token] = shown_of_type.get(token, 0) + 1
        _add_children(node.add(_component(child, page, room)), child, page, depth + 1)
    for token, left in hidden.items():
        number = sum(child.deployed for child in left)
        text = f"… {len(left):,} more {kind(token)}, {counted(number, 'resource', 'resources')}; --full shows all"
        node.add(Text(page.text(text), style="dim"))
    if page.full:
        for leaf in branch.leaves:
            _add_resource(node, leaf, page)
    elif branch.leaf_kinds() and not _said_by_label(branch):
        node.add(Text(page.text(_kinds(branch, room)), style="dim"))


def _add_resource(node: Tree, leaf: Branch, page: Page) -> None:
    resource = leaf.resource
    label = Text(page.text(kind(resource.type)), style="" if is_deployed(resource) else "dim")
    label.append(f" {page.text(resource.name)}", style="dim")
    if resource.protect:
        label.append(" (protected)", style="yellow")
    added = node.add(label)
    for child in leaf.children:
        _add_resource(added, child, page)


def _component(branch: Branch, page: Page, room: int) -> Text:
    label = Text(page.text(kind(branch.resource.type)))
    label.append(f" {page.text(branch.resource.name)}", style="cyan")
    if not branch.deployed:
        return label
    about = counted(branch.deployed, "resource", "resources")
    if not page.full and _said_by_label(branch):
        about = _kinds(branch, room - label.cell_len - 2)
    label.append(f"  {page.text(about)}", style="dim")
    return label


def _said_by_label(branch: Branch) -> bool:
    """A component without components inside names its kinds beside its own name."""
    return not branch.resource.custom and branch.resource.type != "pulumi:pulumi:Stack" and not branch.components


def _kinds(branch: Branch, room: int) -> str:
    """As many of the kinds as there is room for in the line, or else the number of resources."""
    kinds = branch.leaf_kinds()
    total = sum(number for _, number in kinds)
    for shown in range(min(_KINDS, len(kinds)), 0, -1):
        said = [f"{number} {name}" if number > 1 else name for name, number in kinds[:shown]]
        left = sum(number for _, number in kinds[shown:])
        text = ", ".join([*said, f"{left:,} more"] if left else said)
        if len(text) <= room:
            return text
    return counted(total, "resource", "resources")
