"""The files for containers ask for no more than they need, and name what they bring."""

import json
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest
import yaml

from detectors.basis.errors import InvalidSettings
from streams.access.doors import door_of
from streams.access.session_door import SessionDoor
from streams.config.desk import read_desk_settings
from streams.serving.server import HttpServer
from tests.install.machine import ROOT
from tests.streams.serving.worker_pages import worker_pages
from tools import pin_images

DOCKERFILE = ROOT / "deploy" / "Dockerfile"
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(
    (ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8")
)["services"]
WRITES_ITS_SETTINGS = {"kafka"}


def hadolint(text: str) -> str:
    """Return what the linter says of a Dockerfile."""
    tool = Path(sys.executable).with_name("hadolint")
    answer = subprocess.run(
        [tool, "--no-color", "-"], input=text, capture_output=True, text=True, check=False
    )
    return answer.stdout + answer.stderr


def test_the_linter_has_nothing_to_say_about_the_image() -> None:
    text = DOCKERFILE.read_text(encoding="utf-8")
    assert hadolint(text) == ""
    assert "DL3066" in hadolint(text.replace("USER 10001", "USER aboveboard"))


def test_the_image_runs_as_a_user_by_number() -> None:
    users = re.findall(r"^USER (\S+)$", DOCKERFILE.read_text(encoding="utf-8"), re.MULTILINE)
    assert users[-1].isdecimal()
    assert int(users[-1]) > 0


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_can_do_no_more_than_it_must(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["pids_limit"] <= 1_024
    assert service["mem_limit"]
    assert service.get("read_only", False) is (name not in WRITES_ITS_SETTINGS)
    assert not {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices"} & service.keys()
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    assert not any("docker.sock" in volume for volume in service.get("volumes", ()))


def test_a_read_only_container_of_ours_can_write_where_the_image_says() -> None:
    (folder,) = re.findall(r"TMPDIR=(\S+)", DOCKERFILE.read_text(encoding="utf-8"))
    for service in SERVICES.values():
        if service["image"] == "aboveboard":
            assert service["tmpfs"][0].startswith(f"{folder}:")


def desk_in_compose() -> dict[str, str]:
    """Return the environment of the desk, where the user names an issuer and roles alone."""
    given = {"OIDC_ISSUER": "https://id.example.com", "DESK_ROLES": "fraud-team=reviewer"}
    return {
        name: re.sub(r"\$\{(\w+):-([^}]*)\}", lambda at: given.get(at[1], at[2]), str(value))
        for name, value in SERVICES["desk"]["environment"].items()
    }


def desk_in_kubernetes(folder: Path) -> dict[str, str]:
    """Return the environment of the desk, with a file in which the secret is."""
    secret = folder / "client-secret"
    secret.write_text("of the client", encoding="utf-8")
    text = (ROOT / "deploy" / "kubernetes" / "desk.yaml").read_text(encoding="utf-8")
    deployment = next(iter(yaml.safe_load_all(text)))
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    found = {one["name"]: one["value"] for one in container["env"]}
    return found | {"ABOVEBOARD_DESK_OIDC_CLIENT_SECRET_FILE": str(secret)}


def test_people_can_log_in_to_a_desk_that_is_deployed(tmp_path: Path) -> None:
    for environment in (desk_in_compose(), desk_in_kubernetes(tmp_path)):
        assert isinstance(door_of(read_desk_settings(environment)), SessionDoor)
        del environment["ABOVEBOARD_DESK_OIDC_ADDRESS"]
        with pytest.raises(InvalidSettings, match="OIDC_ADDRESS"):
            door_of(read_desk_settings(environment))


def test_a_worker_that_cannot_begin_is_not_started_for_ever() -> None:
    assert re.fullmatch(r"on-failure:[1-9]", SERVICES["worker"]["restart"])


def test_every_volume_that_is_named_is_declared() -> None:
    declared = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))
    used = {
        volume.partition(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", ())
        if not volume.startswith(".")
    }
    assert used == set(declared["volumes"])


def healthcheck() -> list[str]:
    """Return the command by which the image asks for its own health."""
    text = DOCKERFILE.read_text(encoding="utf-8").replace("\\\n", "")
    (command,) = re.findall(r"^HEALTHCHECK .*CMD (\[.*\])$", text, re.MULTILINE)
    words: list[str] = json.loads(command)
    return words


@pytest.mark.parametrize("stall_after", [3_600, -1], ids=["alive", "not alive"])
def test_the_image_asks_for_its_own_health(stall_after: float) -> None:
    program, *words = healthcheck()
    assert program == "python"
    pages = worker_pages(stall_after)
    with HttpServer(pages, "127.0.0.1", 0) as server:
        port = server.address.rpartition(":")[2]
        answer = subprocess.run(
            [sys.executable, *words],
            env={"ABOVEBOARD_METRICS_PORT": port},
            capture_output=True,
            check=False,
        )
    assert (answer.returncode == 0) is (stall_after > 0), answer.stderr


def locked_runtime() -> set[str]:
    """Return the names of all packages that the project and its extras lead to in uv.lock."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    packages: dict[str, list[dict[str, Any]]] = {}
    for package in lock["package"]:
        packages.setdefault(package["name"], []).append(package)
    found: set[str] = set()
    (project,) = packages["aboveboard"]
    left = [project, *({"dependencies": d} for d in project["optional-dependencies"].values())]
    while left:
        package = left.pop()
        for needed in package.get("dependencies", ()):
            name = needed["name"]
            for one in packages[name]:
                extras = one.get("optional-dependencies", {})
                left += [{"dependencies": extras[extra]} for extra in needed.get("extra", ())]
                if name not in found:
                    left.append(one)
            found.add(name)
    return found


def test_the_bill_of_materials_names_every_package_that_runs() -> None:
    subprocess.run(["/usr/bin/env", "make", "sbom"], cwd=ROOT, check=True, capture_output=True)
    bill = json.loads((ROOT / "dist" / "sbom.cdx.json").read_text(encoding="utf-8"))
    assert bill["bomFormat"] == "CycloneDX"
    assert {component["name"] for component in bill["components"]} == locked_runtime()
    assert {"numpy", "faust-streaming", "rocksdict", "cramjam"} <= locked_runtime()
    assert all(component["purl"].startswith("pkg:pypi/") for component in bill["components"])
    assert bill["metadata"]["component"]["name"] == "aboveboard"


def test_the_notices_hold_every_package_and_the_texts_of_their_licences(tmp_path: Path) -> None:
    target = tmp_path / "NOTICES"
    script = ROOT / "tools" / "third_party_notices.py"
    subprocess.run([sys.executable, "-I", script, target], check=True)
    text = target.read_text(encoding="utf-8")
    for package in distributions():
        listed = f"\n{package.name} {package.version}\n" in text
        assert listed is (package.name != "aboveboard"), package.name
    assert text.count("Apache License") > 10
    assert "Permission is hereby granted" in text


FAKE_DOCKER = """\
#!/bin/sh
echo "$@" >> "$0.asked"
echo sha256:{digest}
"""


def test_the_images_are_pinned_by_what_docker_says(tmp_path: Path) -> None:
    """A program in Docker's place: no registry of images is asked."""
    docker = tmp_path / "docker"
    docker.write_text(FAKE_DOCKER.format(digest="a" * 64), encoding="utf-8")
    docker.chmod(0o755)
    answer = subprocess.run(
        [sys.executable, ROOT / "tools" / "pin_images.py"],
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = dict(line.split("=", 1) for line in answer.stdout.splitlines())
    assert lines == {n: f"{i}@sha256:{'a' * 64}" for n, i in pin_images.images().items()}
    assert lines.keys() == {
        "ALERTMANAGER_IMAGE",
        "GRAFANA_IMAGE",
        "KAFKA_IMAGE",
        "PROMETHEUS_IMAGE",
        "PYTHON_IMAGE",
    }


def test_no_answer_of_docker_is_written_unless_it_is_a_digest(tmp_path: Path) -> None:
    docker = tmp_path / "docker"
    docker.write_text(FAKE_DOCKER.format(digest="latest"), encoding="utf-8")
    docker.chmod(0o755)
    answer = subprocess.run(
        [sys.executable, ROOT / "tools" / "pin_images.py"],
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert "is no digest" in answer.stderr


def test_every_image_that_is_not_ours_can_be_pinned() -> None:
    text = DOCKERFILE.read_text(encoding="utf-8")
    assert set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) == {"${PYTHON_IMAGE}"}
    for service in SERVICES.values():
        assert service["image"] == "aboveboard" or pin_images.IN_COMPOSE.fullmatch(service["image"])
    assert service_argument() == "${PYTHON_IMAGE:-" + pin_images.images()["PYTHON_IMAGE"] + "}"


def service_argument() -> str:
    """Return the base image with which compose builds ours."""
    argument: str = SERVICES["worker"]["build"]["args"]["PYTHON_IMAGE"]
    return argument
