"""The script of the init container, with the rclone of its image, against object stores on loopback.

It runs with the variables that the container gets. What differs: where the store is, and folders of this machine for
those of the pod.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from modelyard.registry.model_upload import object_key
from modelyard.serving.triton.service_declaration import declaration, triton_workload
from modelyard.serving.workload.model_download import download_container, files_config_map

from .conftest import CACHE
from .object_stores import BUCKET, Store, azure, azurite_on_path, bad_line, gcs, install_stores, s3
from .triton_server import CannotInstall

pytestmark = pytest.mark.servers

PREFIX = "risk/fraud"
FILES = {
    "fraud/config.pbtxt": b"platform: 'ensemble'",
    "preprocess/config.pbtxt": b"backend: 'python'",
    "preprocess/1/model.py": b"class TritonPythonModel: ...",
    'classifier/1/it\'s a "modèle" №1 #;%20.json': b"{}",
    "classifier/1/-n": b"a file that looks like an option",
    "classifier/1/empty": b"",
    # The same content under two names: two objects.
    "rules/1/model.py": b"class TritonPythonModel: ...",
}
SHELLS = [["/bin/sh"], ["busybox", "sh"]]


@pytest.fixture(scope="session")
def programs() -> Path:
    try:
        return install_stores(CACHE)
    except CannotInstall as error:
        pytest.skip(f"no rclone and no stores to test against: {error}")


@pytest.fixture(scope="module")
def s3_store(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with s3(programs, tmp_path_factory.mktemp("s3")) as store:
        yield store


@pytest.fixture(scope="module", params=["s3", "gcs", "azure"])
def store(request: pytest.FixtureRequest, programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "azure":
        azurite = azurite_on_path()
        if azurite is None:
            pytest.skip("azurite-blob is not on PATH (npm's azurite): reading Azure Blob Storage is NOT checked")
        with azure(programs, azurite, folder) as running:
            yield running
    else:
        with {"s3": s3, "gcs": gcs}[request.param](programs, folder) as running:
            yield running


@dataclass
class Synced:
    """What was there after the script, and what it said."""

    status: int
    said: str
    files: dict[str, bytes]
    """What the server would see."""


class Pod:
    """The init container of a model, in folders of this machine."""

    def __init__(self, store: Store, folder: Path, **stored: Any) -> None:
        of_store: dict[str, dict[str, Any]] = {
            "s3": {"region": "us-east-1"},
            "gcs": {},
            "azure": {"account": "retailmodels"},
        }
        arguments: Any = {
            "ownership": {"department": "risk", "cost_center": "C", "environment": "prod", "owner": "risk@example.org"},
            "model": "fraud",
            "cluster": "east",
            "resources": {"gpus": 0},
            "version": 2,
            "stored": {
                "store": store.kind,
                "bucket": BUCKET,
                "prefix": PREFIX,
                "digest": "1",
                **of_store[store.kind],
                **stored,
            },
        }
        if store.kind == "azure":
            arguments["azure_client_id"] = "id"
        model = triton_workload(declaration("fraud", arguments))
        container = download_container(model)
        self.volume, self.scratch, listed = folder / "volume", folder / "scratch", folder / "list"
        for each in (self.volume, self.scratch):
            each.mkdir()
        config_map = files_config_map(model)
        given = {variable["name"]: variable["value"] for variable in container["env"]}
        given |= {"MODEL_VOLUME": str(self.volume), "TMPDIR": str(self.scratch), "HOME": str(self.scratch)}
        if config_map is not None:
            listed.write_text(config_map["data"]["list"])
            given["MODEL_FILES"] = str(listed)
        self.variables = {**given, **store.variables, "PATH": f"{store.programs}:/usr/bin:/bin"}
        self.script = container["command"][-1]

    def sync(self, *before: str, shell: list[str] | None = None, **variables: str) -> Synced:
        done = subprocess.run(
            [*before, *(shell or SHELLS[0]), "-c", self.script],
            env={**self.variables, **variables},
            capture_output=True,
            text=True,
            timeout=120,
        )
        models = self.volume / "models"
        files = {path.relative_to(models).as_posix(): path.read_bytes() for path in models.rglob("*") if path.is_file()}
        assert not list(self.volume.glob("placing")), "a repository that is half there"
        return Synced(done.returncode, done.stdout + done.stderr, files)


def listed(files: dict[str, bytes]) -> list[dict[str, Any]]:
    """As ModelUpload keeps them."""
    sums = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    return [
        {"path": path, "object": object_key(path, sums[path]), "sha256": sums[path], "size_bytes": len(content)}
        for path, content in files.items()
    ]


def upload(store: Store, prefix: str, files: dict[str, bytes]) -> None:
    store.put({f"{prefix}/{each['object']}": files[each["path"]] for each in listed(files)})


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
def test_a_repository_comes_from_every_store(store: Store, tmp_path: Path, shell: list[str]) -> None:
    """With credentials from where the pod gets them, and no key in its environment."""
    if shutil.which(shell[0]) is None:
        pytest.skip(f"no {shell[0]}: the shell of the image is NOT checked")
    # Google's emulator takes no empty object, and decodes names twice.
    taken = {path: content for path, content in FILES.items() if content and "%" not in path}
    files = taken if store.kind == "gcs" else FILES
    upload(store, PREFIX, files)
    store.asked_for_credentials.clear()
    synced = Pod(store, tmp_path, files=listed(files)).sync(shell=shell)
    assert (synced.status, synced.files) == (0, files), synced.said
    if store.kind != "azure":
        assert store.asked_for_credentials


THEIRS = {
    "config.pbtxt": b"backend: 'python'",
    "labels v1.txt": b"fraud",
    "1/model.py": b"one",
    "2/model.py": b"two",
    "2/weights/part.bin": b"part",
    "12/model.py": b"twelve",
}


def test_of_somebody_elses_model_the_served_version_is_fetched(store: Store, tmp_path: Path) -> None:
    store.put({f"theirs/{key}": content for key, content in THEIRS.items()})
    synced = Pod(store, tmp_path, prefix="theirs").sync()
    served = ("config.pbtxt", "labels v1.txt", "2/model.py", "2/weights/part.bin")
    assert (synced.status, synced.files) == (0, {f"fraud/{key}": THEIRS[key] for key in served}), synced.said


def test_somebody_elses_repository_is_fetched_whole(s3_store: Store, tmp_path: Path) -> None:
    s3_store.put({f"whole/{path}": content for path, content in FILES.items()})
    synced = Pod(s3_store, tmp_path, prefix="whole", layout="repository").sync()
    assert (synced.status, synced.files) == (0, FILES), synced.said


def test_somebody_elses_empty_version_folder_is_there(store: Store, tmp_path: Path) -> None:
    """An ensemble executes nothing itself, and Triton wants its version folder all the same."""
    if store.kind == "gcs":
        pytest.skip("Google's emulator takes no empty object: an empty version folder in GCS is NOT checked")
    store.put({"empty/config.pbtxt": b"platform: 'ensemble'", "empty/2/": b"", "empty/12/": b""})
    pod = Pod(store, tmp_path, prefix="empty")
    assert pod.sync().status == 0
    folders = sorted(path.name for path in (pod.volume / "models" / "fraud").iterdir())
    assert folders == ["2", "config.pbtxt"]


def test_checksums_of_somebody_elses_files_are_held_to(s3_store: Store, tmp_path: Path) -> None:
    s3_store.put({f"checked/{key}": content for key, content in THEIRS.items()})
    sums = {key: hashlib.sha256(THEIRS[key]).hexdigest() for key in ("config.pbtxt", "2/model.py")}
    pod = Pod(s3_store, tmp_path, prefix="checked", sha256=sums)
    assert pod.sync().status == 0
    s3_store.put({"checked/2/model.py": b"another"})
    synced = pod.sync()
    assert (synced.status, synced.files) == (1, {})
    assert "2/model.py is not the file that was deployed" in synced.said


def test_every_file_that_is_wrong_is_named_and_nothing_is_served(s3_store: Store, tmp_path: Path) -> None:
    upload(s3_store, "wrong", FILES)
    by_path = {each["path"]: each for each in listed(FILES)}
    gone, changed = by_path["fraud/config.pbtxt"], by_path["preprocess/1/model.py"]
    s3_store.delete(f"wrong/{gone['object']}")
    s3_store.put({f"wrong/{changed['object']}": b"class Other: ..."})
    pod = Pod(s3_store, tmp_path, prefix="wrong", files=listed(FILES))
    synced = pod.sync()
    assert (synced.status, synced.files) == (1, {})
    found = hashlib.sha256(b"class Other: ...").hexdigest()
    assert [line for line in synced.said.splitlines() if line.startswith("modelyard: ")][1:] == [
        f"modelyard: fraud/config.pbtxt is missing: there is no object '{gone['object']}' in s3://{BUCKET}/wrong/, or "
        "it may not be read.",
        f"modelyard: preprocess/1/model.py is not the file that was deployed: object '{changed['object']}' has SHA-256 "
        f"{found} instead of {changed['sha256']}.",
        "modelyard: 2 of the files are missing or differ. The pod does not start.",
    ]
    # Mended, the next attempt of the same pod fetches those two alone.
    upload(s3_store, "wrong", FILES)
    again = pod.sync()
    assert (again.status, again.files) == (0, FILES)
    assert "fetching 2 files" in again.said


def test_a_restarted_pod_keeps_what_is_whole(s3_store: Store, tmp_path: Path) -> None:
    upload(s3_store, PREFIX, FILES)
    pod = Pod(s3_store, tmp_path, files=listed(FILES))
    assert pod.sync().status == 0
    assert "already there, and whole" in pod.sync(RCLONE_CONFIG_STORE_ENDPOINT="http://127.0.0.1:9").said
    (pod.volume / "models" / "rules" / "1" / "model.py").write_bytes(b"damaged")
    assert pod.sync().files == FILES


def test_a_broken_line_goes_on_where_it_broke(s3_store: Store, tmp_path: Path) -> None:
    files = {"big/1/model.bin": os.urandom(8 << 20)}
    upload(s3_store, "big", files)
    with bad_line(s3_store) as line:
        line.break_after_bytes = [3 << 20, 2 << 20]
        synced = Pod(s3_store, tmp_path, prefix="big", files=listed(files)).sync(
            RCLONE_CONFIG_STORE_ENDPOINT=line.endpoint
        )
    assert (synced.status, synced.files == files) == (0, True), synced.said
    assert not line.break_after_bytes
    assert line.bytes_sent < 12 << 20, "it began again from the first byte"


def test_a_pod_that_is_killed_half_way_is_never_half_there(s3_store: Store, tmp_path: Path) -> None:
    files = {"model/config.pbtxt": b"small", "model/1/model.bin": os.urandom(8 << 20)}
    upload(s3_store, "killed", files)
    pod = Pod(s3_store, tmp_path, prefix="killed", files=listed(files))
    small = next(each["object"] for each in listed(files) if each["path"] == "model/config.pbtxt")
    with bad_line(s3_store) as line:
        line.stall_after_bytes = 1 << 20
        variables = {**pod.variables, "RCLONE_CONFIG_STORE_ENDPOINT": line.endpoint}
        process = subprocess.Popen(
            ["/bin/sh", "-c", pod.script],
            env=variables,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + 120
        while line.bytes_sent < 1 << 20 or not (pod.volume / "incoming" / small).exists():
            assert time.monotonic() < deadline, "nothing arrived"
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert not (pod.volume / "models").exists()
    with bad_line(s3_store) as line:
        synced = pod.sync(RCLONE_CONFIG_STORE_ENDPOINT=line.endpoint)
    assert (synced.status, synced.files == files) == (0, True), synced.said
    assert not [request for request in line.requests if small in request], "the whole file was fetched again"
    assert sorted(path.name for path in pod.volume.iterdir()) == ["models"], "something is left behind"


TINY_DISK = (
    "unshare", "--map-root-user", "--mount", "sh", "-c",
    'mount -t tmpfs -o size=2m none "$MODEL_VOLUME" && exec "$@"', "sh",
)  # fmt: skip


@pytest.mark.parametrize("known", [True, False], ids=["size known", "size unknown"])
def test_a_disk_that_is_too_small_is_said(s3_store: Store, tmp_path: Path, known: bool) -> None:
    may = shutil.which("unshare") and subprocess.run(
        ["unshare", "--map-root-user", "--mount", "true"], capture_output=True
    )
    if not may or may.returncode:
        pytest.skip("no file system can be mounted here: a full disk is NOT checked")
    files = {"2/model.bin": os.urandom(4 << 20)}
    upload(s3_store, "large", files)
    s3_store.put({"unlisted/2/model.bin": files["2/model.bin"]})
    stored: dict[str, Any] = {"prefix": "large", "files": listed(files)} if known else {"prefix": "unlisted"}
    synced = Pod(s3_store, tmp_path, **stored).sync(*TINY_DISK, RCLONE_RETRIES_SLEEP="0s")
    assert synced.status == 1
    if known:
        assert "modelyard: 4 MiB are to be fetched, and the disk of " in synced.said
        assert " has 2 MiB left. The pod does not start." in synced.said
    else:
        assert "space left on device" in synced.said or "remaining disk space" in synced.said
        assert f"s3://{BUCKET}/unlisted/ could not be fetched" in synced.said


@pytest.mark.parametrize("path", ["../up/model.py", "a/../../up", "/etc/passwd", "a//b", "./a"])
def test_a_list_that_leads_out_of_the_repository_is_refused(s3_store: Store, tmp_path: Path, path: str) -> None:
    """Arguments refuse such a path already; the script trusts nobody."""
    upload(s3_store, PREFIX, FILES)
    pod = Pod(s3_store, tmp_path, files=listed(FILES))
    files = Path(pod.variables["MODEL_FILES"])
    files.write_text(files.read_text().replace("\tfraud/config.pbtxt\n", f"\t{path}\n"))
    synced = pod.sync()
    assert (synced.status, synced.files) == (1, {})
    assert f"the list of files names '{path}'" in synced.said


def test_keys_of_somebody_else_stay_inside_too(s3_store: Store, tmp_path: Path) -> None:
    keys = ("config.pbtxt", "2/model.py", "2/../../../../up", "../up")
    s3_store.put({f"evil/{key}": b"x" for key in keys})
    synced = Pod(s3_store, tmp_path, prefix="evil").sync(RCLONE_RETRIES_SLEEP="0s")
    assert (synced.status, synced.files) == (1, {})
    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert all(path.startswith("volume/incoming/fraud/") for path in found)


@pytest.mark.parametrize(
    ("prefix", "said"),
    [
        ("nothing", f"s3://{BUCKET}/nothing/ could not be fetched: rclone ended with status 3, for the reason above."),
        ("old", f"s3://{BUCKET}/old/ has no version folder 2."),
    ],
)
def test_a_version_that_is_not_there_stops_the_pod(s3_store: Store, tmp_path: Path, prefix: str, said: str) -> None:
    s3_store.put({"old/config.pbtxt": b"", "old/1/model.py": b""})
    synced = Pod(s3_store, tmp_path, prefix=prefix).sync(RCLONE_RETRIES_SLEEP="0s")
    assert synced.status == 1
    assert said in synced.said


def test_without_the_right_to_read_the_reason_is_shown(s3_store: Store, tmp_path: Path) -> None:
    pod = Pod(s3_store, tmp_path, files=listed(FILES))
    (tmp_path / "other-token").write_text("of another pod")
    synced = pod.sync(AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(tmp_path / "other-token"), RCLONE_RETRIES_SLEEP="0s")
    assert synced.status == 1
    assert "credentials" in synced.said
    assert f"modelyard: {len(FILES)} of the files are missing or differ. The pod does not start." in synced.said
