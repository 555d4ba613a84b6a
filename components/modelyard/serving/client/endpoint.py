"""Where a model is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ...catalog.spelling import nearest
from ...environment.target import Target
from ...http_address import is_address, without_login
from .refusal import CannotAsk, NoSuchEndpoint

_HOSTS: Mapping[Target, re.Pattern[str]] = {
    "sagemaker": re.compile(
        r"(?:.*\.)?runtime(?:-fips)?\.sagemaker\.(?P<region>[a-z0-9-]+)\.(?:vpce\.)?amazonaws\.com(?:\.cn)?"
    ),
    "vertex": re.compile(r"(?P<region>[a-z0-9-]+)-aiplatform\.googleapis\.com|.*\.prediction\.vertexai\.goog"),
    "azureml": re.compile(r".*\.(?P<region>[a-z0-9-]+)\.inference\.ml\.azure\.(?:com|us|cn)"),
}
"""Hosts of the services' requests; every other host is a gateway's."""
_IN_PATH = re.compile(r"/locations/(?P<region>[a-z0-9-]+)/")
_OF_SAGEMAKER = re.compile(r"/endpoints/(?P<name>[A-Za-z0-9-]+)/(?:async-)?invocations")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One model at one place. Holds no secret.

    Raises:
        CannotAsk: the URL is not one that a request can be sent to.
    """

    target: Target
    url: str
    """At a gateway ``https://<host>``; at a service what its component's output says, where requests are sent to."""
    model: str
    """As the server names it."""
    region: str | None = None
    """Of the service; SageMaker's requests are signed for it."""
    auth: str | None = None
    """Of Azure ML: ``Key``, ``AMLToken`` or ``AADToken``. None: not known."""
    component: str | None = None
    """Inference component of a SageMaker endpoint that has some."""
    target_model: str | None = None
    """File of a SageMaker endpoint of many models, below its artefact: ``resnet.tar.gz``."""
    upload_to: str | None = None
    """s3://bucket/prefix for requests to an asynchronous SageMaker endpoint that are too large for the call."""

    def __post_init__(self) -> None:
        if (hidden := without_login(self.url)) is not None:
            raise CannotAsk(f"endpoint {hidden} holds a name or a password; delete it, and send a header in its place")
        if not is_address(self.url):
            raise CannotAsk(f"endpoint {self.url!r} is no address; write https://host or https://host/path")

    @classmethod
    def of_outputs(cls, outputs: Mapping[str, Any], model: str, where: str | None = None) -> Endpoint:
        """The endpoint of a model in a department's stack.

        Args:
            outputs: of the stack, as ``pulumi stack output --json`` prints them: ``endpoints`` of managed services,
                ``models`` at gateways.
            model: its name.
            where: region or cluster. Default: the only one.

        Raises:
            NoSuchEndpoint: there is none, or there are several and none was named.
        """
        found = _places(outputs)
        if model not in found:
            raise NoSuchEndpoint(_not_there("model", model, found, "the outputs of this stack"))
        places = found[model]
        if where is None:
            if len(places) > 1:
                raise NoSuchEndpoint(
                    f"model {model!r} is served in {', '.join(sorted(places))}; name the one that is asked"
                )
            where = next(iter(places))
        if where not in places:
            raise NoSuchEndpoint(_not_there("region or cluster", where, places, f"model {model!r}"))
        said = places[where]
        more = {key: said.get(key) for key in ("region", "auth", "component", "target_model", "upload_to")}
        return cls(said["target"], said["url"], model, **more)

    @classmethod
    def places(cls, outputs: Mapping[str, Any], model: str) -> dict[str, Endpoint]:
        """The endpoints of a model by region or cluster. Arguments and errors: of :meth:`of_outputs`."""
        found = _places(outputs)
        return {where: cls.of_outputs(outputs, model, where) for where in found.get(model, {})} or {
            "": cls.of_outputs(outputs, model)
        }

    @classmethod
    def at(cls, url: str, model: str) -> Endpoint:
        """The endpoint at an address, whose target and region are known by its host."""
        address = url if "://" in url else f"http://{url}"
        host = _host(address)
        for target, known in _HOSTS.items():
            named = known.fullmatch(host)
            if named is not None:
                region = named["region"] or _region_in_path(address)
                return cls(target, address, model, region)
        return cls("kubernetes", address, model)

    @property
    def host(self) -> str:
        return _host(self.url)

    @property
    def answers_into_s3(self) -> bool:
        """Whether it is an asynchronous endpoint of SageMaker."""
        return self.target == "sagemaker" and urlsplit(self.url).path.endswith("/async-invocations")

    @property
    def name(self) -> str | None:
        """Of a SageMaker endpoint, as its requests name it."""
        found = _OF_SAGEMAKER.search(urlsplit(self.url).path)
        return None if found is None else found["name"]


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _region_in_path(url: str) -> str | None:
    found = _IN_PATH.search(urlsplit(url).path)
    return None if found is None else found["region"]


def _places(outputs: Mapping[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
    """By model, and by region or cluster."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for model, clusters in _mapping(outputs, "models").items():
        for cluster, url in clusters.items():
            found.setdefault(model, {})[cluster] = {"target": "kubernetes", "url": url}
    for model, regions in _mapping(outputs, "endpoints").items():
        for region, said in regions.items():
            if not isinstance(said, Mapping) or "target" not in said or not isinstance(said.get("url"), str):
                raise NoSuchEndpoint(
                    f"the outputs of this stack have no address of model {model!r} in {region}; run pulumi up, and "
                    "then pulumi stack output --json"
                )
            found.setdefault(model, {})[region] = dict(said)
    return found


def _mapping(outputs: Mapping[str, Any], key: str) -> Mapping[str, Mapping[str, Any]]:
    said = outputs.get(key) or {}
    if not isinstance(said, Mapping) or not all(isinstance(each, Mapping) for each in said.values()):
        raise NoSuchEndpoint(
            f"output {key!r} is not one of a department's stack; write it with pulumi stack output --json"
        )
    return said


def _not_there(kind: str, name: str, known: Mapping[str, Any], where: str) -> str:
    if not known:
        return f"{kind} {name!r} is not in {where}, which names none; is it the stack of the model's department?"
    near = nearest(name, known)
    meant = f"did you mean {near}?" if near else f"there is {', '.join(sorted(known))}"
    return f"{kind} {name!r} is not in {where}; {meant}"
