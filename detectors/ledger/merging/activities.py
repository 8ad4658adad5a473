"""What an activity adds to its account: a use, what may be one, and what is looked at by itself."""

from enum import IntEnum
from typing import Final

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import interned
from detectors.events.event import AccountActivity
from detectors.facts.account import Account
from detectors.facts.acts import act_of, with_act
from detectors.facts.from_events import Standing, standing
from detectors.facts.questions import USES
from detectors.ledger.settlement import Settlement
from detectors.settings import Settings


class Tells(IntEnum):
    """What an activity tells the patterns that are enabled."""

    NOTHING = 0
    USE = 1
    MORE = 2


class Activities:
    """Merges activities into accounts, as far as enabled patterns ask for them.

    Parameters
    ----------
    settings
        All settings.
    settlement
        What knows what is asked for.
    """

    def __init__(self, settings: Settings, settlement: Settlement) -> None:
        span = settlement.span_of(USES)
        self._span: Final = span or 0.0
        self._uses: Final = frozenset() if span is None else settings.patterns.kinds_of_use()
        self._looked_at: Final = settings.patterns.kinds_of_acts()

    def told_by(self, event: AccountActivity, at: Seconds) -> Tells:
        """Return whether an activity tells anything, and whether it is more than a plain use."""
        kind = event.kind
        if kind in self._looked_at and act_of(event, at, self._looked_at) is not None:
            return Tells.MORE
        if (  # nearly every use, so it is told here and not by `standing`, which says the same
            kind in self._uses
            and event.initiated_by == "customer"
            and event.agent_id is None
            and event.result is None
        ):
            return Tells.USE
        if not self._uses or standing(event, self._uses) is Standing.NO_USE:
            return Tells.NOTHING
        return Tells.MORE

    def merge(self, account: Account, event: AccountActivity, at: Seconds, told: Tells) -> bool:
        """Add to an account what an activity told; return whether that changed anything."""
        if told is Tells.USE:
            return account.add_use(at, self._span)
        act = act_of(event, at, self._looked_at)
        acts = None if act is None else with_act(account.acts, act)
        if changed := acts is not None:
            account.acts = acts
        is_use = standing(event, self._uses) if self._uses else Standing.NO_USE
        if is_use is Standing.NO_USE:
            return changed
        # Whether it is use depends on who keyed it, and who sold.
        agent_id = None if event.agent_id is None else interned(event.agent_id)
        is_certain, span = is_use is Standing.USE, self._span
        if is_certain and agent_id is None:
            return account.add_use(at, span) or changed
        return account.add_other_use(at, span, agent_id, is_certain=is_certain) or changed
