"""What a chart's repository calls the content of one version: over HTTPS by the repository's index, or by the API of an
OCI registry.

Follows "The Chart Repository Guide" of Helm (``index.yaml``, whose ``digest`` is the SHA-256 of an archive) and the OCI
distribution specification 1.1, with the token scheme that registries ask anonymous readers for.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

from modelyard.catalog.charts import Chart

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CHART = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
_LARGEST_BYTES = 256 * 1024 * 1024
"""The largest index of all is a tenth of that."""
_HOSTS = {"docker.io": "registry-1.docker.io"}
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')
_SHA256 = re.compile(r"(sha256:)?[0-9a-f]{64}")


class Unreachable(Exception):
    """The repository did not answer, or not in its documented form. ``str()`` is a clause."""


class NoSuchVersion(Exception):
    """The repository answers, and has no such chart or version. ``str()`` is a clause."""


@dataclass(slots=True)
class ChartRegistries:
    """Asks each repository; an index is fetched once, however many charts of it are asked for."""

    timeout_seconds: float = 30.0
    _indexes: dict[str, Any] = field(default_factory=dict)

    def digest(self, chart: Chart) -> str:
        """``sha256:`` and 64 hexadecimal digits: of the archive, or of a chart in an OCI registry of its manifest, as
        Helm prints it when it pulls one.

        Raises:
            Unreachable: no answer, or one of another form than documented.
            NoSuchVersion: the repository lacks the chart or the version.
        """
        if chart.is_oci:
            return self._of_manifest(chart)
        return self._of_index(chart)

    def _of_index(self, chart: Chart) -> str:
        entries = self._index(chart.repository).get("entries")
        listed = entries.get(chart.name) if isinstance(entries, dict) else None
        if not isinstance(listed, list):
            raise NoSuchVersion(f"{chart.repository} lists no chart {chart.name}")
        found = next((each for each in listed if each.get("version") == chart.version), None)
        if found is None:
            newest = next((str(each.get("version")) for each in listed), "none")
            raise NoSuchVersion(f"{chart.repository} lists no version {chart.version}; its first is {newest}")
        return _checked(found.get("digest"), f"{chart.repository} gives {chart.name} {chart.version}")

    def _index(self, repository: str) -> dict[str, Any]:
        if repository not in self._indexes:
            import yaml

            body = self._body(f"{repository.rstrip('/')}/index.yaml", {}).content
            loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
            try:
                read = yaml.load(body, Loader=loader)
            except yaml.YAMLError as error:
                raise Unreachable(f"{repository}/index.yaml is no YAML") from error
            if not isinstance(read, dict):
                raise Unreachable(f"{repository}/index.yaml is no index of charts")
            self._indexes[repository] = read
        return self._indexes[repository]

    def _of_manifest(self, chart: Chart) -> str:
        reference = urlsplit(chart.repository)
        host = _HOSTS.get(reference.netloc, reference.netloc)
        scheme = "http" if reference.hostname in LOOPBACK else "https"
        path = f"{reference.path.strip('/')}/{chart.name}"
        url = f"{scheme}://{host}/v2/{path}/manifests/{chart.version.replace('+', '_')}"
        shown = f"{chart.repository}/{chart.name}:{chart.version}"
        answer = self._body(url, {"Accept": _MANIFEST}, lambda asked: self._token(asked, path))
        digest = f"sha256:{hashlib.sha256(answer.content).hexdigest()}"
        try:
            layers = json.loads(answer.content)["layers"]
            kinds = {layer["mediaType"] for layer in layers}
        except (ValueError, TypeError, KeyError) as error:
            raise Unreachable(f"{shown} has a manifest that is none of an artefact") from error
        if _CHART not in kinds:
            raise Unreachable(f"{shown} is no chart; it holds {', '.join(sorted(kinds)) or 'nothing'}")
        if answer.digest not in (None, digest):
            raise Unreachable(f"{shown} came with another content than {answer.digest}, which its registry names")
        return digest

    def _token(self, asked: str, path: str) -> str:
        """Of an anonymous reader, as ``WWW-Authenticate`` asks for it; the header's value."""
        scheme, _, rest = asked.partition(" ")
        parameters = dict(_PARAMETER.findall(rest))
        realm = parameters.get("realm", "")
        if scheme.casefold() != "bearer" or not _trusted(realm):
            raise Unreachable("it asks for a password, and Modelyard has none")
        query = {"service": parameters.get("service", ""), "scope": parameters.get("scope", f"repository:{path}:pull")}
        body = self._body(f"{realm}?{urlencode(query)}", {}).content
        try:
            found = json.loads(body)
            return f"Bearer {found.get('token') or found['access_token']}"
        except (ValueError, AttributeError, KeyError) as error:
            raise Unreachable(f"{urlsplit(realm).hostname} gave no token") from error

    def _body(self, url: str, headers: dict[str, str], token: Callable[[str], str] | None = None) -> _Answer:
        if not _trusted(url):
            raise Unreachable(f"{url} is no https:// address")
        request = Request(url, headers={"User-Agent": "modelyard", **headers})
        try:
            return self._read(request)
        except HTTPError as error:
            with error:
                asked = error.headers.get("WWW-Authenticate", "")
                if error.code == 401 and token is not None and asked:
                    # Python sends ordinary headers wherever a redirect leads: this one goes to the registry alone.
                    request.add_unredirected_header("Authorization", token(asked))
                    return self._again(request, url)
                raise _refused(error, url) from None
        except (URLError, HTTPException, OSError) as error:
            raise _silent(error, url) from None

    def _again(self, request: Request, url: str) -> _Answer:
        try:
            return self._read(request)
        except HTTPError as error:
            with error:
                raise _refused(error, url) from None
        except (URLError, HTTPException, OSError) as error:
            raise _silent(error, url) from None

    def _read(self, request: Request) -> _Answer:
        with urlopen(request, timeout=self.timeout_seconds) as answer:
            return _Answer(_whole(answer), answer.headers.get("Docker-Content-Digest"))


@dataclass(frozen=True, slots=True)
class _Answer:
    content: bytes
    digest: str | None
    """That the registry names for it."""


def _whole(answer: IO[bytes]) -> bytes:
    content = answer.read(_LARGEST_BYTES + 1)
    if len(content) > _LARGEST_BYTES:
        raise OSError(f"it answers more than {_LARGEST_BYTES // 1024**2} MiB")
    return content


def _trusted(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def _checked(digest: object, what: str) -> str:
    text = str(digest or "")
    if not _SHA256.fullmatch(text):
        raise Unreachable(f"{what} {'no digest' if digest is None else f'the digest {text!r}, which is no SHA-256'}")
    return f"sha256:{text.removeprefix('sha256:')}"


def _refused(error: HTTPError, url: str) -> Exception:
    kind = NoSuchVersion if error.code == 404 else Unreachable
    return kind(f"{_shown(url)} answers {error.code}")


def _silent(error: Exception, url: str) -> Unreachable:
    cause = error.reason if isinstance(error, URLError) else error
    return Unreachable(f"{_shown(url)} cannot be reached ({cause})")


def _shown(url: str) -> str:
    """Without its query: a registry puts things there that are nobody's to read."""
    return url.partition("?")[0]
