"""Every panel shows something when a real Prometheus scrapes a real worker under load."""

import json
import math
import re
import time
import urllib.parse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest
import yaml

from streams.wire.topics import Topic
from tests.alertmanager import AlertmanagerProcess
from tests.brokers.selection import AvailableBroker
from tests.deploy.dashboards import FILES, Query, load, queries
from tests.deploy.served_program import ServedProgram
from tests.install.prometheus_rules import RULES
from tests.integration.busy_month import event_lines, send_everything
from tests.integration.cases.desk_work import alerts, decisions, send_alerts, send_decisions
from tests.integration.delivery.notifiers import NotifierProcess
from tests.integration.faults.strangers import ANYTHING, STATE_TOPICS
from tests.integration.installation import install
from tests.integration.under_load import unbounded

pytestmark = pytest.mark.integration

QUERIES: Final = [query for path in FILES for query in queries(load(path))]

JOBS: Final = ["aboveboard", "aboveboard/two"]
"""The second is chosen beside the first, and scrapes nothing."""

PATIENCE: Final = 180.0

MAY_BE_EMPTY: Final = {
    "Records met a second time": "only where a worker was killed after it had written its state "
    "and before it had committed how far it had read, which this test does not bring about",
}
"""Panels that may rightly show nothing here, with the reason."""

AN_ODD_SALE: Final = re.sub(rb'"team":"[^"]+"', b'"team":7', event_lines()[0])
"""Its team is read leniently; in all else it is an event that is known already."""


class Scraping(ServedProgram):
    """Prometheus, which scrapes services twice a second and judges the rules."""

    def __init__(self, program: str, addresses: Sequence[str], folder: Path) -> None:
        self._began: Final = time.time()
        config = {
            "global": {"scrape_interval": "500ms", "evaluation_interval": "1s"},
            "rule_files": [str(path) for path in RULES],
            "scrape_configs": [
                {
                    "job_name": "aboveboard",
                    "static_configs": [
                        {"targets": [address.removeprefix("http://") for address in addresses]}
                    ],
                }
            ],
        }
        path = folder / "prometheus.yml"
        path.write_text(yaml.safe_dump(config), encoding="utf-8")
        super().__init__(
            [program, f"--config.file={path}", f"--storage.tsdb.path={folder / 'data'}"]
        )

    def curves(self, expression: str) -> list[list[float]]:
        """Return the numbers of each curve since the start, NaN left out."""
        asked = {
            "query": substituted(expression),
            "start": self._began,
            "end": time.time(),
            "step": "1",
        }
        answer = self.get(f"/api/v1/query_range?{urllib.parse.urlencode(asked)}")
        found = [
            [float(value) for _, value in curve["values"] if math.isfinite(float(value))]
            for curve in answer["data"]["result"]
        ]
        return [numbers for numbers in found if numbers]


def substituted(expression: str) -> str:
    """Return an expression as Grafana would send it with several jobs chosen."""
    chosen = "|".join(map(re.escape, JOBS)).replace("\\", "\\\\")
    for name, value in (
        ("$__rate_interval", "5s"),
        ("$__range", "60s"),
        ("$job", f"({chosen})"),
    ):
        expression = expression.replace(name, value)
    return expression


def empty(server: Scraping, asked: list[Query]) -> list[Query]:
    return [query for query in asked if not server.curves(query.expression)]


@pytest.fixture(scope="module")
def scraping(
    prometheus: str,
    alertmanager_program: str,
    broker: AvailableBroker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Scraping]:
    """Yield a Prometheus that has seen a worker read the month, and people decide."""
    folder = tmp_path_factory.mktemp("prometheus")
    installation = install(broker, 2)
    for topic in STATE_TOPICS:
        installation.send(topic, ANYTHING)
    with (
        unbounded(installation, folder) as worker,
        installation.service("cases") as cases,
        AlertmanagerProcess(alertmanager_program, folder) as alertmanager,
        NotifierProcess(installation, [alertmanager]) as notifier,
        Scraping(prometheus, [worker.address, cases.address, notifier.address], folder) as server,
    ):
        worker.wait_for(lambda it: it.sum_of("aboveboard_ready") == 1)
        send_everything(installation)
        send_alerts(installation, alerts())
        send_decisions(installation, decisions(alerts()))
        installation.send_events([AN_ODD_SALE])
        installation.send(Topic.OUTCOMES, ANYTHING)
        yield server


def test_every_query_of_every_panel_shows_a_curve(scraping: Scraping) -> None:
    left = [query for query in QUERIES if query.panel not in MAY_BE_EMPTY]
    deadline = time.monotonic() + PATIENCE
    while left := empty(scraping, left):
        assert time.monotonic() < deadline, "\n".join(map(str, left))
        time.sleep(0.2)


def test_a_query_that_nothing_answers_is_found(scraping: Scraping) -> None:
    for expression in (
        'aboveboard_gone{job=~"$job"}',
        'sum(aboveboard_open_alerts{job=~"$job", severity="dire"})',
        '0 * aboveboard_ready{job=~"$job"} / 0',
    ):
        assert scraping.curves(expression) == []


def test_the_choice_of_jobs_is_filled(scraping: Scraping) -> None:
    asked = urllib.parse.quote("aboveboard_ready")
    answer = scraping.get(f"/api/v1/label/job/values?match[]={asked}")
    assert answer["data"] == ["aboveboard"]


def test_prometheus_can_judge_every_rule(scraping: Scraping) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        groups = scraping.get("/api/v1/rules")["data"]["groups"]
        rules = {rule["name"]: rule for group in groups for rule in group["rules"]}
        if all(rule["health"] == "ok" for rule in rules.values()):
            break
        assert time.monotonic() < deadline, json.dumps(rules, indent=1)
        time.sleep(0.2)
    assert rules["AboveboardWatchdog"]["state"] == "firing"
    assert rules["AboveboardNoWorker"]["state"] == "inactive"
