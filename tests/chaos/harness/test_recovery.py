"""Recovery times are read from what workers write."""

from tests.chaos.recovery import restorations, spread

LOG = """\
2026-11-22 02:42:47,252 aboveboard.stages: peers: partitions 0 restored: 3 keys in 0.4 s
2026-11-22 02:42:47,319 aboveboard.worker: something else in 0.5 s
2026-11-22 02:42:49,363 aboveboard.stages: ledger: partitions 0, 2 restored: 2930 keys in 1.5 s
"""


def test_lines_about_restored_state_are_found() -> None:
    peers, ledger = restorations(LOG)
    assert (peers.stage, peers.seconds) == ("peers", 0.4)
    assert (ledger.stage, ledger.seconds) == ("ledger", 1.5)
    assert round(ledger.at - peers.at, 3) == 2.111


def test_a_spread_of_nothing_is_nothing() -> None:
    assert spread([]).count == 0
    assert spread([3.0, 1.0, 2.0]) == spread([2.0, 3.0, 1.0])
    assert (spread([3.0, 1.0, 2.0]).median, spread([1.0, 3.0]).largest) == (2.0, 3.0)
