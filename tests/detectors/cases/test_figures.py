"""What became of the alerts, in figures."""

from detectors.cases.book import CaseBook
from detectors.cases.figures import figures_of, precision
from detectors.settings import CaseSettings
from tests.detectors.cases.people import decide, revision
from tests.detectors.cases.test_book import alert_of

HOUR = 3_600.0


def test_a_closed_case_counts_for_each_of_its_patterns() -> None:
    book = CaseBook(CaseSettings())
    for one in (revision(), revision("alert-2", pattern="unused_account")):
        book.add_alert(alert_of(one))
    seen = {"alert-1": 1, "alert-2": 1}
    confirmed = {"outcome": "confirmed", "words": "Denied.", "decision_id": "p"}
    for decision in (
        decide("acknowledge", 2, until=revision(hours=9).updated_at, seen=seen),
        decide("approve", 3, "bob", proposal="nothing", seen=seen),
        decide("propose", 4, seen=seen, **confirmed),
        decide("approve", 6, "bob", proposal="p", seen=seen),
    ):
        book.add_decision(decision)
    figures = figures_of(book.cases())
    assert figures.closings == {
        "quick_cancellation": {"confirmed": 1, "honest": 0, "unclear": 0},
        "unused_account": {"confirmed": 1, "honest": 0, "unclear": 0},
    }
    assert (figures.to_acknowledge, figures.to_close) == ((2 * HOUR,), (6 * HOUR,))
    assert (figures.refused, figures.decisions) == ({"no_such_proposal": 1}, 4)


def test_precision_leaves_out_what_is_unclear() -> None:
    assert precision({"confirmed": 3, "honest": 1, "unclear": 6}) == 0.75
    assert precision({"confirmed": 0, "honest": 0, "unclear": 6}) is None
