"""Alerts that no case shows yet: a queue without them would look as if nothing had happened."""

from datetime import datetime, timedelta
from typing import Final

from streams.desk.model.intake import microseconds
from streams.desk.model.read_model import ReadModel

_PATIENCE: Final = timedelta(minutes=2)
"""The keeper of cases takes seconds."""

_LOOKED_AT: Final = 500
"""The newest alerts: if the keeper is gone, they are what it has missed."""

_UNFOLDED: Final = """
SELECT count(*) FROM (
    SELECT alert_id, case_id, updated_at FROM alerts ORDER BY updated_at DESC, alert_id LIMIT ?
) AS newest LEFT JOIN cases USING (case_id)
WHERE (cases.case_id IS NULL OR cases.updated_at < newest.updated_at)
AND (SELECT max(learned_at) FROM revisions WHERE alert_id = newest.alert_id) < ?"""


def unfolded_in(model: ReadModel, now: datetime) -> int:
    """Return of how many of the newest alerts no case shows the newest revision.

    Of those that came two minutes ago at least, by the clock of the broker.
    """
    values = (_LOOKED_AT, microseconds(now - _PATIENCE))
    ((number,),) = model.ask(_UNFOLDED, values)
    return int(number)
