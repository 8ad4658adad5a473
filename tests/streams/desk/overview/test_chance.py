"""Precision is what people found, and chance is what the shadow null and the budget say."""

from collections import Counter
from pathlib import Path
from typing import Final

import msgspec
import pytest
from msgspec import structs

from detectors.cases.case import Case
from detectors.cases.figures import figures_of, precision
from detectors.settings import Settings
from streams.desk.model.intake import Told
from streams.desk.model.read_model import ReadModel
from streams.desk.overview.chance import Chance, chance_in
from streams.stages.actors.alert_records import alert_records
from streams.wire.topics import Topic
from tests.integration.cases.desk_work import decisions, expected
from tests.streams.desk.desk_at_hand import TOLD, everything
from tests.streams.desk.event_records import START, sale
from tests.streams.reports.reported import early

DECIDED: Final = expected(TOLD, decisions(TOLD))
EVIDENCE: Final = structs.replace(early(), null_agent_years=500.0)


def chance(folder: Path) -> Chance:
    with ReadModel(folder / "model.sqlite") as model:
        model.take_in(everything())
        model.take_in(Told(Topic.CASES_CURRENT, key, case) for key, case in DECIDED.items())
        model.take_in([sale(f"agent-{number}", START) for number in range(24)] * 2)
        for revision, alarms in ((8, 3), (9, 4)):
            evidence = structs.replace(EVIDENCE, null_alarms=alarms)
            alert = structs.replace(
                TOLD[0], evidence=evidence, severity="warning", revision=revision
            )
            model.take_in(
                Told(record.topic, record.key, record.value)
                for record in alert_records(alert)
                if record.topic is Topic.ALERTS_CURRENT
            )
        return chance_in(model, Settings())


def as_people_found(found: Chance) -> bool:
    """Return whether it says of each pattern what the figures of the cases do."""
    cases = [msgspec.json.decode(case, type=Case) for case in DECIDED.values()]
    closings = figures_of(cases).closings
    assert closings
    return all(
        Counter(one.closings) == Counter(closings.get(one.name, {}))
        and (one.name not in closings or one.precision == precision(closings[one.name]))
        for one in found.patterns
    )


def test_precision_is_what_the_cases_say(tmp_path: Path) -> None:
    found = chance(tmp_path)
    assert as_people_found(found)
    for one in found.patterns:
        if one.precision is not None:
            low, high = one.precision_interval
            assert low <= one.precision <= high


def test_unclear_counted_as_wrong_is_caught(tmp_path: Path) -> None:
    found = chance(tmp_path)
    wrong = tuple(
        one._replace(closings={**one.closings, "honest": one.closings["unclear"]})
        for one in found.patterns
    )
    assert not as_people_found(found._replace(patterns=wrong))


def test_chance_is_what_the_newest_alert_and_the_budget_say(tmp_path: Path) -> None:
    found = chance(tmp_path)
    assert found.agent_years == 2.0
    assert found.by_chance == pytest.approx(2.0 * found.budget / 1_000)
    assert found.null_rate == pytest.approx(8.0)
