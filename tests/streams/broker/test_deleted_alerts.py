"""The law of tombstones: an alert is shown as it was last told since it was last taken away."""

from collections.abc import Callable, Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.broker.alerts import (
    DeletedAlert,
    PublishedAlert,
    current_alerts,
    deleted_keys,
    remaining_revisions,
)
from tests.detectors.refutation import refuted
from tests.streams.broker.published_alerts import alert_of, bytes_of

Records = Sequence[PublishedAlert | DeletedAlert]
Current = Callable[[Iterable[PublishedAlert | DeletedAlert]], Iterable[PublishedAlert]]


def published(number: int, revision: int) -> PublishedAlert:
    alert = alert_of(number, revision)
    return PublishedAlert(alert.alert_id.encode(), bytes_of(alert), alert, 0)


tombstones = st.integers(0, 2).map(lambda n: DeletedAlert(alert_of(n).alert_id.encode(), 0))
topics = st.lists(st.builds(published, st.integers(0, 2), st.integers(1, 3)) | tombstones)


def law(current: Current, records: Records) -> None:
    shown = {one.key: one.alert.revision for one in current(records)}
    for key in {record.key for record in records}:
        of_key = [record for record in records if record.key == key]
        taken = [place for place, one in enumerate(of_key) if isinstance(one, DeletedAlert)]
        since = of_key[taken[-1] + 1 :] if taken else of_key
        revisions = [one.alert.revision for one in since if isinstance(one, PublishedAlert)]
        assert shown.pop(key, None) == max(revisions, default=None)
    assert not shown


@given(topics)
def test_the_newest_since_the_last_tombstone_is_shown(records: Records) -> None:
    law(current_alerts, records)


@given(topics)
def test_what_is_deleted_has_nothing_left(records: Records) -> None:
    gone = {record.key for record in records} - remaining_revisions(records).keys()
    assert deleted_keys(records) == gone


def blind_to_tombstones(
    records: Iterable[PublishedAlert | DeletedAlert],
) -> Iterable[PublishedAlert]:
    return current_alerts(one for one in records if isinstance(one, PublishedAlert))


def deletes_for_ever(records: Iterable[PublishedAlert | DeletedAlert]) -> list[PublishedAlert]:
    found = list(records)
    deleted = {one.key for one in found if isinstance(one, DeletedAlert)}
    return [one for one in current_alerts(found) if one.key not in deleted]


def the_last_word(records: Iterable[PublishedAlert | DeletedAlert]) -> list[PublishedAlert]:
    last = {record.key: record for record in records}
    return [record for record in last.values() if isinstance(record, PublishedAlert)]


@pytest.mark.parametrize("broken", [blind_to_tombstones, deletes_for_ever, the_last_word])
def test_the_law_finds_a_broken_reader(broken: Current) -> None:
    def drawn(reader: Current, data: st.DataObject) -> None:
        law(reader, data.draw(topics))

    assert refuted(drawn, broken)
