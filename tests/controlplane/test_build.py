"""What the builder says, and that it builds each version once. Needs no Go."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from . import build


def no_go(folder: Path) -> None:
    """Nothing on PATH."""


def old_go(folder: Path) -> None:
    (folder / "go").write_text("#!/bin/sh\necho go1.22.3\n")


def go_without_network(folder: Path) -> None:
    (folder / "go").write_text(
        '#!/bin/sh\n[ "$1" = env ] && echo go1.26.0 && exit\necho "dial tcp: no such host" >&2\nexit 1\n'
    )


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (no_go, "there is no Go on PATH."),
        (old_go, "Go on PATH is go1.22.3; 1.26 or later is needed."),
        (go_without_network, "go build -buildvcs=false failed in etcd: dial tcp: no such host"),
    ],
)
def test_what_keeps_it_from_building_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
    prepare: Callable[[Path], None],
    message: str,
) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    prepare(tools)
    for tool in tools.iterdir():
        tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.setattr(build, "CACHE", tmp_path / "cache")
    assert build.main() == 1
    assert capfd.readouterr().err == f"The control plane's tests will be skipped: {message}\n"
    left = [path.name for path in (tmp_path / "cache").glob("*")]
    assert [name for name in left if name != "lock"] == []


def test_a_module_is_known_by_what_it_pins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(build, "CACHE", tmp_path / "cache")
    names = {module: build.target(module).name for module in build.MODULES}
    shutil.copytree(build.HERE / "go", tmp_path / "copy" / "go")
    (tmp_path / "copy" / "files.csv").write_bytes((build.HERE / "files.csv").read_bytes())
    with (tmp_path / "copy" / "go" / "etcd" / "go.mod").open("a") as file:
        file.write("// another\n")
    (source,) = (tmp_path / "copy" / "go" / "argo-rollouts").rglob("*.go")
    source.write_text("package main\n")
    monkeypatch.setattr(build, "HERE", tmp_path / "copy")
    changed = {module for module in build.MODULES if build.target(module).name != names[module]}
    assert changed == {"etcd", "argo-rollouts"}


def test_every_module_has_a_name_here() -> None:
    assert {path.name for path in (build.HERE / "go").iterdir()} == set(build.MODULES)
    assert build.version("kubernetes", "k8s.io/kubernetes").startswith("v1.")
