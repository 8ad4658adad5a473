"""Figures as sentences: counts first, estimates named as such, nothing of one kind as the other."""

import re
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from detectors.alerts.alert import Alert
from detectors.alerts.at_stake import AtStake
from detectors.basis.identifiers import PatternName
from detectors.evidence.rate_ratio import shrunk_rate_ratio
from streams.reports.names import percent
from streams.reports.sentences import sentences_of
from streams.reports.words import words_of
from tests.streams.reports.reported import EVIDENCE, SHIFT, about_agent, early

TRIALS: Final = st.integers(1, 2_000)


def test_an_alert_reads_as_an_officer_would_say_it() -> None:
    assert " ".join(sentences_of(about_agent())) == (
        "12 of 60 sales were cancelled within 14 days. Counted are the sales whose 14 days ended "
        "from 1 March 2025 to 31 March 2025. "
        "That is 20 %. Among peers it would be 5.0 % (3.00 of 60): 4.0 times as often, as counted. "
        "Best estimate: 16 %, 3.2 times as often as among peers (90 % interval 1.6 to 5.0). It "
        "allows for chance, and for how much honest agents differ. "
        "By chance alone: dealt out to the agents at random, the same outcomes gave 1 warning of "
        "this pattern in 55 agent-years. "
        "3 later sales of theirs could not be judged by then: the window had not passed. They are "
        "in none of these figures."
    )


def test_what_is_at_stake_is_said_of_the_sales_named_and_of_no_others() -> None:
    stake = AtStake(sales=11, amount=1080.5, amount_unknown=0, customers=10)
    told = replace(about_agent(), at_stake=stake, team="north", site="=Leeds\n")
    *counted, at_stake, places = sentences_of(told)
    assert counted == sentences_of(about_agent())
    assert at_stake == "At stake: 1,080.50 in the 11 sales named, of 10 known customers."
    assert (
        places == "Team and site, as these sales say most often: team north, site “=Leeds\ufffd”."
    )


def test_an_early_sign_has_no_share_for_no_sale_is_over_with() -> None:
    sign = about_agent(pattern="quick_cancellation_early", evidence=early())
    counted, peers, estimate, *_ = sentences_of(sign)
    assert counted.startswith("12 sales were cancelled within 14 days, counted from 1 March 2025 ")
    assert peers == (
        "Among peers with sales as old it would be 3.00 by now: 4.0 times as often, as counted."
    )
    assert estimate.startswith("Best estimate: 3.2 times")
    assert not re.search(r"\d %\.", f"{counted} {peers}")


def test_what_has_no_words_of_its_own_is_told_by_the_alert() -> None:
    assert sentences_of(about_agent(pattern="of_a_package"))[0] == "Agent agent-1: a sentence."
    said = "Agent agent-1: of 50 sales, 9 were made. As counted, that is 3.0 times. The rest."
    counted, *others = sentences_of(replace(about_agent(pattern="no_need"), summary=said))
    assert counted == "Agent agent-1: of 50 sales, 9 were made."
    assert not any("The rest" in one for one in others)
    assert words_of(PatternName("no_need")).title == "No need"
    told = sentences_of(about_agent(pattern="volume_shift", evidence=SHIFT))
    assert told == ["Agent agent-1: a sentence."]


def alert_of(observed: int, trials: int, expected: float, spread: float) -> Alert:
    ratio = shrunk_rate_ratio(observed, expected, spread)
    return about_agent(
        evidence=replace(
            EVIDENCE,
            observed=observed,
            matured=trials,
            expected=expected,
            rate_ratio=ratio.estimate,
            rate_ratio_low=ratio.lower,
            rate_ratio_high=ratio.upper,
        )
    )


def shares_agree(told: list[str], observed: int, trials: int) -> None:
    """Require that shares follow from the counts, and the estimate lies between them and peers."""
    counted, peers, best = told[:3]
    assert counted.startswith(f"{observed:,} of {trials:,} ")
    found = re.match(r"That is (\S+) %\. Among peers it would be (\S+) %", peers)
    assert found, peers
    rate, among_peers = map(float, found.groups())
    assert rate == pytest.approx(100 * observed / trials, rel=0.06)
    estimate = re.search(r"estimate: (\S+) %", best)
    if estimate is not None:
        low, high = sorted((rate, among_peers))
        assert low * 0.99 <= float(estimate[1]) <= high * 1.01 or estimate[1] in {
            found[1],
            found[2],
        }, (peers, best)


@given(trials=TRIALS, share=st.floats(0, 1), peers=st.floats(0.001, 0.9), spread=st.floats(0.25, 1))
def test_the_shares_agree_with_the_counts(
    trials: int, share: float, peers: float, spread: float
) -> None:
    observed = round(share * trials)
    alert = alert_of(observed, trials, peers * trials, spread)
    shares_agree(sentences_of(alert), observed, trials)


def test_the_law_catches_the_shrunk_share_told_as_counted() -> None:
    told = sentences_of(alert_of(26, 101, 5.09, 0.25))
    broken = [told[0], told[1].replace("That is 26 %", "That is 10 %"), *told[2:]]
    with pytest.raises(AssertionError):
        shares_agree(broken, 26, 101)


@given(st.floats(0, 1) | st.floats(0.99, 1))
def test_a_share_is_told_as_all_or_nothing_only_if_it_is(share: float) -> None:
    told = float(percent(share).removesuffix(" %"))
    assert told == pytest.approx(100 * share, rel=0.06, abs=1e-300)
    assert (told == 0) == (share == 0)
    assert (told == 100) == (share == 1)


def test_a_count_that_the_interval_does_not_hold_is_told_with_the_reason() -> None:
    told = about_agent(evidence=replace(EVIDENCE, rate_ratio_high=3.9))
    (estimate,) = [told for told in sentences_of(told) if told.startswith("Best estimate")]
    assert estimate.endswith(
        "The count lies above that: so few outcomes can owe much of it to chance."
    )
