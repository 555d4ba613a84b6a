"""What a person needs to know who applies rendered files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...visible_text import one_line
from ..markdown import escaped
from ..plan import PlanDocument
from .placeholder import Placeholder


def readme(document: PlanDocument, placeholders: Sequence[Placeholder], releases: Sequence[str]) -> str:
    """Markdown: the layout, the order, every placeholder with where its value comes from."""
    return "".join(_parts(document, placeholders, releases))


def _parts(document: PlanDocument, placeholders: Sequence[Placeholder], releases: Sequence[str]) -> Iterator[str]:
    yield f"# Kubernetes side of {escaped(document.environment)}\n\n"
    yield (
        f"Rendered by Modelyard {escaped(document.version)}. Do not edit: a new render replaces this folder. Each "
        "folder is a cluster.\n\n"
        "- `<namespace>/<kind>-<name>.yaml`: one object; `cluster-wide/` holds what belongs to no namespace.\n"
        "- `<namespace>/helm-<release>/`: `release.yaml` names chart, repository and version, `values.yaml` its "
        "values.\n"
        "- `prometheus-rules/`: the groups of each PrometheusRule as plain rule files.\n"
        "- `models/<department>/<model>/`: the Triton model repository of each model.\n\n"
        "Apply namespaces first, then the Helm releases of a cluster in the order below, then the rest.\n\n"
    )
    if releases:
        yield "## Helm releases\n\n"
        for cluster in dict.fromkeys(path.partition("/")[0] for path in releases):
            mine = [path for path in releases if path.startswith(f"{cluster}/")]
            yield from (f"{number}. `{path}`\n" for number, path in enumerate(mine, 1))
            yield "\n"
    yield from _remote_models(document)
    cloud = [each for each in placeholders if not each.secret]
    secret = [each for each in placeholders if each.secret]
    yield from _table(
        "Placeholders",
        "Only the cloud knows these values. Replace each text before applying, or render again with "
        "`--outputs STACK=FILE` once a stack is deployed.",
        cloud,
    )
    yield from _table(
        "Secrets",
        "No secret is in these files. Keep the values in a secret manager and let the cluster fetch them; "
        "`${secret-store}` is the name of your ClusterSecretStore.",
        secret,
    )


def _remote_models(document: PlanDocument) -> Iterator[str]:
    remote = dict.fromkeys((each.department, each.model, each.url) for each in document.repositories if each.url)
    if remote:
        yield "## Models whose files are elsewhere\n\n"
        yield from (f"- {escaped(department)}/{escaped(model)}: {escaped(url)}\n" for department, model, url in remote)
        yield "\n"


def _table(title: str, text: str, placeholders: Sequence[Placeholder]) -> Iterator[str]:
    if not placeholders:
        return
    yield f"## {title}\n\n{text}\n\n| Text | In | Made from |\n|---|---|---|\n"
    for each in placeholders:
        shown, more = each.comes_from[:6], len(each.comes_from) - 6
        sources = ", ".join(escaped(source) for source in shown) + (f" and {more} more" if more > 0 else "")
        yield f"| `{_code(each.text)}` | `{each.file}` | {sources or 'a secret manager'} |\n"
    yield "\n"


def _code(text: str) -> str:
    return one_line(text).replace("`", "'").replace("|", "\\|")
