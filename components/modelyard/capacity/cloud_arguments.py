"""Arguments of components that only one cloud takes or needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from ..environment.cluster import SERVICE
from ..environment.problem import Problem
from ..environment.target import Cloud
from ..governance.argument_forms import form_problems


def argument_problems(
    component: str,
    cloud: Cloud,
    args: Mapping[str, Any],
    *,
    needed: Mapping[str, Sequence[str]],
    of_one_cloud: Mapping[str, Collection[str]],
) -> list[Problem]:
    """What is missing on this cloud, and what belongs to another; None counts as not given.

    Args:
        component: type and name of the component, for example ``GpuNodePool l4``.
        cloud: where it is made.
        args: what the user gave.
        needed: what each cloud cannot do without.
        of_one_cloud: what each cloud takes and no other does.
    """
    given = [key for key, value in args.items() if value is not None]
    strange = [
        Problem(component, key, f"is for {SERVICE[cast(Cloud, other)]}, and cloud is {cloud}; delete it")
        for other, keys in of_one_cloud.items()
        if other != cloud
        for key in given
        if key in keys and key not in of_one_cloud.get(cloud, ())
    ]
    found = [
        *(
            Problem(component, key, f"is missing, and {SERVICE[cloud]} needs it; add it")
            for key in needed.get(cloud, ())
            if key not in given
        ),
        *strange,
    ]
    told = {problem.path for problem in found}
    return [*found, *(problem for problem in form_problems(component, cloud, args) if problem.path not in told)]
