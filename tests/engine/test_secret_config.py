"""Secrets in Pulumi's encrypted configuration reach the cluster and nobody's eyes."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .engine_policies import previewed
from .real_engine import REPO, Engine, Project

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

OF_MODEL = "tagging-plaintext-4f1c9a"
OF_RECEIVER = "https://hooks.example/services/plaintext-8d20"
PLANTED = [OF_MODEL, OF_RECEIVER]


def test_an_encrypted_value_is_nowhere_in_plain_text(engine: Engine) -> None:
    project = engine.project(REPO)
    plant(project)
    document, verdicts = previewed(project, "dev", {})
    assert document["steps"]
    up = project.run("up", "--yes", "--skip-preview", "--json", "--stack", "dev")
    shown = project.run("up", "--yes", "--diff", "--non-interactive", "--stack", "dev")
    export = project.run("stack", "export", "--stack", "dev")
    texts = {
        "preview": json.dumps(document),
        "verdicts": repr(verdicts),
        **{f"{name} {stream}": getattr(done, stream)
           for name, done in {"up": up, "up --diff": shown, "export": export}.items()
           for stream in ("stdout", "stderr")},
        **{f"plan {name}": text for name, text in planned(project, engine.folder / "plan")},
        **{str(path.relative_to(engine.folder)): path.read_text(encoding="utf-8", errors="replace")
           for path in engine.folder.rglob("*") if path.is_file()},
    }  # fmt: skip
    assert {(name, secret) for name, text in texts.items() for secret in PLANTED if holds(text, secret)} == set()
    # They did arrive: whoever has the passphrase reads both in the state, in the Secrets of the cluster.
    with_secrets = json.loads(project.run("stack", "export", "--show-secrets", "--stack", "dev").stdout)
    held = [json.dumps(each) for each in with_secrets["deployment"]["resources"] if each["type"].endswith("v1:Secret")]
    assert [any(holds(text, secret) for text in held) for secret in PLANTED] == [True, True]


def plant(project: Project) -> None:
    """A secret for a model's environment variable and one for an alert receiver, both by reference."""
    department = project.folder / "stacks" / "dev" / "departments" / "merchandising.yaml"
    text = department.read_text(encoding="utf-8")
    reference = "    env:\n      CATALOG_LOGIN: {config: catalogLogin}\n"
    department.write_text(text.replace("    resources:\n", f"{reference}    resources:\n", 1), encoding="utf-8")
    platform = project.folder / "stacks" / "dev" / "platform.yaml"
    receiver = "{name: channel, severities: [warning], slack_webhook: {config: slackWebhook}, slack_channel: '#ml'}"
    before = platform.read_text(encoding="utf-8")
    assert "\nmonitoring:" not in before
    platform.write_text(f"{before}\nmonitoring:\n  receivers:\n    - {receiver}\n", encoding="utf-8")
    values = {"modelyard:catalogLogin": OF_MODEL, "modelyard:slackWebhook": OF_RECEIVER}
    project.set_config("dev", values, secret=True)
    assert (project.folder / "stacks" / "Pulumi.dev.yaml").read_text(encoding="utf-8").count("secure:") == len(values)


def planned(project: Project, out: Path) -> Iterator[tuple[str, str]]:
    """Everything that ``modelyard plan`` says and writes of the same stack file."""
    out.mkdir()
    files = {kind: out / f"plan.{kind}" for kind in ("json", "html", "markdown")}
    options = [part for kind, file in files.items() for part in (f"--{kind}", str(file))]
    done = subprocess.run(
        [sys.executable, "-m", "modelyard.cli", "plan", "dev", "--full", *options],
        cwd=project.folder,
        env=project.engine.env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 2), done.stderr
    yield from (("stdout", done.stdout), ("stderr", done.stderr))
    yield from ((kind, file.read_text(encoding="utf-8")) for kind, file in files.items())


def holds(text: str, secret: str) -> bool:
    """Whether the text has the secret, as it is or as Kubernetes encodes it."""
    return secret in text or base64.b64encode(secret.encode()).decode() in text
