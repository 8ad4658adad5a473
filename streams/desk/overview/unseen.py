"""What could not be seen, from what stands in Kafka: it comes before everything that was found."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct

from detectors.basis.identifiers import PatternName
from streams.desk.model.intake import microseconds, moment_of
from streams.desk.model.read_model import ReadModel
from streams.desk.model.tallies import MILLISECONDS_OF_A_DAY
from streams.desk.model.unfolded import unfolded_in
from streams.wire.topics import EVENT_TOPICS

ALL_SITES: Final = ""
ALL_TOPICS: Final = ""

_USUAL: Final = 28 * 24
"""Hours before its last event in which the longest pause of a source is its usual one."""

_LONGER: Final = timedelta(days=1)
"""A source that pauses for so much longer than it is used to has gone silent."""

_CLOSED: Final = timedelta(days=90)
"""A site that was silent for so long is taken for closed."""

_BEATS: Final = timedelta(minutes=2)
"""Workers beat every 15 seconds (`ABOVEBOARD_LOOK_EVERY`)."""

_WEEK: Final = 7

_PAUSES: Final = f"""
WITH each AS (
    SELECT topic, '{ALL_SITES}' AS site, hour FROM heard GROUP BY topic, hour
    UNION ALL SELECT topic, site, hour FROM heard WHERE topic = 'sales' AND site <> ''
    UNION ALL SELECT '{ALL_TOPICS}', '{ALL_SITES}', hour FROM heard GROUP BY hour),
ends AS (SELECT topic, site, max(hour) AS last FROM each GROUP BY topic, site),
pauses AS (
    SELECT topic, site, last,
        hour - lag(hour) OVER (PARTITION BY topic, site ORDER BY hour) AS pause
    FROM each JOIN ends USING (topic, site) WHERE hour > last - {_USUAL})
