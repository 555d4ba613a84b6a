"""Names that must exist, be free, or agree, across all files of an environment.

Everything here reads the files' data as they are, valid or not, so that these mistakes are told together with the
others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .address_ranges import overlapping_ranges
from .credential import shown
from .known_name import unknown
from .names import reserved_department
from .patterns import NAME_PATTERN
from .yaml_document import Steps

_HOSTNAME_LIMIT = 253
_NAMED = {"models": "model", "graphs": "graph", "pipelines": "pipeline"}
"""Lists of a department whose items have hosts, and objects in its namespace, by their names."""


@dataclass(frozen=True, slots=True)
class DeclaredFile:
    """A file as errors name it, and its data."""

    file: str
    stem: str
    data: dict[str, Any]


Found = Iterator[tuple[str, Steps, str]]
"""File, where in it, and the sentence."""


def wrong_references(
    folder: str, platform: DeclaredFile | None, departments: list[DeclaredFile], stems: list[str]
) -> Found:
    """Every broken reference between the files.

    Args:
        folder: name of the environment's folder.
        platform: None when ``platform.yaml`` could not be read; references to clusters are then passed over.
        departments: the files that could be read.
        stems: names of all departments' files, readable or not.
    """
    clusters: dict[str, dict[str, Any]] | None = None
    if platform is not None:
        yield from _platform(folder, platform)
        clusters = {
            item["name"]: item for _, item in _items(platform.data, "clusters") if isinstance(item.get("name"), str)
        }
    owners: dict[str, str] = {}
    for department in departments:
        yield from _department(department, stems, platform, owners, clusters)


def _platform(folder: str, platform: DeclaredFile) -> Found:
    file, data = platform.file, platform.data
    environment = data.get("environment")
    if isinstance(environment, str) and environment != folder:
        yield file, ("environment",), f"{shown(environment)} must be {folder!r}, the name of the folder"
    yield from _repeated_names(file, data, "clusters", "cluster", ())
    monitoring = data.get("monitoring")
    if isinstance(monitoring, dict):
        yield from _repeated_names(file, monitoring, "receivers", "receiver", ("monitoring",))
    registry = data.get("image_registry")
    if isinstance(registry, dict):
        yield from _repeated_texts(file, registry.get("repositories"), ("image_registry", "repositories"), "repository")
    for position, cluster in _items(data, "clusters"):
        yield from _cluster(file, cluster, ("clusters", position), data.get("aws_account_id"))
    for steps, message in overlapping_ranges(_items(data, "clusters")):
        yield file, steps, message


def _cluster(file: str, cluster: dict[str, Any], steps: Steps, account: Any) -> Found:
    yield from _pool_names(file, cluster, steps)
    existing = cluster.get("existing")
    if isinstance(existing, dict) and "kubeconfig" in existing:
        for key, noun in (("gpu_pools", "GPU pools"), ("cpu_pools", "CPU pools")):
            if cluster.get(key):
                message = (
                    f"{noun} cannot be added to a cluster that is reached by kubeconfig; delete them, or name the "
                    "cluster of EKS, GKE or AKS"
                )
                yield file, (*steps, key), message
    access = cluster.get("api_access")
    admins = access.get("admins") if isinstance(access, dict) else None
    for position, arn in enumerate(admins if isinstance(admins, list) else ()):
        parts = arn.split(":") if isinstance(arn, str) else []
        if isinstance(account, str) and len(parts) > 5 and parts[4].isdigit() and parts[4] != account:
            yield (
                file,
                (*steps, "api_access", "admins", position),
                (f"{shown(arn)} is a role of account {parts[4]}; aws_account_id is {account!r}"),
            )


def _pool_names(file: str, cluster: dict[str, Any], steps: Steps) -> Found:
    """Each pool has a name of its own, and so has the floor of each that has one."""
    seen: dict[str, str] = {"system": "that of the system nodes"}
    floors = {
        f"{pool.get('name')}-floor": f"that of the floor of pool {shown(pool.get('name'))}"
        for key in ("gpu_pools", "cpu_pools")
        for _, pool in _items(cluster, key)
        if isinstance(pool.get("spot"), dict) and pool["spot"].get("on_demand_floor")
    }
    for key in ("gpu_pools", "cpu_pools"):
        for position, pool in _items(cluster, key):
            name = pool.get("name")
            if not isinstance(name, str):
                continue
            if name in seen or name in floors:
                message = f"{shown(name)} is {seen.get(name) or floors[name]}; rename one"
                yield file, (*steps, key, position, "name"), message
            seen.setdefault(name, "the name of an earlier pool")


def _department(
    department: DeclaredFile,
    stems: list[str],
    platform: DeclaredFile | None,
    owners: dict[str, str],
    clusters: dict[str, dict[str, Any]] | None,
) -> Found:
    file, data = department.file, department.data
    name = data.get("department")
    if isinstance(name, str):
        if name != department.stem and re.fullmatch(NAME_PATTERN, department.stem):
            yield file, ("department",), f"{shown(name)} must be {department.stem!r}, the name of the file"
        elif name != department.stem and re.fullmatch(NAME_PATTERN, name):
            yield file, ("department",), f"{shown(name)} must be the name of the file too; rename it to {name}.yaml"
        if reserved_department(name):
            yield (
                file,
                ("department",),
                f"{shown(name)} is a reserved name; choose another for the department and its file",
            )
    gateway = platform.data.get("gateway") if platform else None
    domain = gateway.get("domain") if isinstance(gateway, dict) else None
    for key, noun in _NAMED.items():
        for position, item in _items(data, key):
            steps = (key, position)
            own = item.get("name")
            if isinstance(own, str):
                if own in owners:
                    yield (
                        file,
                        (*steps, "name"),
                        f"{shown(own)} is already the name of {owners[own]}; names are unique in an environment",
                    )
                owners.setdefault(own, f"a {noun} in {file}")
            if key == "models":
                yield from _owner(file, steps, item, department.stem, stems)
            if clusters is not None:
                yield from _clusters(file, steps, item, clusters)
                if key == "models":
                    yield from _pools(file, steps, item, clusters)
                if isinstance(own, str) and isinstance(domain, str):
                    yield from _hostnames(file, steps, own, item, domain, clusters)


def _owner(file: str, steps: Steps, model: dict[str, Any], stem: str, stems: list[str]) -> Found:
    owner = model.get("department")
    if not isinstance(owner, str) or owner == stem:
        return
    if owner in stems:
        yield (
            file,
            (*steps, "department"),
            f"{shown(owner)} has a file of its own; move the model to departments/{owner}.yaml",
        )
    else:
        yield file, (*steps, "department"), unknown("a department of this environment", owner, stems)


def _clusters(file: str, steps: Steps, item: dict[str, Any], clusters: dict[str, dict[str, Any]]) -> Found:
    yield from _repeated_texts(file, item.get("clusters"), (*steps, "clusters"), "cluster")
    for position, name in enumerate(item["clusters"] if _named_clusters(item) else ()):
        if isinstance(name, str) and name not in clusters:
            yield (
                file,
                (*steps, "clusters", position),
                unknown("a cluster of this environment", name, clusters),
            )


def _named_clusters(item: dict[str, Any]) -> list[str]:
    named = item.get("clusters")
    return [name for name in named if isinstance(name, str)] if isinstance(named, list) else []


def _pools(file: str, steps: Steps, model: dict[str, Any], clusters: dict[str, dict[str, Any]]) -> Found:
    named = _named_clusters(model)
    serving = {name: clusters[name] for name in named or clusters if name in clusters}
    for key in ("pool", "overflow_pool"):
        pool = model.get(key)
        if not isinstance(pool, str):
            continue
        without: dict[str, list[str]] = {}
        kinds = ("gpu_pools", "cpu_pools") if key == "pool" else ("gpu_pools",)
        for name, cluster in serving.items():
            # Pods reach system nodes by naming no pool.
            items = [item for kind in kinds for _, item in _items(cluster, kind) if item.get("system") is not True]
            pools = [item["name"] for item in items if isinstance(item.get("name"), str)]
            if pool not in pools:
                without[name] = pools
        if without:
            has_both = any(clusters[name].get("cpu_pools") for name in without) and key == "pool"
            noun = f"a {'' if has_both else 'GPU '}pool of cluster {' or '.join(map(repr, without))}"
            known = dict.fromkeys(name for pools in without.values() for name in pools)
            yield file, (*steps, key), unknown(noun, pool, known)
    pool = model.get("pool")
    if isinstance(pool, str) and pool == model.get("overflow_pool"):
        yield (
            file,
            (*steps, "overflow_pool"),
            f"{shown(pool)} is the pool of the guaranteed replicas too; name another, or leave it out",
        )


def _hostnames(
    file: str, steps: Steps, own: str, model: dict[str, Any], domain: str, clusters: dict[str, dict[str, Any]]
) -> Found:
    if len(own) + len(domain) + 22 <= _HOSTNAME_LIMIT:
        return
    named = model.get("clusters") or list(clusters)
    for name in named if isinstance(named, list) else ():
        length = len(f"{own}.{name}.{domain}")
        if length > _HOSTNAME_LIMIT:
            yield (
                file,
                (*steps, "name"),
                (
                    f"the host name of {shown(own)} on cluster {name!r} has {length} characters; DNS allows "
                    f"{_HOSTNAME_LIMIT}: shorten gateway.domain"
                ),
            )


def _repeated_names(file: str, data: dict[str, Any], key: str, noun: str, steps: Steps) -> Found:
    seen: set[str] = set()
    for position, item in _items(data, key):
        name = item.get("name")
        if isinstance(name, str):
            if name in seen:
                yield (
                    file,
                    (*steps, key, position, "name"),
                    f"{shown(name)} is the name of an earlier {noun}; rename one",
                )
            seen.add(name)


def _repeated_texts(file: str, texts: Any, steps: Steps, noun: str) -> Found:
    seen: set[str] = set()
    for position, text in enumerate(texts if isinstance(texts, list) else ()):
        if isinstance(text, str):
            if text in seen:
                yield file, (*steps, position), f"the {noun} {shown(text)} is named twice; delete one"
            seen.add(text)


def _items(data: dict[str, Any], key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    items = data.get(key)
    for position, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield position, item
