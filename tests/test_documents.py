"""The pages for users say what the code does."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
import yaml

from detectors.settings import Settings, read_settings
from streams.cli.main import COMMANDS
from streams.config.desk import DeskSettings, read_desk_settings
from streams.config.host import PREFIX, HostSettings, read_host_settings, variable
from streams.config.notify import NotifySettings, read_notify_settings
from streams.wire.topics import Topic

ROOT = Path(__file__).parent.parent

FOLDERS: Final = ("bench", "deploy", "detectors", "docs", "examples", "streams", "tests", "tools")
"""Where pages may stand beside the root; others are made by tools and are not tracked."""

LONGEST_LINE: Final = 140


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def rows(text: str) -> Iterator[list[str]]:
    for line in text.splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def leaves(table: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if value and isinstance(value, dict):
            yield from leaves(value, f"{place}{key}.")
        else:
            yield f"{place}{key}", value


def test_every_setting_stands_in_its_page_with_its_default() -> None:
    told = {
        cells[0].strip("`"): tomllib.loads(f"value = {cells[1].strip('`')}")["value"]
        for cells in rows(page("docs/settings.md"))
    }
    written = msgspec.to_builtins(Settings(), builtin_types=(datetime,))
    for profile in written["profiles"].values():  # a detector's parameters stand in its profile
        profile.update(profile.pop("detector"))
    known = dict(leaves(written))
    assert told == {
        key: list(value) if isinstance(value, tuple) else value for key, value in known.items()
    }


def test_the_page_of_settings_is_a_settings_file_when_put_together() -> None:
    lines = [f"{row[0].strip('`')} = {row[1].strip('`')}" for row in rows(page("docs/settings.md"))]
    assert read_settings(tomllib.loads("\n".join(lines))) == Settings()


def test_the_examples_of_the_page_of_settings_are_obeyed() -> None:
    examples = re.findall(r"```toml\n(.*?)```", page("docs/settings.md"), flags=re.DOTALL)
    assert examples
    for example in examples:
        assert read_settings(tomllib.loads(example)) != Settings()


def test_every_variable_of_the_host_stands_in_its_page_with_its_default() -> None:
    told = {
        cells[0].strip("`"): cells[1].strip("`")
        for cells in rows(page("docs/operation.md"))
        if cells[0].startswith(f"`{PREFIX}")
    }
    assert told.keys() == {variable(name) for name in HostSettings.__struct_fields__}
    given = {name: "" if value == "empty" else value for name, value in told.items()}
    assert read_host_settings(given) == HostSettings()


def test_every_variable_of_the_notifier_stands_in_its_page_with_its_default() -> None:
    told = {
        cells[0].strip("`"): cells[1].strip("`")
        for cells in rows(page("docs/delivery.md"))
        if cells[0].startswith(f"`{PREFIX}")
    }
    assert told.keys() == {variable(name) for name in NotifySettings.__struct_fields__}
    given = {name: "" if value == "empty" else value for name, value in told.items()}
    assert read_notify_settings(given) == NotifySettings()


def test_every_variable_of_the_desk_stands_in_its_page_with_its_default() -> None:
    told = {
        cells[0].strip("`"): cells[1].strip("`")
        for cells in rows(page("docs/access.md"))
        if cells[0].startswith(f"`{PREFIX}DESK_")
    }
    assert told.keys() == {variable(name) for name in DeskSettings.__struct_fields__}
    given = {name: "" if value == "empty" else value for name, value in told.items()}
    assert read_desk_settings(given) == DeskSettings()


def test_every_topic_stands_in_the_page_of_operation() -> None:
    for topic in Topic:
        assert f"`{topic}`" in page("docs/operation.md")


def test_every_command_of_the_readme_exists() -> None:
    commands = set(re.findall(r"bin/aboveboard ([a-z-]+)", page("README.md")))
    assert commands
    assert commands <= COMMANDS.keys()


def test_every_link_between_pages_leads_somewhere() -> None:
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("*/README.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.relative_to(ROOT)} links to {target}"


@pytest.mark.parametrize("name", ["compose.yaml", "prometheus/prometheus.yml"])
def test_the_files_of_deploy_parse(name: str) -> None:
    assert yaml.safe_load(page(f"deploy/{name}"))


def test_the_composed_services_fit_each_other_and_the_commands() -> None:
    services = yaml.safe_load(page("deploy/compose.yaml"))["services"]
    for service in services.values():
        needed = service.get("depends_on", {})
        assert set(needed) <= services.keys()
        if service.get("image") == "aboveboard":
            assert service["command"][0] in COMMANDS
            variables = service.get("environment", {})
            names = {
                field.name
                for kind in (DeskSettings, HostSettings, NotifySettings)
                for field in msgspec.structs.fields(kind)
            }
            assert {name.removeprefix(PREFIX).lower() for name in variables} <= names


def test_prometheus_scrapes_the_port_that_the_image_exposes() -> None:
    jobs = yaml.safe_load(page("deploy/prometheus/prometheus.yml"))["scrape_configs"]
    ports = {config["port"] for job in jobs for config in job["dns_sd_configs"]}
    assert ports == {HostSettings().metrics_port}
    assert f"EXPOSE {HostSettings().metrics_port}" in page("deploy/Dockerfile")


def test_the_rules_find_the_job_that_is_scraped() -> None:
    scraped = yaml.safe_load(page("deploy/prometheus/prometheus.yml"))["scrape_configs"]
    (workers,) = (
        job["job_name"] for job in scraped if job["dns_sd_configs"][0]["names"] == ["worker"]
    )
    asked = re.findall(r'job="(\w+)"', page("deploy/prometheus/rules/workers.yml"))
    assert set(asked) == {workers}


def test_the_image_copies_what_exists() -> None:
    for line in page("deploy/Dockerfile").splitlines():
        if line.startswith("COPY ") and "--from" not in line:
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), source


def markdown(root: Path) -> Iterator[Path]:
    """Yield every page of a repository."""
    yield from root.glob("*.md")
    for folder in FOLDERS:
        yield from (root / folder).rglob("*.md")


def long_lines(root: Path) -> list[str]:
    """Return the lines of pages that are too long to read in an editor, tables too."""
    return [
        f"{path.relative_to(root)}:{number}: {len(line)} characters"
        for path in markdown(root)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > LONGEST_LINE
    ]


def stale_paths(root: Path) -> list[str]:
    """Return the paths in backticks, and the modules after ``python -m``, that do not exist."""
    return [
        f"{path.relative_to(root)} names {named}"
        for path in markdown(root)
        for named in _named_paths(path.read_text(encoding="utf-8"))
        if not (root / named).exists() and not (root / f"{named}.py").exists()
    ]


def _named_paths(text: str) -> Iterator[str]:
    packages = "(?:streams|detectors|bench|tests)"
    yield from re.findall(rf"`({packages}/[^`\s]*)`", text)
    for module in re.findall(rf"python -m ({packages}(?:\.\w+)+)", text):
        yield module.replace(".", "/")


def test_no_line_of_a_page_is_too_long() -> None:
    assert long_lines(ROOT) == []


def test_every_path_that_a_page_names_exists() -> None:
    assert stale_paths(ROOT) == []


def test_the_guards_of_pages_bite(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "streams").mkdir()
    good = "`streams/` is there.\n" + "x" * LONGEST_LINE + "\n"
    (tmp_path / "docs" / "good.md").write_text(good, encoding="utf-8")
    assert long_lines(tmp_path) == stale_paths(tmp_path) == []
    bad = "`streams/transport` is not, `python -m bench.gone` neither.\n| " + "x" * LONGEST_LINE
    (tmp_path / "docs" / "bad.md").write_text(bad, encoding="utf-8")
    assert long_lines(tmp_path) == [f"docs/bad.md:2: {LONGEST_LINE + 2} characters"]
    assert stale_paths(tmp_path) == [
        "docs/bad.md names streams/transport",
        "docs/bad.md names bench/gone",
    ]


def test_the_picture_of_the_folders_is_that_of_the_import_rules() -> None:
    picture = page("docs/design.md").split("## The folders", 1)[1].split("```")[1]
    drawn: dict[str, list[frozenset[str]]] = {}
    container = ""
    for line in picture.splitlines():
        if line and not line.startswith(" "):
            container = line.rstrip("/").replace("/", ".")
            drawn[container] = []
        elif found := re.match(r" {4}(\w+(?: {3}\w+)*)(?: {3,}|$)", line):
            drawn[container].append(frozenset(found[1].split()))
    contracts = tomllib.loads(page("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    ruled = {
        contract["containers"][0]: [
            frozenset(re.findall(r"\w+", layer)) for layer in contract["layers"]
        ]
        for contract in contracts
        if contract["type"] == "layers"
    }
    assert drawn == ruled


def test_the_way_of_an_alert_is_at_most_fifteen_files() -> None:
    way = page("docs/design.md").split("## One alert, from bytes to bytes", 1)[1].split("\n## ")[0]
    files = re.findall(r"^\| \d+ \| `([\w/]+\.py)` \|", way, re.MULTILINE)
    assert 0 < len(files) <= 15
    assert all((ROOT / file).is_file() for file in files)
