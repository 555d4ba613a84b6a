"""What ``modelyard rollout`` says to a person who got its command line wrong, before anything is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from modelyard.cli.__main__ import main

from .project import copied

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def stacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Staging serves product-tagging on one cluster, prod on two."""
    project = copied(tmp_path)
    monkeypatch.chdir(project)
    for environment in ("staging", "prod"):
        file = project / "stacks" / environment / "departments" / "merchandising.yaml"
        declared = yaml.safe_load(file.read_text(encoding="utf-8"))
        declared["models"][0].pop("version", None)
        declared["models"][0]["rollout"] = {"stable": 1, "canary": 2, "percent": 10}
        file.write_text(yaml.safe_dump(declared), encoding="utf-8")
    return project / "stacks"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["product-tagging", "--env", "staging"],
         "the following arguments are required: --prometheus; see 'modelyard rollout --help'"),
        (["product-taging", "--env", "staging", "--prometheus", NOWHERE],
         "'product-taging' is not a model of the environment staging; did you mean 'product-tagging'? Allowed: "),
        (["product-tagging", "--env", "staging", "--prometheus", f"west={NOWHERE}"],
         "--prometheus: 'west' is not a cluster of product-tagging; did you mean 'east'? Allowed: east"),
        (["product-tagging", "--env", "staging", "--prometheus", NOWHERE, "--prometheus", NOWHERE],
         "--prometheus: cluster 'east' has two; leave one out"),
        (["product-tagging", "--env", "prod", "--prometheus", NOWHERE],
         "--prometheus: product-tagging is served on 2 clusters, and the gates are asked in each; write --prometheus "
         "east=URL --prometheus west=URL"),
        (["product-tagging", "--env", "prod", "--prometheus", f"west={NOWHERE}"],
         "--prometheus: product-tagging is served on east too; write --prometheus east=URL besides"),
        (["product-tagging", "--env", "staging", "--prometheus", NOWHERE, "--begin"],
         "--begin: version 2 of product-tagging has 10 % already; leave it out"),
        (["product-tagging", "--env", "staging", "--prometheus", NOWHERE, "--token-env", "NO_TOKEN"],
         "--token-env NO_TOKEN: the environment has no such variable, or it is empty"),
        (["product-tagging", "--env", "staging", "--prometheus", NOWHERE, "--token-env", "ODD_TOKEN"],
         "--token-env ODD_TOKEN: its value holds a character that no token has; look how it was set"),
        (["product-tagging", "--env", "staging", "--prometheus", NOWHERE, "--json",
          "stacks/staging/departments/merchandising.yaml"],
         "--json stacks/staging/departments/merchandising.yaml: a document never replaces what it is made from; name a "
         "file elsewhere"),
        (["product-tagging", "--env", "staging", "--prometheus", NOWHERE, "--wait", "-1"],
         "argument --wait: -1 is not a number above 0.001 and up to 100000; see 'modelyard rollout --help'"),
        (["product-tagging", "--env", "stagin", "--prometheus", NOWHERE],
         "stagin: there is no such environment; did you mean 'staging'? Environments here: dev, prod, staging"),
        (["product-tagging", "--env", "staging", "--prometheus", NOWHERE],
         f"{NOWHERE}: cannot be reached: connection refused"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence(
    stacks: Path,
    arguments: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ODD_TOKEN", "two\nlines of secret")
    file = stacks / "staging" / "departments" / "merchandising.yaml"
    before = file.read_bytes()
    assert main(["rollout", *arguments, "--write"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"modelyard: {message}") and err.count("\n") == 1, err
    assert "secret" not in err
    assert file.read_bytes() == before
