"""What the real engine can do and the offline engine cannot."""

from __future__ import annotations


class NotSupported(Exception):
    """The program uses a feature of the real engine that the offline engine does not have."""

    def __init__(self, feature: str, subject: str, instead: str) -> None:
        super().__init__(f"{feature} are not supported offline ({subject}): {instead}")


def remote_component(type_: str, name: str) -> NotSupported:
    return NotSupported(
        "remote components",
        f"{type_} {name!r}",
        "use a component written in this program's language, or plan this stack with `pulumi preview`",
    )


def provider_method(token: str) -> NotSupported:
    return NotSupported(
        "methods of remote components", token, "plan this stack with `pulumi preview`, which runs the plugin"
    )


def hook(name: str) -> NotSupported:
    return NotSupported(
        "resource hooks", name, "declare the hook only when pulumi.runtime.is_dry_run() is false, or remove it"
    )


def package(name: str, version: str) -> NotSupported:
    return NotSupported("parameterized packages", f"{name} {version}".strip(), "plan this stack with `pulumi preview`")


def existence(type_: str) -> NotSupported:
    return NotSupported("existence checks", type_, "only the account knows; plan this stack with `pulumi preview`")
