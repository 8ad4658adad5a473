"""Alertmanager takes the shipped files, tells the right people, and names no person."""

import json
import re
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.deploy.served_program import PATIENCE, ServedProgram
from tests.install.machine import ROOT
from tests.install.prometheus_rules import rules

FOLDER: Final = ROOT / "deploy" / "alertmanager"
CONFIG: Final = FOLDER / "alertmanager.yml"
CONTENT: Final[dict[str, Any]] = yaml.safe_load(CONFIG.read_text(encoding="utf-8"))
TEMPLATES: Final = sorted((FOLDER / "templates").glob("*.tmpl"))

AN_ALERT: Final = {
    "alertname": "QuickCancellation",
    "alert_id": "881d2776d87af616",
    "severity": "warning",
    "subject": "p-5f1c",
    "source": "aboveboard",
    "site": "Leeds",
    "team": "north",
}
"""The labels that `aboveboard notify` gives."""

ANNOTATIONS: Final = {
    "summary": "More sales are cancelled within days than chance gives.",
    "next_step": "Listen to three of the calls.",
    "opened_at": "2025-02-03T00:00:00Z",
    "updated_at": "2025-02-07T00:00:00Z",
    "revision": "4",
    "likely_start": "2025-01-12",
    "at_stake": "2,056.85 in the 11 sales named, of 11 known customers",
    "data_quality": "Every source is complete.",
    "runbook_url": "https://pages.example/detectors",
}


def run(amtool: str, *words: str | Path) -> tuple[int, str]:
    """Return the exit code of the tool and all it says."""
    answer = subprocess.run([amtool, *words], capture_output=True, text=True, check=False)
    return answer.returncode, answer.stdout + answer.stderr


def receivers(amtool: str, labels: dict[str, str], config: Path = CONFIG) -> list[str]:
    """Return who is told of an alert with these labels."""
    words = [f"{name}={value}" for name, value in labels.items()]
    command = [amtool, "config", "routes", "test", f"--config.file={config}", *words]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    return sorted(answer.stdout.strip().split(","))


def test_alertmanager_takes_the_file(amtool: str, tmp_path: Path) -> None:
    code, said = run(amtool, "check-config", CONFIG)
    assert code == 0, said
    assert "SUCCESS" in said
    broken = tmp_path / "alertmanager.yml"
    broken.write_text(CONFIG.read_text(encoding="utf-8").replace("receiver: chat", "receiver: no"))
    assert run(amtool, "check-config", broken)[0] == 1


@pytest.mark.parametrize(
    ("severity", "told"),
    [
        ("critical", ["daily-mail", "pager"]),
        ("warning", ["chat", "daily-mail"]),
        ("info", ["nobody"]),
    ],
)
def test_an_alert_about_sales_goes_to_compliance(
    amtool: str, severity: str, told: list[str]
) -> None:
    assert receivers(amtool, AN_ALERT | {"severity": severity}) == told


@pytest.mark.parametrize("rule", rules("alert"), ids=lambda rule: str(rule["alert"]))
def test_an_alert_of_prometheus_goes_to_those_on_call(amtool: str, rule: dict[str, Any]) -> None:
    labels = rule["labels"] | {"alertname": rule["alert"], "job": "aboveboard", "instance": "a:1"}
    told = {"none": "dead-mans-switch", "critical": "operations-pager", "warning": "operations"}
    assert receivers(amtool, labels) == [told[rule["labels"]["severity"]]]


def test_what_another_program_sends_is_not_lost(amtool: str) -> None:
    assert receivers(amtool, {"alertname": "DiskFull", "severity": "critical"}) == ["operations"]


def test_the_test_of_routes_bites(amtool: str, tmp_path: Path) -> None:
    spoilt = tmp_path / "alertmanager.yml"
    text = CONFIG.read_text(encoding="utf-8")
    spoilt.write_text(text.replace("          continue: true\n", ""), encoding="utf-8")
    assert receivers(amtool, AN_ALERT | {"severity": "critical"}, spoilt) == ["daily-mail"]


