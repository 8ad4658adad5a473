"""The inbox holds what waits for a second person, and tells one's own from that of others."""

import re

from tests.streams.desk.queue.kept_desk import OPEN, KeptDesk, Somebody


def inbox(person: Somebody) -> tuple[list[str], list[str], str]:
    """Return the cases that wait for others' answers and for one's own, and the page."""
    before = len(person.desk.lookups)
    text = person.get("/inbox").body.decode()
    (lookup,) = person.desk.lookups[before:]
    theirs, yours = (
        re.findall(r'<tr id="case-(\w+)"', part) for part in text.split('id="inbox-yours"')
    )
    assert {*theirs, *yours} == {*lookup.case_ids}
    return theirs, yours, text


def test_a_proposal_waits_for_another_than_who_made_it() -> None:
    with KeptDesk() as desk:
        ann = Somebody(desk, "ann.lee@bank.example", "approver")
        bob = Somebody(desk, "bob.ray@bank.example", "approver")
        first, second, *_ = OPEN
        assert ann.decide("propose", first).status == 303
        assert bob.decide("propose", second).status == 303
        assert inbox(ann)[:2] == ([second], [first])
        respelt = Somebody(desk, "BANK\\Ann.Lee", "approver")
        assert inbox(respelt)[:2] == ([second], [first])
        assert "kind=approve" in inbox(ann)[2].split('id="inbox-yours"')[0]
        assert "kind=approve" not in inbox(ann)[2].split('id="inbox-yours"')[1]
        reviewer = Somebody(desk, "cy.zoe@bank.example", "reviewer")
        assert "kind=approve" not in inbox(reviewer)[2]
        assert "kind=reject" in inbox(reviewer)[2]
        looker = Somebody(desk, "cy.zoe@bank.example", "viewer")
        assert "kind=" not in inbox(looker)[2]
        assert bob.decide("approve", first).status == 303
        assert inbox(ann)[:2] == ([second], [])
