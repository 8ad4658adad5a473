"""A request to verify a sale, as it stands on the wire."""

from msgspec import Struct

from detectors.alerts.alert import ENGINE_VERSION
from detectors.basis.identifiers import AccountId, AgentId, SaleId
from detectors.events.event import Moment


class NotBy(Struct, frozen=True):
    """Who must not verify a sale: its seller, and their team where it is known."""

    agent_id: AgentId
    team: str | None


class VerificationRequest(Struct, frozen=True, kw_only=True):
    """Ask the customer whether they know of a sale, by somebody who is not `not_by`.

    ``sold_at`` is when it was made, ``asked_at`` the end of the day on which it was chosen; an
    answer after ``answer_by`` says nothing to the pattern ``failed_verification``.
    ``probability`` is with what probability the sale was chosen. It rises with the evidence about
    its seller: so it says something of a person, and is for those alone who may read alerts.

    ``request_id`` is the same whenever the request is sent again. The answer is an
    ``account_activity`` of ``kind`` *verification* on the account, with who asked as ``agent_id``
    and what was said as ``result``.
    """

    request_id: str
    sale_id: SaleId
    account_id: AccountId
    agent_id: AgentId
    product: str
    site: str | None
    not_by: NotBy
    sold_at: Moment
    asked_at: Moment
    answer_by: Moment
    probability: float
    config_hash: str
    engine_version: str = ENGINE_VERSION
