"""Sales that were keyed for the wrong agent, and corrected: who is accused, and what they hear."""

from collections.abc import Sequence
from random import Random
from typing import Final

from msgspec import structs

from detectors.alerts.alert import Alert
from detectors.basis.event_time import seconds_at
from detectors.correction_settings import CorrectionSettings
from detectors.events.event import AnyEvent, Sale
from detectors.group_settings import GroupSettings
from detectors.patterns import Patterns
from detectors.patterns.key.shared_payer import SharedPayer
from detectors.pipeline import Pipeline
from detectors.settings import Settings, ShadowNull
from tests.detectors.channels import AlertLog
from tests.detectors.insider.acts import DAYS, FRAMED, GUILTY, honest_log
from tests.detectors.installation import Installation
from tests.detectors.worlds import Arrival, as_they_arrive, at

OFF: Final = Settings(
    shadow_null=ShadowNull(enabled=False),
    groups=GroupSettings(site=False, team=False),
    profiles={},
)
ON: Final = structs.replace(OFF, corrections=CorrectionSettings(versions=True))
ACROSS: Final = structs.replace(ON, patterns=Patterns(shared_payer=SharedPayer(enabled=True)))
"""All stages there are."""
UNTIL: Final = seconds_at(at(24 * (DAYS + 12)))


def corrected(delays: Sequence[float]) -> list[AnyEvent]:
    """Return a log in which sales of the guilty are keyed for a colleague, and corrected later."""
    arrivals: list[Arrival] = []
    for number, one in enumerate(honest_log()):
        sold = one.event
        if isinstance(sold, Sale) and sold.agent_id == GUILTY:
            wrong = structs.replace(sold, event_id=f"wrong {sold.event_id}", agent_id=FRAMED)
            delay = delays[number % len(delays)]
            arrivals += [Arrival(wrong, 0), Arrival(structs.replace(sold, version=2), delay)]
        else:
            arrivals.append(one)
    return as_they_arrive(arrivals)


def judged(events: Sequence[AnyEvent], settings: Settings) -> list[Alert]:
    pipeline = Pipeline(settings)
    for event in events:
        pipeline.apply(event)
    pipeline.advance(UNTIL)
    return pipeline.alerts()


def about_agents(alerts: Sequence[Alert]) -> list[Alert]:
    return [alert for alert in alerts if alert.subject.type == "agent"]


def test_corrections_accuse_who_sold_and_say_so_to_whoever_reads_it() -> None:
    """Within the allowed lateness, it is as if the first claims had been right."""
    told = about_agents(judged(corrected([0.25]), ON))
    assert {alert.subject.id for alert in told} == {GUILTY}
    for alert in told:
        [sentence] = alert.data_quality or ()
        assert sentence.startswith("In the last 100 days a later version named another agent for ")
    clean = about_agents(judged(as_they_arrive(honest_log()), ON))
    assert not any(alert.data_quality for alert in clean)
    assert [structs.replace(alert, data_quality=None) for alert in told] == [
        structs.replace(alert, data_quality=None) for alert in clean
    ]


def test_where_versions_are_not_believed_the_first_claim_holds() -> None:
    told = about_agents(judged(corrected([0.25]), OFF))
    assert {alert.subject.id for alert in told} == {FRAMED}


def installed(seed: int, partitions: int, settings: Settings, delays: Sequence[float]) -> AlertLog:
    installation = Installation(corrected(delays), partitions, settings=settings)
    installation.run(Random(seed), crashes=seed > 0, until=UNTIL)  # noqa: S311 - nothing secret
    return installation.alerts


def test_partitions_and_crashes_change_nothing_of_corrections_in_time() -> None:
    log = AlertLog()
    log.emit(judged(corrected([0.25]), ACROSS))
    assert installed(3, 3, ACROSS, [0.25]) == log


def test_crashes_change_nothing_of_late_ones() -> None:
    """Some come when their sales have matured, and what was told of the former agent is not."""
    settings = structs.replace(ACROSS, time=structs.replace(ON.time, corrections_for="15d"))
    delays = [0.25, 200, 290]
    assert installed(5, 2, settings, delays) == installed(0, 2, settings, delays)