SELECT topic, site, last, max(pause) FROM pauses GROUP BY topic, site"""  # noqa: S608 - our numbers

_QUALITY: Final = """
SELECT record FROM alerts
WHERE standing = 'open' AND instr(record, CAST('"data_quality":[' AS BLOB)) > 0"""


_Pause = tuple[str, str, int, int | None]
"""Topic, site, hour of the last event, and the longest pause before (hours)."""


class Silence(NamedTuple):
    """A kind of event, or the sales of a site, of which nothing came for longer than is usual.

    ``last`` is by the clock of the events, as is ``silent``: how far the others have gone on since.
    """

    topic: str
    site: str
    last: datetime
    silent: timedelta
    usual: timedelta


class Stopped(NamedTuple):
    """Since ``last`` no event of any kind has come, by the clock of the broker."""

    last: datetime
    silent: timedelta
    usual: timedelta


class Refused(NamedTuple):
    """Records that were refused for one reason: of the last 7 days, and ever."""

    reason: str
    lately: int
    ever: int


class Unseen(NamedTuple):
    """What could not be seen.

    Attributes
    ----------
    missing
        The kinds of events of which none ever came.
    unfolded
        How many alerts no case shows yet.
    stopped
        All sources together, if they have gone silent. No clock of events tells that: it stands.
    silent, closed
        Sources that have gone silent, the longest first, and how many sites are taken for closed.
    ahead
        Events that are dated more than a day after they came.
    refused
        Dead letters, the reason with most of them first.
    holed, holes, open_alerts
        Open alerts that say that they rest on incomplete data, by pattern; what they say, and how
        many say so, the most frequent first; and how many alerts are open.
    beat, workers_differ
        When a worker was last heard, and whether workers of different settings were lately.
    pseudonyms, subjects
        How many ids of alerts are pseudonyms, of how many.
    """

    missing: tuple[str, ...]
    unfolded: int
    stopped: Stopped | None
    silent: tuple[Silence, ...]
    closed: int
    ahead: int
    refused: tuple[Refused, ...]
    holed: Mapping[PatternName, int]
    holes: tuple[tuple[str, int], ...]
    open_alerts: int
    beat: datetime | None
    workers_differ: bool
    pseudonyms: int
    subjects: int

    def worker_is_heard(self, now: datetime) -> bool:
        """Return whether a worker was heard lately."""
        return self.beat is not None and now - self.beat <= _BEATS


class _Holed(Struct, frozen=True):
    pattern: PatternName
    data_quality: tuple[str, ...] = ()


_holed: Final = msgspec.json.Decoder(_Holed).decode


def unseen_in(model: ReadModel, now: datetime) -> Unseen:
    """Return what could not be seen by what a read model holds."""
    came = {
        topic: (at, ahead)
        for topic, at, ahead in model.ask("SELECT topic, learned_at, ahead FROM arrived")
    }
    pauses: list[_Pause] = [(*row,) for row in model.ask(_PAUSES)]
    silent, closed = _silences(pauses)
    holed: Counter[PatternName] = Counter()
    holes: Counter[str] = Counter()
    for (record,) in model.ask(_QUALITY):
        alert = _holed(record)
        holed[alert.pattern] += 1
        holes.update(alert.data_quality)
    ((open_alerts,),) = model.ask("SELECT count(*) FROM alerts WHERE standing = 'open'")
    ((pseudonyms, subjects),) = model.ask(
        "SELECT count(*) FILTER (WHERE subject_id GLOB 'pn1.*.*'), count(*) FROM alerts"
    )
    beats = [moment_of(at) for (at,) in model.ask("SELECT learned_at FROM beats")]
    return Unseen(
        missing=tuple(topic for topic in EVENT_TOPICS if topic not in came),
        unfolded=unfolded_in(model, now),
        stopped=_stopped(pauses, max((at for at, _ in came.values()), default=0), now),
        silent=silent,
        closed=closed,
        ahead=sum(ahead for _, ahead in came.values()),
        refused=_refused(model, now),
        holed=dict(holed.most_common()),
        holes=tuple(sorted(holes.items(), key=lambda one: (-one[1], one[0]))),
        open_alerts=open_alerts,
        beat=max(beats, default=None),
        workers_differ=sum(now - at <= _BEATS for at in beats) > 1,
        pseudonyms=pseudonyms,
        subjects=subjects,
    )


def _stopped(pauses: Sequence[_Pause], last: int, now: datetime) -> Stopped | None:
    usual = timedelta(hours=max((one[3] or 0 for one in pauses if one[0] == ALL_TOPICS), default=0))
    silent = now - moment_of(last)
    # Of records without a time of arrival nobody can tell since when none came.
    if not last or silent <= usual + _LONGER:
        return None
    return Stopped(moment_of(last), silent, usual)


def _silences(pauses: Sequence[_Pause]) -> tuple[tuple[Silence, ...], int]:
    rows = [one for one in pauses if one[0] != ALL_TOPICS]
    horizon = max((last for _, _, last, _ in rows), default=0)
    found = [
        Silence(
            topic,
            site,
            datetime.fromtimestamp(3_600 * last, UTC),
            timedelta(hours=horizon - last),
            timedelta(hours=pause or 0),
        )
        for topic, site, last, pause in rows
    ]
    silent = [one for one in found if one.silent > one.usual + _LONGER]
    closed = [one for one in silent if one.site and one.silent > _CLOSED]
    told = sorted((one for one in silent if one not in closed), key=lambda one: one.last)
    return tuple(told), len(closed)


def _refused(model: ReadModel, now: datetime) -> tuple[Refused, ...]:
    since = microseconds(now) // (1_000 * MILLISECONDS_OF_A_DAY) - _WEEK
    rows = model.ask(
        "SELECT reason, sum(number) FILTER (WHERE day > ?), sum(number) FROM letters "
        "GROUP BY reason ORDER BY 2 DESC, 3 DESC, reason",
        (since,),
    )
    return tuple(Refused(reason, lately or 0, ever) for reason, lately, ever in rows)
