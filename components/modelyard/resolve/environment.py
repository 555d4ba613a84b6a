"""An environment decided: every choice that can be wrong, before the first resource is declared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from ..environment.access import contradictions
from ..environment.department import Department
from ..environment.environment import Environment
from ..environment.model import Model
from ..environment.problem import InvalidEnvironment, Problem
from ..environment.yaml_document import Steps
from .claims import claimed, has_host
from .cluster import decide_cluster
from .controllers import controllers_of, findings_of, kserve_is_there
from .environment_notices import add_environment_notices
from .finding import Finding
from .format import served_format, unfit_repository
from .graphs import graph_notices, pod_security_notices, resolved_graphs, resolved_pipelines, unfit_graphs
from .image import ServerImage, decide_image, unbuilt
from .image_build import ImageBuilds
from .image_verification import verification_findings, verification_notices
from .managed import Endpoints, target_findings
from .model import decide_pools
from .model_disk import disk_notices, disks_of, seldon_volume, unheld_model, written_by
from .names import hostname
from .node_drain import drain_notice, least_minutes
from .notices import Notices
from .objective import decide_sizing
from .offering import offering_findings
from .placed_model import PlacedModel
from .pool_room import PoolRoom, Resident, scaled_by
from .quota import account_quota_problems, quota_findings
from .repository import ModelRepository, nothing_new
from .resolved import (
    Artefact,
    ChosenTarget,
    Resolution,
    ResolvedCluster,
    ResolvedEndpoint,
    ResolvedModel,
)
from .rollout import STATEFUL, decide_rollout
from .rollout_notices import add_rollout_notices
from .runtime import unfit
from .served_accelerator import unserved_repository
from .source import Source, SourceReader
from .storage import storage_findings
from .weights import overfull_cache, size_bytes, streams, unfit_weights, unkept_model


def resolve(environment: Environment, *, compare_declared: bool = True) -> Resolution:
    """Decide pools, images, artefacts, sizes and rollouts of a whole environment.

    Reads the catalogue and the models' folders, and nothing else.

    Args:
        environment: as declared.
        compare_declared: whether models that name their target are compared too, for a plan to show.

    Raises:
        InvalidEnvironment: something cannot work as declared; holds every problem, each with the declaration's file,
            line and path.
    """
    return _Resolving(environment, compare_declared).resolution()


class _Resolving:
    """One run of :func:`resolve`."""

    def __init__(self, environment: Environment, compare_declared: bool) -> None:
        self._environment = environment
        self._compare_declared = compare_declared
        self._problems: list[Problem] = []
        self._notices = Notices()
        self._sources = SourceReader(environment.folder)
        self._builds = ImageBuilds(environment)
        self._images: dict[tuple[str, str, str | None, str | None, str | None, bool], ServerImage | list] = {}

    def resolution(self) -> Resolution:
        clusters = self._clusters()
        choices = self._choices(clusters)
        self._access()
        self._names(clusters)
        broken = bool(self._problems)
        placed = [
            placement
            for department in self._environment.departments
            for position, model in enumerate(department.models)
            if not model.is_managed and model.target != "auto"
            for placement in self._placements(department, position, model, clusters)
        ]
        endpoints = self._endpoints()
        rooms = self._rooms(clusters, placed) if not broken else {}
        models = tuple(self._resolved(placement, rooms) for placement in placed) if not broken else ()
        if self._problems:
            raise InvalidEnvironment(self._in_order())
        add_environment_notices(self._notices, self._environment, clusters, placed, endpoints)
        clusters = tuple(_with_controllers(each, placed) for each in clusters)
        known = [cluster.declared.name for cluster in clusters]
        for sentence in (*graph_notices(self._environment), *pod_security_notices(self._environment, known)):
            self._notices.add(sentence)
        decided = Resolution(
            self._environment,
            clusters,
            models,
            (),
            tuple(resolved_graphs(self._environment, known)),
            tuple(resolved_pipelines(self._environment, known)),
            endpoints,
            choices,
        )
        for sentence in verification_notices(decided):
            self._notices.add(sentence)
        return replace(decided, notices=self._notices.sentences())

    def _access(self) -> None:
        """What callers are asked for has to go together, and on the internet it has to be said."""
        gateway = self._environment.platform.gateway
        for path, message in contradictions(gateway.access, reach=gateway.reach):
            self._add(None, ("gateway", "access", *path.split(".")), message)
        for department in self._environment.departments:
            for position, model in enumerate(department.models):
                if model.access is not None:
                    for path, message in contradictions(gateway.access, model.access, reach=gateway.reach):
                        found = Finding(("access", *path.split(".")), message)
                        self._tell(department, position, model, [found])

    def _names(self, clusters: tuple[ResolvedCluster, ...]) -> None:
        """Names that two claim, and what graphs and pipelines ask for."""
        known = [cluster.declared.name for cluster in clusters]
        for department, steps, message in (
            *claimed(self._environment, known),
            *unfit_graphs(self._environment, known),
        ):
            self._add(department, steps, message)

    def _clusters(self) -> tuple[ResolvedCluster, ...]:
        platform = self._environment.platform
        decided: list[ResolvedCluster] = []
        for position, cluster in enumerate(platform.clusters):
            found, findings = decide_cluster(
                cluster,
                environment=platform.environment,
                managed=platform.managed,
            )
            decided.append(found)
            for steps, message in findings:
                suffix = "" if "(pool " in message else f" (cluster {cluster.name!r})"
                self._add(None, ("clusters", position, *steps), message + suffix)
            for steps, message in offering_findings(self._environment.account, position, found):
                self._add(None, steps, message)
        for steps, message in quota_findings(platform.quotas, decided):
            self._add(None, ("quotas", *steps), message)
        self._problems += account_quota_problems(self._environment, decided)
        for steps, message in (*storage_findings(platform), *verification_findings(platform)):
            self._add(None, steps, message)
        return tuple(decided)

    def _choices(self, clusters: tuple[ResolvedCluster, ...]) -> tuple[ChosenTarget, ...]:
        """From here on ``auto`` is what is chosen."""
        declared = self._compare_declared
        if not any(_is_compared(model, declared) for _, model in self._environment.models()):
            return ()
        from .target_choice import choice_notice, decide_targets

        self._environment, found, told = decide_targets(
            self._environment, clusters, self._sources, self._image, lambda model: _is_compared(model, declared)
        )
        for department, position, model, wrong in told:
            self._tell(department, position, model, wrong)
        for chosen in found:
            if chosen.taken:
                self._notices.add(choice_notice(chosen))
        return found

    def _endpoints(self) -> tuple[ResolvedEndpoint, ...]:
        deciding = Endpoints(self._environment, self._sources, self._image, self._notices)
        decided: list[ResolvedEndpoint] = []
        for department in self._environment.departments:
            for position, model in enumerate(department.models):
                found = target_findings(model, self._environment)
                if model.is_managed and not found:
                    endpoints, found = deciding.decide(department, model)
                    decided += endpoints
                self._tell(department, position, model, found)
        return tuple(decided)

    def _placements(
        self, department: Department, position: int, model: Model, clusters: tuple[ResolvedCluster, ...]
    ) -> list[PlacedModel]:
        source = self._sources.read(model)
        image = self._image(model)
        findings = [*(source if isinstance(source, list) else ()), *(image if isinstance(image, list) else ())]
        platform = self._environment.platform
        findings += unfit(model, platform.gateway.access, platform.image_registry.repositories)
        decided = image if isinstance(image, ServerImage) else None
        repository = None
        if isinstance(source, Source) and decided is not None:
            repository = ModelRepository(model, source, decided.release_name, self._sources)
            built = repository.decided()
            if isinstance(built, list):
                findings, repository = [*findings, *built], None
            elif refused := unfit_repository(model, built):
                findings.append(refused)
        placements: list[PlacedModel] = []
        for cluster in clusters:
            if model.clusters and cluster.declared.name not in model.clusters:
                continue
            findings += [*findings_of(cluster.declared, model), *unfit_weights(model, cluster.declared)]
            pools = decide_pools(model, cluster, decided)
            if isinstance(pools, list):
                told = {finding.steps for finding in findings if isinstance(finding, Finding)}
                findings += [finding for finding in pools if finding.steps not in told]
            elif isinstance(source, Source) and repository is not None and decided is not None:
                findings += [*unserved_repository(model, pools[0], repository.decided()), *unbuilt(decided, pools)]
                if model.pool is None and pools[0] is not None:
                    findings += overfull_cache(model, pools[0].declared)
                placements.append(
                    PlacedModel(department, position, model, cluster, *pools, decided, source, repository)
                )
        self._tell(department, position, model, findings)
        return placements

    def _image(self, model: Model) -> ServerImage | list:
        repositories = self._environment.platform.image_registry.repositories
        build = self._builds.decide(model)
        if build is not None:
            return build if isinstance(build, list) else decide_image(model, repositories, build)
        key = (model.runtime, model.server, model.format, model.release, model.image, model.resources.gpus > 0)
        if key not in self._images:
            self._images[key] = decide_image(model, repositories)
        return self._images[key]

    def _rooms(
        self, clusters: tuple[ResolvedCluster, ...], placed: list[PlacedModel]
    ) -> dict[tuple[str, str], PoolRoom]:
        residents: dict[tuple[str, str], list[Resident]] = defaultdict(list)
        for each in placed:
            if each.pool is not None:
                other = each.overflow.declared.name if each.overflow else None
                residents[each.pool.cluster, each.pool.declared.name].append(Resident(each.model, "guaranteed", other))
            if each.pool is not None and each.overflow is not None:
                resident = Resident(each.model, "overflow", each.pool.declared.name)
                residents[each.overflow.cluster, each.overflow.declared.name].append(resident)
        rooms: dict[tuple[str, str], PoolRoom] = {}
        for cluster in clusters:
            for pool in cluster.gpu_pools:
                key = (cluster.declared.name, pool.declared.name)
                rooms[key] = PoolRoom(pool, scaled_by(cluster.declared), residents.get(key, []), rooms)
        for index, cluster in enumerate(clusters):
            for position, pool in enumerate(cluster.gpu_pools):
                room = rooms[cluster.declared.name, pool.declared.name]
                if room.shortage:
                    self._add(None, ("clusters", index, "gpu_pools", position, "max_nodes"), room.shortage)
                for notice in room.notices:
                    self._notices.add(notice)
        return rooms

    def _resolved(self, placed: PlacedModel, rooms: dict[tuple[str, str], PoolRoom]) -> ResolvedModel:
        model, cluster = placed.model, placed.cluster
        pools = [pool for pool in (placed.pool, placed.overflow) if pool is not None]
        with_room = [
            pool.declared.name for pool in pools if rooms[pool.cluster, pool.declared.name].one_more(model.resources)
        ]
        rollout = decide_rollout(tuple(with_room), tuple(pool.declared.name for pool in pools))
        if model.runtime == "seldon":
            rollout = STATEFUL
        add_rollout_notices(self._notices, model, rollout)
        unsized = placed.repository.decided()
        repository = None if isinstance(unsized, list) else unsized
        sizing, findings = decide_sizing(model, placed.pool, placed.source, repository, rooms, self._notices)
        if sizing is not None and not findings:
            sized = placed.repository.decided(sizing.settings)
            findings = sized if isinstance(sized, list) else findings
            repository = sized if not isinstance(sized, list) else repository
        canary = None
        if model.rollout is not None and model.rollout.canary is not None and not findings:
            tried = placed.repository.decided(sizing.settings if sizing else None, version=model.rollout.canary)
            findings = tried if isinstance(tried, list) else findings
            of_triton = None if isinstance(tried, list) else tried
            if repository is not None and of_triton is not None:
                findings = [*findings, *nothing_new(repository, of_triton, model.rollout.canary)]
            canary = Artefact(model.rollout.canary, of_triton, placed.source.folder, placed.source.url)
        self._tell(placed.department, placed.position, model, findings)
        cpu_pool = cluster.cpu_pool(model.pool) if placed.pool is None else None
        own = placed.pool or cpu_pool
        basis = cluster.system_price_basis if own is None else own.price_basis
        resolved = ResolvedModel(
            declared=model,
            department=placed.department,
            cluster=cluster.declared.name,
            pool=placed.pool,
            overflow_pool=placed.overflow,
            price_basis=basis if model.has_own_pods else None,
            image=placed.image.image,
            build=placed.image.build,
            release=placed.image.release_name,
            format=served_format(model, repository),
            stable=Artefact(model.stable_version, repository, placed.source.folder, placed.source.url),
            canary=canary,
            min_replicas=model.scaling.min_replicas,
            max_replicas=model.scaling.max_replicas,
            rollout=rollout,
            sizing=sizing,
            hostname=hostname(model.name, cluster.declared.name, self._environment.platform.gateway.domain)
            if has_host(model)
            else None,
            cpu_pool=cpu_pool,
        )
        if not self._problems:
            keeping = [each.declared for each in (*pools, *([cpu_pool] if cpu_pool is not None else []))]
            findings = list(unkept_model(model.weights, size_bytes(resolved), keeping))
            if (written := written_by(resolved, cluster.declared.cloud)) is not None:
                disks = disks_of(resolved, cluster.declared)
                findings += unheld_model(written, disks)
                for sentence in disk_notices(written, disks):
                    self._notices.add(sentence)
            for pool in pools:
                slow = drain_notice(resolved, cluster.declared, pool, least_minutes(resolved, pool))
                if slow is not None:
                    self._notices.add(slow)
            if (told := seldon_volume(model, size_bytes(resolved))) is not None:
                self._notices.add(f"model {model.name!r} {told}")
            self._tell(placed.department, placed.position, model, findings)
        return resolved

    def _add(self, department: str | None, steps: Steps, message: str) -> None:
        self._problems.append(self._environment.problem(department, steps, message))

    def _tell(self, department: Department, position: int, model: Model, found: Iterable[Finding | Problem]) -> None:
        for each in found:
            if isinstance(each, Problem):
                self._problems.append(each)
            else:
                steps = ("models", position, *each.steps)
                self._add(department.department, steps, f"{each.message} (model {model.name!r})")

    def _in_order(self) -> list[Problem]:
        files = {problem.file for problem in self._problems}
        order = {file: (not file.endswith("/platform.yaml"), file) for file in files}
        return sorted(dict.fromkeys(self._problems), key=lambda problem: (order[problem.file], problem.line or 0))


def _is_compared(model: Model, declared_too: bool) -> bool:
    return model.target == "auto" or (declared_too and model.traffic is not None)


def _with_controllers(cluster: ResolvedCluster, placed: list[PlacedModel]) -> ResolvedCluster:
    models = [each.model for each in placed if each.cluster.declared.name == cluster.declared.name]
    return replace(
        cluster,
        controllers=controllers_of(cluster.declared, models),
        kserve=kserve_is_there(cluster.declared, models),
        streams_weights=any(streams(model, cluster.declared) for model in models),
    )