def routes(route: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a route and all below it."""
    return [route, *(one for child in route.get("routes", ()) for one in routes(child))]


def test_every_receiver_is_told_of_something() -> None:
    named = {route["receiver"] for route in routes(CONTENT["route"])}
    assert named == {receiver["name"] for receiver in CONTENT["receivers"]}


def test_one_message_holds_all_about_one_person() -> None:
    (ours,) = (r for r in routes(CONTENT["route"]) if r.get("matchers") == ['source="aboveboard"'])
    assert ours["group_by"] == ["subject"]
    assert [one["receiver"] for one in ours["routes"] if "group_by" in one] == ["daily-mail"]


def test_no_reminder_waits_longer_than_alertmanager_remembers() -> None:
    days = {"m": 1 / 1_440, "d": 1.0}
    told = [one["repeat_interval"] for one in routes(CONTENT["route"]) if "repeat_interval" in one]
    assert told
    assert all(float(text[:-1]) * days[text[-1]] < 5 for text in told)


def test_no_secret_and_no_foreign_address_is_in_the_file() -> None:
    text = CONFIG.read_text(encoding="utf-8")
    assert not re.search(r"(password|token|api_url|_key): ", text)
    hosts = re.findall(r"(?:https?://|@|smarthost: )([\w.-]+)", text)
    assert hosts
    assert all(host == "example.com" or host.endswith(".example.com") for host in hosts)


def rendered(amtool: str, name: str, severity: str, folder: Path, **labels: str) -> str:
    """Return what a template makes of one alert that is open and one that has ended."""
    alert = AN_ALERT | {"severity": severity} | labels
    alerts = [
        {
            "status": status,
            "labels": alert | {"alert_id": f"id-{status}"},
            "annotations": ANNOTATIONS,
            "startsAt": "2025-02-07T00:00:00Z",
            "endsAt": "2025-02-07T00:00:00Z",
            "generatorURL": "https://desk.example/alerts/1",
        }
        for status in ("firing", "resolved")
    ]
    data = folder / "data.json"
    text = json.dumps(
        {
            "receiver": "chat",
            "status": "firing",
            "alerts": alerts,
            "groupLabels": {"subject": alert["subject"]},
            "commonLabels": alert,
            "commonAnnotations": ANNOTATIONS,
            "externalURL": "https://alertmanager.example",
        }
    )
    data.write_text(text, encoding="utf-8")
    answer = subprocess.run(
        [
            *(amtool, "template", "render", f"--template.glob={FOLDER}/templates/*.tmpl"),
            f"--template.data={data}",
            f'--template.text={{{{ template "{name}" . }}}}',
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    return answer.stdout


PAGE: Final = '{{ template "aboveboard.page" . }}'

SUBJECTS: Final = {
    "aboveboard.subject": "[Aboveboard critical] Quick Cancellation: 1 open, 1 ended",
    "aboveboard.daily.subject": "[Aboveboard daily] 1 open, 1 ended",
    "aboveboard.operations.subject": (
        "[Aboveboard operations critical] QuickCancellation: 1 open, 1 ended"
    ),
}


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_subject_is_one_line_that_leads_to_no_person(
    amtool: str, name: str, tmp_path: Path
) -> None:
    assert rendered(amtool, name, "critical", tmp_path) == SUBJECTS[name]


def test_every_subject_and_text_is_a_template_that_there_is() -> None:
    defined = set(
        re.findall(r'define "([\w.]+)"', "".join(p.read_text(encoding="utf-8") for p in TEMPLATES))
    )
    told = [
        config
        for receiver in CONTENT["receivers"]
        for kind in ("email_configs", "slack_configs")
        for config in receiver.get(kind, ())
    ]
    assert told
    for config in told:
        subject = config.get("title") or config["headers"]["Subject"]
        (name,) = re.findall(r'^\{\{ template "([\w.]+)" \. \}\}$', subject)
        assert name in SUBJECTS
        # The default lists every label.
        assert "Subject" not in config.get("headers", {}) or config["html"] in ("", PAGE)
        (name,) = re.findall(r'^\{\{ template "([\w.]+)" \. \}\}$', config["text"])
        assert name in defined
    used = set(re.findall(r'template "([\w.]+)"', CONFIG.read_text(encoding="utf-8")))
    inner = set(
        re.findall(
            r'template "([\w.]+)"', "".join(p.read_text(encoding="utf-8") for p in TEMPLATES)
        )
    )
    assert used | inner == defined


def test_a_mail_says_all_that_there_is_to_say_and_opens_with_the_finding(
    amtool: str, tmp_path: Path
) -> None:
    text = rendered(amtool, "aboveboard.text", "warning", tmp_path)
    assert text.startswith(ANNOTATIONS["summary"])
    assert all(value.partition("T00:")[0] in text for value in ANNOTATIONS.values())
    assert "id-firing" in text
    assert f"Ended: {ANNOTATIONS['summary']}" in text
    assert "p-5f1c" not in text
    assert "<" not in text


def test_a_mail_as_a_page_says_the_same_and_loads_nothing(amtool: str, tmp_path: Path) -> None:
    written = rendered(amtool, "aboveboard.page", "warning", tmp_path)
    said = ANNOTATIONS.keys() - {"opened_at", "updated_at"}
    assert all(ANNOTATIONS[name] in written for name in said)
    assert written.index("Next step.") < written.index("Ended · Quick Cancellation")
    assert "p-5f1c" not in written
    assert not re.search(r"<(img|script|link|style|iframe)|src=|url\(", written)


def test_a_message_in_a_chat_is_short_and_holds_no_link_of_others(
    amtool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ANNOTATIONS, "summary", "<!channel> & <https://evil.example|pay>")
    text = rendered(amtool, "aboveboard.chat", "warning", tmp_path)
    assert text.splitlines()[0] == "&lt;!channel&gt; &amp; &lt;https://evil.example|pay&gt;"
    assert not set("<>") & set(text)
    assert len(text.splitlines()) == 7


STEADY: Final = 0.5


def inhibited(server: ServedProgram, alerts: list[dict[str, str]]) -> set[str]:
    """Post alerts, and return the names of those that stay silent because of another.

    Alertmanager's inhibitor hears of an alert later than its API: so it is asked until it says the
    same for half a second.
    """
    now = datetime.now(UTC).isoformat()
    server.post("/api/v2/alerts", [{"labels": labels, "startsAt": now} for labels in alerts])
    deadline = time.monotonic() + PATIENCE
    last, since = set[str](), time.monotonic()
    while True:
        held = server.get("/api/v2/alerts")
        found = {one["labels"]["case"] for one in held if one["status"]["inhibitedBy"]}
        if len(held) < len(alerts) or any(one["status"]["state"] == "unprocessed" for one in held):
            found = set()
        if found != last:
            last, since = found, time.monotonic()
        if found and time.monotonic() > since + STEADY:
            return found
        assert time.monotonic() < deadline, held
        time.sleep(0.05)


def test_a_critical_silences_the_warning_of_the_same_alert_only(
    alertmanager_program: str, tmp_path: Path
) -> None:
    machinery = {"job": "aboveboard", "alertname": "AboveboardWorkerDown", "severity": "warning"}
    known = {
        "escalated": AN_ALERT,
        "cause": AN_ALERT | {"severity": "critical"},
        "other": AN_ALERT | {"alert_id": "other"},
        "down": machinery,
        "none": machinery | {"alertname": "AboveboardNoWorker", "severity": "critical"},
        "elsewhere": machinery | {"job": "another"},
        "foreign": {"alertname": "DiskFull", "severity": "warning", "job": "aboveboard"},
        "watchdog": {"alertname": "AboveboardWatchdog", "severity": "none", "job": "aboveboard"},
    }
    command = [
        *(alertmanager_program, f"--config.file={CONFIG}", f"--storage.path={tmp_path}"),
        "--cluster.listen-address=",
    ]
    with ServedProgram(command) as server:
        alerts = [labels | {"case": case} for case, labels in known.items()]
        assert inhibited(server, alerts) == {"escalated", "down"}
