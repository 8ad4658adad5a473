"""The page of the queue, and the rows that a script asks for while it is open."""

import re

from detectors.alerts.alert import Subject
from streams.desk.model.intake import Told
from streams.stages.actors.alert_records import alert_records
from tests.detectors.cases.people import revision
from tests.detectors.cases.test_book import alert_of
from tests.streams.desk.queue.kept_desk import OPEN, KeptDesk, Somebody

ANN = "ann.lee@bank.example"


def rows_in(text: str) -> list[str]:
    return re.findall(r'<tr id="case-(\w+)"', text)


def test_only_who_is_on_the_page_is_named_and_the_others_are_counted(
    desk: KeptDesk, ann: Somebody
) -> None:
    shown, other, aside, *_ = OPEN
    assert ann.decide("snooze", aside, until="7d").status == 303
    before = len(desk.lookups)
    answer = ann.get(f"/queue/rows?shown={shown},nobody&others={other},{aside},nobody")
    text = answer.body.decode()
    assert rows_in(text) == [shown]
    assert 'data-new="1"' in text  # who is snoozed is not asked for
    assert desk.case(other).subject.id not in re.findall(r"[\w-]+", text)
    assert [lookup.case_ids for lookup in desk.lookups[before:]] == [(shown,)]


def test_a_row_that_left_the_view_says_so(desk: KeptDesk, ann: Somebody) -> None:
    case_id = OPEN[0]
    text = ann.get(f"/queue/rows?shown={case_id}").body.decode()
    assert "data-gone" not in text
    assert ann.decide("snooze", case_id, until="7d").status == 303
    text = ann.get(f"/queue/rows?shown={case_id}").body.decode()
    assert "data-gone" in text
    assert "left this view" in text
    assert "data-gone" not in ann.get(f"/queue/rows?shown={case_id}&state=all").body.decode()
    assert desk.case(case_id).state == "snoozed"


def test_an_alert_that_no_keeper_has_seen_is_told_above_the_queue(
    desk: KeptDesk, ann: Somebody
) -> None:
    says = "the service aboveboard cases does not keep up"
    assert says not in ann.get("/cases").body.decode()
    alert = alert_of(revision("unseen"), Subject("agent", "unseen"))
    desk.model.take_in(Told(one.topic, one.key, one.value) for one in alert_records(alert))
    assert says in ann.get("/cases").body.decode()
    desk.book.add_alert(alert)
    desk.judge()
    assert says not in ann.get("/cases").body.decode()


def test_too_many_ids_are_refused(ann: Somebody) -> None:
    assert ann.get(f"/queue/rows?shown={','.join(['x'] * 101)}").status == 400


def test_all_pages_together_show_every_case_once(desk: KeptDesk, ann: Somebody) -> None:
    for number in range(130):
        subject = Subject("agent", f"more-{number}")
        desk.book.add_alert(alert_of(revision(f"more-{number}"), subject))
    desk.judge()
    found: list[str] = []
    following = "/cases?state=all"
    while following:
        text = ann.get(following).body.decode()
        found += rows_in(text)
        links = re.findall(r'rel="next" href="([^"]+)"', text)
        following = links[0].replace("&amp;", "&") if links else ""
    assert len(found) == len({*found}) == desk.model.count("cases")


def test_who_may_not_decide_is_offered_nothing_to_select(desk: KeptDesk, ann: Somebody) -> None:
    looker = Somebody(desk, ANN, "viewer")
    assert 'name="case"' in ann.get("/cases").body.decode()
    assert 'name="case"' not in looker.get("/cases").body.decode()
    assert 'id="several"' not in looker.get("/cases").body.decode()
