"""The shorter ways through the SDK give what its own functions give."""

from __future__ import annotations

from contextlib import nullcontext

import pulumi
import pytest
from modelyard.offline import engine
from pulumi.runtime.resource import all_aliases

from .programs import Group, repository, run_program, urn


@pytest.mark.parametrize("shorter", [True, False])
def test_aliases_of_parents_and_children_are_the_same(shorter: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not shorter:
        monkeypatch.setattr(engine, "fast_paths", nullcontext)

    def program() -> None:
        renamed = pulumi.ResourceOptions(aliases=[pulumi.Alias(name="before"), pulumi.Alias(name="first", parent=None)])
        group = Group("group", renamed)
        child = [pulumi.Alias(type_="aws:ecr/old:Old")]
        repository("images", pulumi.ResourceOptions(parent=group, aliases=child))
        aliases = all_aliases(child, "images", "aws:ecr/repository:Repository", group)
        pulumi.export("aliases", pulumi.Output.all(*aliases))

    inside = "test:index:Group$aws:ecr/"
    both = [f"{inside}{each}" for each in ("repository:Repository", "old:Old")]
    assert run_program(program).outputs["aliases"] == [
        urn(both[1], "images"),
        *(urn(each, "images") for _ in ("before", "first") for each in both),
    ]
