"""Whether a finding about a group still stands without the member who has the most bad outcomes.

One agent can raise their team: five times the rate on a twelfth of the sales is a third more. That
is a finding about the agent, and none about the team.
"""

from collections import Counter
from collections.abc import Collection

from detectors.agents.alerting.agent_alert import EvidenceSummary
from detectors.alerts.at_stake import distinct
from detectors.evidence.within_group import STANDS_OUT, Counted, evidence_against_known
from detectors.messages.stake import Stake


def stands_without_worst(
    summary: EvidenceSummary, stakes: Collection[Stake], before: Counted
) -> bool:
    """Return whether the evidence about a group is strong without its worst member, too.

    `before` is what the group did before the likely start. `stakes` are those of its bad outcomes
    since then, maybe of the latest ones only.
    The worst member takes their share of the bad ones with them, and of what is expected as much as
    each of those who sold a bad one has on average.
    """
    sellers = Counter(sale.seller for sale in distinct(stakes))
    if len(sellers) < 2:  # noqa: PLR2004  # one alone is no group
        return False
    since = summary.start.since
    share = max(sellers.values()) / sellers.total()
    rest = Counted(int(since.observed * (1.0 - share)), since.expected * (1.0 - 1.0 / len(sellers)))
    sd, tempering = summary.spread.between_agent_sd, summary.spread.tempering
    return evidence_against_known(rest, before, sd, tempering) >= STANDS_OUT
