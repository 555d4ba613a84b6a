"""The Python that runs models in the server: this one, or another on PATH that the server can run."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_ASK = """
import json, os, sys, sysconfig
name = "libpython%d.%d.so.1.0" % sys.version_info[:2]
values = sysconfig.get_config_vars()
folders = [values.get("LIBDIR"), os.path.join(sys.base_prefix, "lib"), "/usr/lib", "/lib"]
folders.append(os.path.join("/usr/lib", values.get("MULTIARCH") or ""))
found = [folder for folder in folders if folder and os.path.exists(os.path.join(folder, name))]
print(json.dumps(["%d.%d" % sys.version_info[:2], found[0] if found else None]))
"""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """An interpreter that the server's Python backend can run."""

    executable: Path
    minor: str
    """For example 3.11."""
    library_folder: Path
    """Where its shared library lies."""


def interpreter(minors: tuple[str, ...], executable: str = sys.executable) -> Interpreter | str:
    """``executable`` where it is one of these versions with a shared library, else the newest such on PATH.

    A text when there is none: what was found, and what to install.
    """
    tried: list[str] = []
    for candidate in (executable, *(shutil.which(f"python{minor}") for minor in reversed(minors))):
        asked = _asked(candidate) if candidate else None
        if candidate is None or asked is None:
            continue
        minor, folder = asked
        if minor in minors and folder is not None:
            return Interpreter(Path(candidate), minor, Path(folder))
        lack = f" without its shared library libpython{minor}.so.1.0" if minor in minors else ""
        tried.append(f"{candidate} is Python {minor}{lack}")
    return (
        f"models run with Python {' or '.join(minors)} and its shared library, and {'; '.join(tried) or 'none is here'}"
        f"; install one (on Debian the packages python{minors[-1]}-venv and libpython{minors[-1]})"
    )


def _asked(executable: str) -> tuple[str, str | None] | None:
    """Version and folder of the shared library, or None for a program that is no usable Python."""
    try:
        done = subprocess.run([executable, "-I", "-c", _ASK], capture_output=True, text=True, timeout=20)
        minor, folder = json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return None
    return minor, folder
