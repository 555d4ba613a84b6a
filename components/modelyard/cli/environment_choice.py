"""Which environment a command is about."""

from __future__ import annotations

from pathlib import Path

from ..environment.credential import credential
from ..environment.load import environments
from ..review.refused import PlanRefused

DEFAULT_STACKS = Path("stacks")


def chosen(given: str | None, stacks: Path | None) -> tuple[Path, Path]:
    """Folder of the environment and folder of the stack files.

    ``given`` is a name, a folder, or None for the only environment there is. Raises PlanRefused, listing what there is.
    """
    kind = credential(given or "")
    if kind:
        raise PlanRefused(f"the name of the environment looks like {kind}; it is not shown here: name an environment")
    if given is not None and _is_folder(given):
        folder = Path(given)
        if not folder.absolute().parent.is_dir():
            raise PlanRefused(f"{given}: there is no folder {folder.parent}; name an environment, or its folder")
        return folder, stacks if stacks is not None else folder.absolute().parent
    stacks_dir = stacks if stacks is not None else DEFAULT_STACKS
    if not stacks_dir.is_dir():
        what = "is not a folder" if stacks_dir.exists() else "does not exist"
        raise PlanRefused(
            f"{stacks_dir}: this folder of environments and stack files {what}; run in the folder of the project, or "
            "name it with --stacks"
        )
    if given:
        return stacks_dir / given, stacks_dir
    known = environments(stacks_dir)
    if len(known) == 1:
        return stacks_dir / known[0], stacks_dir
    if not known:
        raise PlanRefused(f"{stacks_dir}: no environment here; one is a folder with a platform.yaml")
    raise PlanRefused(f"which environment? Name one of: {', '.join(known)}")


def _is_folder(given: str) -> bool:
    return "/" in given.rstrip("/") or given.endswith("/") or given in (".", "..")
