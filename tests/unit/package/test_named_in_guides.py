"""What the guides name is there: keys of declarations, commands with their options, files, modules and variables."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import yaml
from modelyard.cli.__main__ import main
from modelyard.environment.cluster import Cluster
from modelyard.environment.department import Department
from modelyard.environment.gpu_pool import GpuPool
from modelyard.environment.model import Model
from modelyard.environment.platform import Platform

REPO = Path(__file__).resolve().parents[3]
PAGES = [*sorted((REPO / "docs").glob("*.md")), REPO / "README.md"]
TEXTS = {page.stem: page.read_text(encoding="utf-8") for page in PAGES}
REGIONS = {"aws": "us-east-1", "gcp": "us-central1", "azure": "eastus"}
ANY: dict[str, dict[str, Any]] = {
    "platform": {
        "environment": "prod", "tier": "prod", "organization": "shop", "owner": "a@b.example", "cost_center": "CC-1",
        "gateway": {"domain": "models.example.com"}, "clusters": [{}],
    },
    "department": {
        "department": "shop", "cost_center": "CC-1", "owner": "a@b.example", "monthly_budget_usd": 1, "models": [],
    },
    "model": {"name": "any", "task": "ranking", "source": "../models/any"},
    "cluster": {"name": "east", "region": "us-east-1"},
    "pool": {"name": "l4", "accelerator": "L4"},
}  # fmt: skip
"""What a guide leaves out where it shows some keys."""
SOURCES = ("components", "policies", "tests", "benchmarks", ".ci")
PLACES = ("tests", "docs", "components", "examples", "stacks", "benchmarks", "policies", "catalog", "environment")
FOLDERS = ("", "components/", "components/modelyard/", "components/modelyard/catalog/data/")


KINDS = {"platform": Platform, "department": Department, "model": Model, "cluster": Cluster, "pool": GpuPool}


class Texts(yaml.SafeLoader):
    """Dates are texts, as in an environment's files."""


Texts.yaml_implicit_resolvers = {
    first: [each for each in resolvers if each[0] != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def yaml_blocks() -> Iterator[Any]:
    for page, text in TEXTS.items():
        for number, block in enumerate(re.findall(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)):
            yield pytest.param(block, id=f"{page} {number}")


@pytest.mark.parametrize("block", list(yaml_blocks()))
def test_what_a_guide_declares_has_known_keys_and_values(block: str) -> None:
    shown = yaml.load(dedent(block), Texts)
    for each in shown if isinstance(shown, list) else [shown]:
        if each.keys() & {"apiVersion", "spec", "format"}:
            continue  # of Kubernetes, or of a model's folder
        fitting = [kind for kind, model in KINDS.items() if each.keys() <= model.model_fields.keys()]
        assert fitting, f"no declaration has the keys {', '.join(each)}"
        refused = []
        for kind in fitting:
            try:
                take(kind, each)
            except ValueError as error:
                refused.append(f"{kind}: {error}")
        assert len(refused) < len(fitting), refused


def take(kind: str, shown: dict[str, Any]) -> None:
    """Raises ValueError for what a declaration of this kind does not hold."""
    given = {**ANY[kind], **shown}
    if kind == "platform":
        given["clusters"] = [
            {**ANY["cluster"], "region": REGIONS[each.get("cloud", "aws")], **each} for each in given["clusters"]
        ]
    if kind == "department":
        given["models"] = [{**ANY["model"], **each} for each in given["models"]]
    KINDS[kind].model_validate(given)


def commands() -> Iterator[tuple[str, list[str]]]:
    """Page and words of every command, in the text and in blocks."""
    for page, text in TEXTS.items():
        lines = re.findall(r"`((?:uv run )?modelyard [^`]+)`", text)
        for block in re.findall(r"^```(?:sh|bash|console)?\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            lines += re.findall(r"^(?:\$ |[A-Z_]+=\S+ )?((?:uv run )?modelyard .*)$", block.replace("\\\n", " "), re.M)
        for line in lines:
            words = shlex.split(re.sub(r"\s#.*", "", line.replace("\n", " ")))
            yield page, words[words.index("modelyard") + 1 :]


@cache
def help_of(*words: str) -> tuple[int, str]:
    from contextlib import redirect_stderr, redirect_stdout
    from io import StringIO

    said = StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        code = main([*words, "--help"])
    return code, said.getvalue()


def test_every_command_and_option_is_one() -> None:
    found = list(commands())
    assert len({page for page, _ in found}) > 5
    wrong = []
    for page, words in found:
        if words[0].startswith(("-", "[")) or not re.fullmatch("[a-z]+", words[0]):
            continue
        asked = (
            words[:2]
            if words[0] == "catalog" and words[1:2] and words[1] in ("account", "charts", "refresh")
            else words[:1]
        )
        code, text = help_of(*asked)
        known = set(re.findall(r"--[a-z-]+", text))
        named = {option for word in words for option in re.findall(r"^\[?(--[a-z-]+)", word)}
        if code or not named <= known | {"--help"}:
            wrong.append((page, " ".join(words), sorted(named - known)))
    assert wrong == []


def test_every_file_is_there() -> None:
    missing = []
    for page, text in TEXTS.items():
        # What stands in another repository is said to be of it.
        named = re.findall(rf"[` (]((?:{'|'.join(PLACES)})/[\w./-]++)(?!` of )", text)
        named = [each.rstrip(".") for each in named]
        named += re.findall(r"`(\w+\.csv)`", text)
        missing += [(page, each) for each in named if not any((REPO / below / each).exists() for below in FOLDERS)]
    assert missing == []


def test_every_module_is_there() -> None:
    named = {module for text in TEXTS.values() for module in re.findall(r"python -m ([\w.]+)", text)}
    assert "upgrades.record" in named
    assert [each for each in sorted(named) if importlib.util.find_spec(each) is None] == []


def test_every_variable_is_read() -> None:
    named = {name for text in TEXTS.values() for name in re.findall(r"\bMODELYARD_[A-Z_]+\b", text)}
    files = [path for folder in SOURCES for path in (REPO / folder).rglob("*") if path.is_file()]
    texts = [
        path.read_text(encoding="utf-8") for path in files if path.suffix in (".py", "") and path != Path(__file__)
    ]
    assert [name for name in sorted(named) if not any(name in text for text in texts)] == []
