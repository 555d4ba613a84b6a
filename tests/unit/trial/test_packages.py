"""Environments that are made once: what their installer says, and who waits for whom."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from modelyard.trial.interpreter import Interpreter, interpreter
from modelyard.trial.packages import CannotInstall, cache_folder, environment

PYTHON = Path(sys.executable)
THIS = f"{sys.version_info.major}.{sys.version_info.minor}"


def test_an_environment_is_made_once(tmp_path: Path) -> None:
    said: list[str] = []
    finished: list[Path] = []
    path = tmp_path / "cache" / "empty"
    for _ in range(2):
        assert environment(path, (), python=PYTHON, finish=finished.append, on_progress=said.append) == path
    assert (path / "bin" / "python").exists()
    assert (finished, said) == ([path], ["making a virtual environment"])
    assert not (path / "temporary").exists()


def test_what_an_interrupted_attempt_left_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "half"
    (path / "lib").mkdir(parents=True)
    (path / "lib" / "leftover").write_text("")
    environment(path, (), python=PYTHON)
    assert not (path / "lib" / "leftover").exists()


def test_an_attempt_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(path: Path) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        environment(tmp_path / "none", (), python=PYTHON, finish=fail)
    assert [each.name for each in tmp_path.iterdir()] == ["none.lock"]


def test_a_package_that_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(CannotInstall) as refused:
        environment(tmp_path / "none", ("./no-such-folder",), python=PYTHON)
    assert str(refused.value).startswith(
        "./no-such-folder could not be installed: Invalid requirement: './no-such-folder'"
    )
    assert not (tmp_path / "none").exists()


ASK = """
import sys, time
from pathlib import Path
from modelyard.trial.packages import environment

made = []
def finish(path):
    made.append(path)
    time.sleep(0.5)
environment(Path(sys.argv[1]), (), python=Path(sys.executable), finish=finish, on_progress=made.append)
print(made)
"""


def test_two_that_want_the_same_at_once(tmp_path: Path) -> None:
    """One makes it, and the other waits for it."""
    command = [sys.executable, "-c", ASK, str(tmp_path / "shared")]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = sorted((each.communicate(timeout=120)[0] for each in both), key=len)
    assert [each.returncode for each in both] == [0, 0]
    assert "making a virtual environment" in said[1]
    assert said[0].strip() in ("['waiting for another process that installs shared']", "[]")


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"MODELYARD_CACHE": "/a", "XDG_CACHE_HOME": "/b"}, "/a"),
        ({"XDG_CACHE_HOME": "/b"}, "/b/modelyard"),
        ({"HOME": "/home/x"}, "/home/x/.cache/modelyard"),
    ],
)
def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str) -> None:
    for name in ("MODELYARD_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cache_folder() == Path(expected)


def test_this_interpreter_comes_first() -> None:
    found = interpreter((THIS,))
    assert isinstance(found, Interpreter)
    assert (found.executable, found.minor) == (PYTHON, THIS)
    assert (found.library_folder / f"libpython{THIS}.so.1.0").exists()


def test_an_interpreter_that_is_not_to_be_had() -> None:
    assert interpreter(("3.2",)) == (
        f"models run with Python 3.2 and its shared library, and {sys.executable} is Python {THIS}; install one (on "
        "Debian the packages python3.2-venv and libpython3.2)"
    )
