"""Pinned charts beside what their repositories have: an index over HTTP and an OCI registry, both on loopback."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from modelyard.catalog.charts import TABLE, Chart
from modelyard.catalog.refresh.chart_check import COLUMNS, check_charts, lines, table_rows
from modelyard.cli.__main__ import main

from .chart_server import TOKEN, ChartServer, chart_server, sha256

NOBODYS = "sha256:" + "0" * 64


@pytest.fixture
def served() -> Iterator[ChartServer]:
    with chart_server() as server:
        server.publish("old", "0.9.0")
        server.publish("plain", "1.0.0")
        server.publish("both", "2.0.0")
        yield server


def chart(repository: str, name: str, version: str, digest: str | None = None) -> Chart:
    return Chart(name, repository, version, digest, "a test", "2026-11-22")


def test_an_index_gives_the_digest_of_an_archive(served: ChartServer) -> None:
    (checked,) = check_charts([chart(served.index, "plain", "1.0.0")])
    assert (checked.verdict, checked.found) == ("new", sha256(served.archives["plain", "1.0.0"]))


def test_a_registry_gives_the_digest_of_a_manifest_to_whom_it_gave_a_token(served: ChartServer) -> None:
    (checked,) = check_charts([chart(served.oci, "both", "2.0.0")])
    assert (checked.verdict, checked.found) == ("new", sha256(served.manifest("both", "2.0.0")))
    assert [each.partition("?")[0] for each in served.asked] == [
        "/v2/team/charts/both/manifests/2.0.0",
        "/token",
        "/v2/team/charts/both/manifests/2.0.0",
    ]


def test_a_registry_that_asks_for_nothing_is_asked_once(served: ChartServer) -> None:
    served.asks_for_token = False
    check_charts([chart(served.oci, "both", "2.0.0")])
    assert len(served.asked) == 1


def test_an_index_is_fetched_once_for_all_of_its_charts(served: ChartServer) -> None:
    wanted = [chart(served.index, name, version) for name, version in served.archives]
    assert [each.verdict for each in check_charts(wanted)] == ["new", "new", "new"]
    assert served.asked == ["/charts/index.yaml"]


@pytest.mark.parametrize("repository", ["index", "oci"])
def test_another_content_under_the_same_version_is_found(served: ChartServer, repository: str) -> None:
    where = getattr(served, repository)
    (first,) = check_charts([chart(where, "both", "2.0.0")])
    pinned = chart(where, "both", "2.0.0", first.found)
    assert [each.verdict for each in check_charts([pinned])] == ["same"]
    served.publish("both", "2.0.0", "second")
    (changed,) = check_charts([pinned])
    assert changed.verdict == "differs"
    assert changed.found not in (None, first.found)


def closed_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def wrong(path: str, body: bytes) -> Callable[[ChartServer], None]:
    return lambda server: server.documents.update({path: body})


def other(field: str, value: Any) -> Callable[[ChartServer], None]:
    return lambda server: setattr(server, field, value)


NOTHING = other("asked", [])
INDEX = "/charts/index.yaml"
MANIFEST = "/v2/team/charts/both/manifests/2.0.0"


@pytest.mark.parametrize(
    ("change", "repository", "name", "version", "verdict", "why"),
    [
        (NOTHING, "index", "none", "1.0.0", "absent", "http://127.0.0.1/charts lists no chart none"),
        (
            NOTHING,
            "index",
            "plain",
            "3.0.0",
            "absent",
            "http://127.0.0.1/charts lists no version 3.0.0; its first is 1.0.0",
        ),
        (
            NOTHING,
            "oci",
            "both",
            "3.0.0",
            "absent",
            "http://127.0.0.1/v2/team/charts/both/manifests/3.0.0 answers 404",
        ),
        (wrong(INDEX, b"{"), "index", "plain", "1.0.0", "unreachable", "http://127.0.0.1/charts/index.yaml is no YAML"),
        (
            wrong(INDEX, b"<html>"),
            "index",
            "plain",
            "1.0.0",
            "unreachable",
            "http://127.0.0.1/charts/index.yaml is no index of charts",
        ),
        (
            wrong(INDEX, b"entries: {plain: [{version: 1.0.0, digest: md5}]}"),
            "index",
            "plain",
            "1.0.0",
            "unreachable",
            "http://127.0.0.1/charts gives plain 1.0.0 the digest 'md5', which is no SHA-256",
        ),
        (
            wrong(INDEX, b"entries: {plain: [{version: 1.0.0}]}"),
            "index",
            "plain",
            "1.0.0",
            "unreachable",
            "http://127.0.0.1/charts gives plain 1.0.0 no digest",
        ),
        (
            wrong(MANIFEST, b"[]"),
            "oci",
            "both",
            "2.0.0",
            "unreachable",
            "oci://127.0.0.1/team/charts/both:2.0.0 has a manifest that is none of an artefact",
        ),
        (
            other("media_type", "application/vnd.oci.image.layer.v1.tar+gzip"),
            "oci",
            "both",
            "2.0.0",
            "unreachable",
            "oci://127.0.0.1/team/charts/both:2.0.0 is no chart; it holds application/vnd.oci.image.layer.v1.tar+gzip",
        ),
        (
            other("announced", NOBODYS),
            "oci",
            "both",
            "2.0.0",
            "unreachable",
            f"oci://127.0.0.1/team/charts/both:2.0.0 came with another content than {NOBODYS}, which its registry "
            "names",
        ),
        (wrong("/token", b"no"), "oci", "both", "2.0.0", "unreachable", "127.0.0.1 gave no token"),
    ],
)
def test_what_cannot_be_compared_is_told(
    served: ChartServer,
    change: Callable[[ChartServer], None],
    repository: str,
    name: str,
    version: str,
    verdict: str,
    why: str,
) -> None:
    change(served)
    (checked,) = check_charts([chart(getattr(served, repository), name, version, NOBODYS)])
    assert (checked.verdict, checked.why.replace(f":{served.port}", "")) == (verdict, why)


def test_nothing_is_asked_without_tls_but_loopback() -> None:
    (checked,) = check_charts([chart("http://charts.example", "plain", "1.0.0")])
    assert (checked.verdict, checked.why) == (
        "unreachable",
        "http://charts.example/index.yaml is no https:// address",
    )


def table(folder: Path, *charts: Chart) -> Path:
    file = folder / "charts.csv"
    rows = [
        {
            **dict.fromkeys(COLUMNS, ""),
            "name": each.name,
            "repository": each.repository,
            "version": each.version,
            "digest": each.digest or "",
            "source": each.source,
            "source_date": each.source_date,
        }
        for each in charts
    ]
    file.write_text("".join(lines(rows)), encoding="utf-8")
    return file


def test_what_was_not_known_is_written_and_then_the_same(
    served: ChartServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = table(tmp_path, chart(served.index, "plain", "1.0.0"), chart(served.oci, "both", "2.0.0"))
    assert main(["catalog", "charts", "--verify", "--table", str(file)]) == 0
    assert table_rows(file)[0]["digest"] == ""
    assert "plain 1.0.0 has a digest that was not known" in capsys.readouterr().out
    assert main(["catalog", "charts", "--verify", "--write", "--table", str(file)]) == 0
    plain, both = table_rows(file)
    assert plain["digest"] == sha256(served.archives["plain", "1.0.0"])
    assert plain["digest_source"] == f"{served.index}/index.yaml"
    assert both["digest"] == sha256(served.manifest("both", "2.0.0"))
    assert both["digest_source"] == f"manifest of {served.oci}/both:2.0.0"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", both["digest_source_date"])
    capsys.readouterr()
    assert main(["catalog", "charts", "--verify", "--table", str(file)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "plain 1.0.0 has the digest that is pinned",
        "both 2.0.0 has the digest that is pinned",
        "2 same",
    ]


def test_one_that_differs_ends_with_2_and_is_never_written(
    served: ChartServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = table(tmp_path, chart(served.index, "plain", "1.0.0", NOBODYS), chart(served.index, "plain-2", "1.0.0"))
    before = file.read_text(encoding="utf-8")
    assert main(["catalog", "charts", "--verify", "--write", "--table", str(file)]) == 2
    assert file.read_text(encoding="utf-8") == before
    assert capsys.readouterr().out.splitlines() == [
        "plain 1.0.0 DIFFERS: the repository has another content under this version",
        f"  pinned {NOBODYS}",
        f"  found  {sha256(served.archives['plain', '1.0.0'])}",
        f"plain-2 1.0.0 IS ABSENT: {served.index} lists no chart plain-2",
        "1 differs, 1 absent",
    ]


def test_without_a_network_it_is_said_what_was_not_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gone = f"http://127.0.0.1:{closed_port()}"
    file = table(tmp_path, chart(gone, "plain", "1.0.0", NOBODYS))
    assert main(["catalog", "charts", "--verify", "--table", str(file)]) == 1
    said, counted = capsys.readouterr().out.splitlines()
    assert said.startswith(f"plain 1.0.0 was not compared: {gone}/index.yaml cannot be reached (")
    assert counted == "1 unreachable"


def test_a_program_reads_the_verdicts(served: ChartServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = table(tmp_path, chart(served.oci, "both", "2.0.0", NOBODYS))
    assert main(["catalog", "charts", "--verify", "--table", str(file), "--json", "-"]) == 2
    (found,) = json.loads(capsys.readouterr().out)["charts"]
    assert (found["verdict"], found["found"]) == ("differs", sha256(served.manifest("both", "2.0.0")))
    assert TOKEN not in json.dumps(found)


def test_the_catalogue_is_listed_without_asking_anybody(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalog", "charts", "--json", "-"]) == 0
    listed = json.loads(capsys.readouterr().out)["charts"]
    with TABLE.open(encoding="utf-8", newline="") as rows:
        assert [each["name"] for each in listed] == [row["name"] for row in csv.DictReader(rows)]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--write"], "--write is of use with --verify alone, which finds the digests to be written"),
        (["kyverno"], "catalog charts takes no word ('kyverno'); it is of all charts"),
        (["--cloud", "aws"], "--cloud is of no use with 'catalog charts', but with accelerators, instances, regions,"),
        (["--table", "none.csv"], "none.csv: cannot be read: no such file or directory"),
    ],
)
def test_what_is_asked_in_vain_is_told(
    arguments: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["catalog", "charts", *arguments]) == 1
    assert capsys.readouterr().err.startswith(f"modelyard: {told}")


def test_a_digest_is_a_sha256_with_source_and_date() -> None:
    rows = table_rows(TABLE)
    assert rows
    for row in rows:
        known = [bool(row[key]) for key in ("digest", "digest_source", "digest_source_date")]
        assert all(known) or not any(known), row["name"]
        assert not row["digest"] or re.fullmatch(r"sha256:[0-9a-f]{64}", row["digest"]), row["name"]


@pytest.mark.parametrize(
    ("repository", "digest", "reference"),
    [
        ("https://charts.example", None, "plain"),
        ("https://charts.example", NOBODYS, "plain"),
        ("oci://charts.example/team", None, "oci://charts.example/team/plain"),
        ("oci://charts.example/team", NOBODYS, f"oci://charts.example/team/plain@{NOBODYS}"),
    ],
)
def test_a_release_names_the_digest_where_helm_looks_at_it(repository: str, digest: str | None, reference: str) -> None:
    assert chart(repository, "plain", "1.0.0", digest).reference == reference


@pytest.mark.whole
def test_helm_itself_takes_the_digest_and_refuses_another(served: ChartServer, tmp_path: Path) -> None:
    """What a release of ours hands to the Kubernetes provider: a reference with digest, and the version."""
    helm = shutil.which("helm")
    if helm is None:
        pytest.skip("no Helm to ask: there is no helm on PATH")
    (checked,) = check_charts([chart(served.oci, "both", "2.0.0")])

    def pull(digest: str | None) -> subprocess.CompletedProcess[str]:
        reference = chart(served.oci, "both", "2.0.0", digest).reference
        command = [helm, "pull", reference, "--version", "2.0.0", "--plain-http", "--destination", str(tmp_path)]
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)

    assert (done := pull(checked.found)).returncode == 0, done.stderr
    served.publish("both", "2.0.0", "second")
    refused = pull(checked.found)
    assert refused.returncode != 0
