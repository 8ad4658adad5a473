"""What hides something is said, and said first; what is well is not told as a hole."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.alerts.alert import Alert
from streams.desk.model import read_model, unfolded
from streams.desk.model.intake import EventTold, Told
from streams.desk.model.read_model import ReadModel
from streams.desk.model.tallies import BEAT, Tallies
from streams.desk.overview.remarks import Remark, remarks
from streams.desk.overview.unseen import unseen_in
from streams.desk.site.words import words_of
from streams.pseudonyms.cipher import KEY_BYTES, Pseudonyms
from streams.stages.actors.alert_records import alert_records
from streams.wire.topics import EVENT_TOPICS, Topic
from streams.worker.installation import claim
from tests.integration.cases.desk_work import expected
from tests.streams.desk.desk_at_hand import TOLD
from tests.streams.desk.event_records import CAME, START, beat, event, every_day, letter, sale

NOW: Final = CAME + timedelta(seconds=20)
DAYS: Final = 60

_MILLISECONDS: Final = 1_000


def published(alert: Alert, came: datetime = CAME) -> list[Told]:
    """Return an alert as the topics tell it."""
    arrived = int(came.timestamp() * _MILLISECONDS)
    return [
        Told(record.topic, record.key, record.value, arrived) for record in alert_records(alert)
    ]


def folded(alerts: Iterable[Alert]) -> list[Told]:
    """Return the cases of alerts as the topic tells them."""
    return [Told(Topic.CASES_CURRENT, *one) for one in expected([*alerts], ()).items()]


_CURRENT: Final = [*published(TOLD[0], CAME - timedelta(hours=1)), *folded(TOLD[:1])]


def well() -> list[Told]:
    """Return an installation in which all was seen."""
    return [
        *(one for topic in EVENT_TOPICS for one in every_day(topic, DAYS)),
        *every_day(Topic.SALES, DAYS, site="north", agent_id="agent-1"),
        beat(b"one", CAME),
        *_CURRENT,
    ]


def told(
    folder: Path, records: Iterable[Told], behind: int | None = 0, now: datetime = NOW
) -> list[Remark]:
    with ReadModel(folder / "model.sqlite") as model:
        model.take_in(records)
        return remarks(unseen_in(model, now), behind, now, words_of("en"))


def without(topic: Topic) -> list[Told]:
    return [one for one in well() if one.topic is not topic]


def ended(topic: Topic, after: int) -> Iterator[Told]:
    last = START + timedelta(days=after)
    for one in well():
        if one.topic is not topic or msgspec.json.decode(one.value or b"")["occurred_at"] < str(
            last.isoformat()
        ):
            yield one


def holed() -> list[Told]:
    alert = msgspec.structs.replace(TOLD[0], data_quality=("sales partition 1 lacks a record",))
    return [*well(), *published(alert)]


_NEW: Final = next(one for one in TOLD if one.subject != TOLD[0].subject)
_REVISED: Final = msgspec.structs.replace(
    TOLD[0],
    revision=TOLD[0].revision + 1,
    updated_at=TOLD[0].updated_at + timedelta(days=1),
)

HOLES: Final[dict[str, tuple[list[Told], int | None, str]]] = {
    "no worker": (
        [one for one in well() if one.topic is not Topic.INSTALLATION],
        0,
        "No worker was",
    ),
    "a worker that died": (
        [*without(Topic.INSTALLATION), beat(b"one", CAME - timedelta(hours=3))],
        0,
        "No worker has been heard since 31 May 2025, 21:00 UTC",
    ),
    "two kinds of workers": ([*well(), beat(b"two", CAME)], 0, "Workers of different settings"),
    "events not read": (well(), 7, "7 records of the sources are not read"),
    "nobody reads": (well(), None, "The desk does not read events"),
    "no cancellations": (without(Topic.CANCELLATIONS), 0, "Cancellations: no record was ever"),
    "use has ended": (
        [*ended(Topic.ACCOUNT_ACTIVITY, 40)],
        0,
        "Account activity: nothing since 14 Feb 2025",
    ),
    "a site has ended": (
        [
            *well(),
            *every_day(Topic.SALES, 40, site="south", agent_id="agent-2"),
        ],
        0,
        "No sales of site \u2068south\u2069 since 14 Feb 2025",
    ),
    "refused": ([*well(), letter("too_late", CAME)], 0, "1 record was refused"),
    "a clock ahead": (
        [*well(), event(Topic.SALES, CAME + timedelta(days=400))],
        0,
        "1 event is dated more than a day after",
    ),
    "holes in alerts": (holed(), 0, "1 of 1 open alerts says that it rests on incomplete"),
    "no keeper of cases": (
        [*well(), *published(_NEW, CAME - timedelta(minutes=3))],
        0,
        "1 new alert is not in the cases",
    ),
    "a keeper that has stopped": (
        [*well(), *published(_REVISED, CAME - timedelta(minutes=3))],
        0,
        "1 new alert is not in the cases",
    ),
    "no alert": ([one for one in well() if one not in _CURRENT], 0, "No alert was ever"),
}


def test_where_all_was_seen_no_hole_is_told(tmp_path: Path) -> None:
    assert {one.weight for one in told(tmp_path, well())} == {"good"}


@pytest.mark.parametrize("name", HOLES)
def test_every_hole_is_told_and_comes_first(name: str, tmp_path: Path) -> None:
    records, behind, said = HOLES[name]
    found = told(tmp_path, records, behind)
    holes = [one for one in found if one.weight != "good"]
    assert [one for one in holes if one.text.startswith(said)], found
    assert found[: len(holes)] == holes


class _ForgetsTheLast(Tallies):
    """Looks at what came for the first time only."""

    def events(self, events: Iterable[EventTold]) -> None:
        super().events(list(events)[:1])


def test_a_reader_that_passes_events_over_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_model, "Tallies", _ForgetsTheLast)
    found = told(tmp_path, HOLES["use has ended"][0])
    assert not [one for one in found if one.text.startswith("Account activity: nothing")]


def test_who_looks_only_for_cases_that_are_missing_is_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = "(cases.case_id IS NULL OR cases.updated_at < newest.updated_at)"
    broken = unfolded._UNFOLDED.replace(short, "cases.case_id IS NULL")  # noqa: SLF001 - a fault
    monkeypatch.setattr(unfolded, "_UNFOLDED", broken)
    found = told(tmp_path, HOLES["a keeper that has stopped"][0])
    assert {one.weight for one in found} == {"good"}


def test_all_sources_together_are_told_although_the_clock_of_events_stands_with_them(
    tmp_path: Path,
) -> None:
    days = timedelta(days=3)
    later = [beat(b"one", CAME + days)]
    (tmp_path / "a").mkdir()
    first, *_ = told(tmp_path / "a", [*well(), *later], now=NOW + days)
    assert first.weight == "bad"
    assert first.text.startswith("No event of any kind has come since 1 Jun 2025")
    soon = told(tmp_path, well(), now=NOW + timedelta(seconds=60))
    assert {one.weight for one in soon} == {"good"}


def test_a_pause_that_is_usual_is_no_silence(tmp_path: Path) -> None:
    weekly = [event(Topic.CANCELLATIONS, START + timedelta(days=day)) for day in range(0, DAYS, 7)]
    found = told(tmp_path, [*without(Topic.CANCELLATIONS), *weekly])
    assert {one.weight for one in found} == {"good"}


def test_ids_that_are_pseudonyms_are_known_as_such(tmp_path: Path) -> None:
    hidden = Pseudonyms(bytes(range(KEY_BYTES))).of("agent", "ann")
    subject = msgspec.structs.replace(TOLD[0].subject, id=hidden)
    records = published(msgspec.structs.replace(TOLD[0], subject=subject))
    assert "Ids are pseudonyms" in str(told(tmp_path, records))


def test_a_beat_is_what_workers_write() -> None:
    assert claim.BEAT == BEAT


# ------------------------------------------------------------------------------------------ cuts

_SALES: Final = st.lists(
    st.builds(
        lambda agent, day, site, product: sale(
            agent, START + timedelta(days=day), site=site, product=product
        ),
        st.sampled_from("ab"),
        st.integers(0, 70),
        st.sampled_from(["north", "south", None]),
        st.sampled_from(["card", 5]),
    )
    | st.builds(
        letter,
        st.sampled_from(["too_late", "forged"]),
        st.just(CAME),
        st.sampled_from(["sales", "x"]),
    )
    | st.builds(beat, st.sampled_from([b"1", b"2"]), st.just(CAME)),
    max_size=30,
)


_KEYED: Final = ("heard", "arrived", "sold", "letters", "beats")
"""Tables whose rows stand in the order of their keys."""


def tables(folder: Path, batches: Sequence[Sequence[Told]]) -> list[object]:
    with ReadModel(folder / "model.sqlite") as model:
        for batch in batches:
            model.take_in(batch)
        found: list[object] = [[*model.ask(f"SELECT * FROM {name}")] for name in _KEYED]  # noqa: S608 - names of ours
    (folder / "model.sqlite").unlink()
    return found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_SALES, st.lists(st.integers(0, 30), max_size=4), st.randoms(use_true_random=False))
def test_counts_do_not_depend_on_batches_or_order(
    tmp_path: Path, records: list[Told], cuts: list[int], chance: object
) -> None:
    ends = sorted({*cuts, 30})
    batches = [records[low:high] for low, high in zip([0, *ends], ends, strict=False)]
    shuffled = records.copy()
    chance.shuffle(shuffled)  # type: ignore[attr-defined] # a random.Random
    assert tables(tmp_path, batches) == tables(tmp_path, [shuffled])
