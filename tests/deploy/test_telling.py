"""What a real Alertmanager tells with the shipped files: to whom, in which words."""

import copy
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.deploy.receiver import PATIENCE, Receiver, receiving
from tests.deploy.served_program import ServedProgram
from tests.deploy.test_alertmanager import AN_ALERT, ANNOTATIONS, CONTENT, FOLDER

NAME: Final = "Jane Doe"
"""Of a person; it stands in the pseudonym's place to see where that ends."""


def at_hand(receiver: Receiver, folder: Path) -> dict[str, Any]:
    """Return the shipped configuration with addresses that are here, no mail, and no waiting."""
    content = copy.deepcopy(CONTENT)
    (folder / "chat").write_text(f"{receiver.address}/chat", encoding="utf-8")
    content["templates"] = [f"{FOLDER}/{pattern}" for pattern in content["templates"]]
    for one in content["receivers"]:
        one.pop("email_configs", None)
        for webhook in one.get("webhook_configs", ()):
            path = webhook["url"].partition("example.com")[2]
            webhook["url"] = f"{receiver.address}{path}"
        for chat in one.get("slack_configs", ()):
            chat["api_url_file"] = str(folder / "chat")
    routes = [content["route"]]
    while routes:
        route = routes.pop()
        if "group_wait" in route:
            route["group_wait"] = "0s"
        routes += route.get("routes", ())
    return content


@pytest.fixture(scope="module")
def told(alertmanager_program: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what each receiver was told first of one alert of each kind."""
    folder = tmp_path_factory.mktemp("alertmanager")
    now = datetime.now(UTC).isoformat()
    labels = [
        AN_ALERT | {"severity": "warning", "subject": NAME},
        AN_ALERT | {"severity": "critical", "subject": "p-2", "alert_id": "2"},
        AN_ALERT | {"severity": "info", "subject": "p-3", "alert_id": "3"},
        {"alertname": "AboveboardNoWorker", "severity": "critical", "job": "aboveboard"},
        {"alertname": "AboveboardWatchdog", "severity": "none"},
    ]
    alerts = [
        {
            "labels": one,
            "annotations": ANNOTATIONS,
            "startsAt": now,
            "generatorURL": "https://desk.example/1",
        }
        for one in labels
    ]
    with receiving() as receiver:
        path = folder / "alertmanager.yml"
        path.write_text(yaml.safe_dump(at_hand(receiver, folder)), encoding="utf-8")
        command = [
            *(alertmanager_program, f"--config.file={path}", f"--storage.path={folder / 'data'}"),
            "--cluster.listen-address=",
        ]
        with ServedProgram(command) as server:
            server.post("/api/v2/alerts", alerts)
            receiver.wait_for("/chat", "/compliance", "/operations", "/aboveboard")
            _wait_until_info_is_routed(server)
            return {path: first for path, (first, *_) in receiver.told.items()}


def _wait_until_info_is_routed(server: ServedProgram) -> None:
    deadline = time.monotonic() + PATIENCE
    while '"info"' not in json.dumps(server.get("/api/v2/alerts/groups")):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_each_kind_of_alert_reaches_those_it_is_for(told: dict[str, Any]) -> None:
    names = {
        path: [alert["labels"]["alertname"] for alert in one["alerts"]]
        for path, one in told.items()
        if path != "/chat"
    }
    assert names == {
        "/compliance": ["QuickCancellation"],
        "/operations": ["AboveboardNoWorker"],
        "/aboveboard": ["AboveboardWatchdog"],
    }


def test_a_chat_shows_the_finding_the_next_step_and_no_person(told: dict[str, Any]) -> None:
    (message,) = told["/chat"]["attachments"]
    assert message["title"] == "[Aboveboard warning] Quick Cancellation: 1 open"
    assert message["text"].splitlines() == [
        ANNOTATIONS["summary"],
        "",
        f"Next step: {ANNOTATIONS['next_step']}",
        "https://desk.example/1",
    ]
    assert message["mrkdwn_in"] == ["pretext"]
    assert NAME not in str(told["/chat"])
