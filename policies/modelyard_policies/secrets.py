"""Credentials stay out of pod specs and ConfigMaps, where everybody who may read them can see them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from modelyard.graph import UNKNOWN
from pulumi_policy import ResourceValidationArgs

from modelyard_policies.inputs import elements, entries, read, require, shown
from modelyard_policies.pods import CONTROLLED, RUNTIMES, WORKLOADS, Pods, containers, template, templates
from modelyard_policies.resource_graph import plain
from modelyard_policies.resource_types import ResourceTypes
from modelyard_policies.rule import ResourceRule

CONFIG_MAP: Final = "kubernetes:core/v1:ConfigMap"
_SECRET_NAME: Final = re.compile(
    r"(^|[_.-])(password|passwd|passphrase|secret|token|api_?key|apikey|credentials?|private_?key|access_?key|"
    r"secret_?key|signing_?key|encryption_?key)$",
    re.IGNORECASE,
)
"""Whole last words: AWS_SECRET_NAME, MAX_TOKENS and TOKEN_FILE name no secret value."""
_CREDENTIALS: Final = (
    ("an AWS access key", re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b")),
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    ("a GitHub token", re.compile(r"\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})")),
    ("a Slack token", re.compile(r"\bxox[abposr]-[A-Za-z0-9-]{10,}")),
    ("a Hugging Face token", re.compile(r"\bhf_[A-Za-z0-9]{30,}")),
    ("a Stripe key", re.compile(r"\b[rs]k_live_[A-Za-z0-9]{16,}")),
    ("an API key", re.compile(r"\bsk-[A-Za-z0-9_-]{32,}")),
    ("a JSON Web Token", re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}")),
    ("a URL with a password", re.compile(r"\b[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s@]+@", re.IGNORECASE)),
)
_ADVICE: Final = "keep it in a Secret and refer to it with valueFrom.secretKeyRef"


def rules() -> list[ResourceRule]:
    return [
        ResourceRule(
            "secrets-not-in-env",
            "No credential stands in a pod's environment, its arguments or a ConfigMap.",
            types=WORKLOADS | RUNTIMES | ResourceTypes(CONFIG_MAP),
            check=_check,
        )
    ]


def _check(args: ResourceValidationArgs) -> Iterator[str]:
    if args.resource_type == CONFIG_MAP:
        for key, value in entries(require(args.props, "data")):
            found = _credential(value)
            if found:
                yield f"data[{shown(key)}] holds {found}, which every reader of ConfigMaps sees; keep it in a Secret."
        return
    if args.resource_type in RUNTIMES:
        found = [Pods("", args.props)]
    elif args.resource_type in CONTROLLED:
        found = templates(args.resource_type, plain(args.props))
    else:
        found = [Pods("", template(args.resource_type, args.props))]
    for pods in found:
        for container in containers(pods.template):
            yield from _container(f"{pods.label}{container.label}", container.inputs)


def _container(label: str, container: Any) -> Iterator[str]:
    yield from _environment(label, container)
    for field in ("command", "args"):
        for position, text in enumerate(elements(read(container, field))):
            found = _credential(text)
            if found:
                yield f"{label} has {found} in {field}[{position}]; {_ADVICE} in an environment variable."


def _environment(label: str, container: Any) -> Iterator[str]:
    for variable in elements(read(container, "env")):
        value, name = read(variable, "value"), read(variable, "name")
        if value in (None, ""):
            continue
        found = _credential(value)
        if found:
            yield f"{label} has {found} as the value of {shown(name)}; {_ADVICE}."
        elif isinstance(name, str) and _SECRET_NAME.search(name) and not _reference(value):
            yield f"{label} gives {shown(name)} its value in plain text; {_ADVICE}."


def _credential(value: Any) -> str:
    if isinstance(value, str) and value is not UNKNOWN:
        for title, pattern in _CREDENTIALS:
            if pattern.search(value):
                return title
    return ""


def _reference(value: Any) -> bool:
    """Kubernetes' own ``$(OTHER_VARIABLE)``."""
    return isinstance(value, str) and re.fullmatch(r"\$\([A-Za-z_][A-Za-z0-9_]*\)", value) is not None
