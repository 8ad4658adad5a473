"""The manifests name what there is: commands, variables, ports, pages."""

from typing import Any, Final

import pytest
import yaml
from msgspec.structs import fields

from streams.cli.main import COMMANDS
from streams.config.desk import DeskSettings, read_desk_settings
from streams.config.host import HostSettings, variable
from tests.install.machine import ROOT

FILES: Final = sorted((ROOT / "deploy" / "kubernetes").glob("*.yaml"))
KNOWN: Final = {
    variable(field.name) for kind in (DeskSettings, HostSettings) for field in fields(kind)
}


def documents(kind: str) -> list[dict[str, Any]]:
    found = [one for path in FILES for one in yaml.safe_load_all(path.read_text(encoding="utf-8"))]
    return [one for one in found if one["kind"] == kind]


def containers() -> list[dict[str, Any]]:
    templates = [one["spec"]["template"]["spec"] for one in documents("Deployment")]
    return [container for spec in templates for container in spec["containers"]]


def test_containers_run_commands_with_variables_that_there_are() -> None:
    for container in containers():
        given = {one["name"]: one["value"] for one in container["env"]}
        assert container["args"][0] in COMMANDS
        assert given.keys() <= KNOWN
        settings = read_desk_settings(given)
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        assert ports == {"desk": settings.desk_port, "metrics": HostSettings().metrics_port}
        assert settings.desk_mode != "none"
        for probe, path in (("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")):
            assert container[probe]["httpGet"] == {"path": path, "port": "metrics"}


@pytest.mark.parametrize("right", ["runAsNonRoot", "readOnlyRootFilesystem"])
def test_containers_may_do_little(right: str) -> None:
    for container in containers():
        assert container["securityContext"][right] is True
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_services_and_policies_find_the_pods() -> None:
    labels = [one["spec"]["template"]["metadata"]["labels"] for one in documents("Deployment")]
    (service,), (policy,) = documents("Service"), documents("NetworkPolicy")
    assert service["spec"]["selector"] in labels
    assert policy["spec"]["podSelector"]["matchLabels"] in labels
