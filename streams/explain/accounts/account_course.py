"""The alerts of one pattern about one account, from what it says of the sales on it."""

from collections.abc import Iterable
from typing import Final

from msgspec import structs

from detectors.alerts.account_alerts import AlertTimes, account_alert, account_alert_id
from detectors.alerts.alert import Alert
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId
from detectors.facts.account import Account, Verdict
from detectors.patterns import SalePattern
from detectors.settings import Settings
from streams.explain.accounts.sale_course import Arrived, Followed, SaleCourse


class AccountCourse(SaleCourse):
    """The revisions of all alerts of one pattern about one account.

    Parameters as those of `SaleCourse`; ``pattern`` is one whose bad verdicts are alerts.

    Attributes
    ----------
    revisions
        In the order in which they became known.
    """

    def __init__(
        self,
        settings: Settings,
        pattern: SalePattern,
        account_id: AccountId,
        arrived: Iterable[Arrived],
        watermark: Seconds,
    ) -> None:
        self._config_hash: Final = settings.config_hash
        self._ever: Final[dict[str, Followed]] = {}
        self.revisions: Final = list[Alert]()
        super().__init__(settings, pattern, account_id, arrived, watermark)

    def followed(self, alert_id: str) -> Followed | None:
        """Return the sale that an alert is about, None if there never was one."""
        return self._ever.get(alert_id)

    def hold(self, new: Followed) -> None:
        """Note which alert would be about a record."""
        self._ever[account_alert_id(self._pattern, self._account_id, new.sale)] = new

    def hear(
        self, followed: Followed, before: Verdict, account: Account, known_at: Seconds
    ) -> None:
        """Tell of a bad verdict, and of the end of one."""
        verdict, sale = followed.verdict, followed.sale
        if Verdict.BAD not in (before, verdict):
            return
        followed.revision += 1
        end = Seconds(sale.at + self._window)
        opened_at = end
        if self._pattern.tells_at_once:
            at = self.certain_at(sale, account)
            until = min(at, known_at) if verdict is Verdict.BAD else known_at
            account = _known_until(account, until)
            followed.opened_at = opened_at = followed.opened_at or until
        self.revisions.append(
            account_alert(
                self._pattern,
                self._account_id,
                sale,
                followed.revision,
                times=AlertTimes(opened_at, known_at),
                withdrawn=verdict is not Verdict.BAD,
                event_ids=self._pattern.evidence_events(account, sale, end),
                config_hash=self._config_hash,
            )
        )


def _known_until(account: Account, at: Seconds) -> Account:
    return structs.replace(
        account,
        sales=tuple(one for one in account.sales if one.at <= at),
        cancellations=tuple(one for one in account.cancellations if one.at <= at),
        acts=tuple(one for one in account.acts if one.at <= at),
    )
