"""A source whose claims contradict others is complained of, a few slips are not."""

from streams.stages.contested_share import ContestedShare


def after(share: ContestedShare, number: int, contradictions: int) -> str | None:
    share.read(number, contradictions)
    return share.complaint


def test_a_thousand_records_are_waited_for() -> None:
    share = ContestedShare()
    assert after(share, 1, 0) is None
    assert after(share, 998, 500) is None
    told = after(share, 1, 500)
    assert told is not None
    assert told.startswith("500 claims of the last 1,000 records contradict known sales")


def test_more_than_one_in_a_hundred_is_too_much_and_a_source_that_mended_is_believed() -> None:
    share = ContestedShare()
    assert after(share, 1_000, 0) is None
    assert after(share, 1_000, 10) is None
    assert after(share, 1_000, 21) is not None
    assert after(share, 1_000, 31) is None


def test_what_a_restored_state_knows_was_complained_of() -> None:
    assert after(ContestedShare(), 1_000, 5_000) is None
