"""Topics whose events are batches."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from faust import App, Schema
from faust.types import AppT, EventT, TopicT
from faust.types.enums import ProcessingGuarantee
from faust.types.tuples import Message

from streams.errors import UnsupportedApp

BATCHES_WAITING: Final = 8
"""Batches a stream holds back before fetching waits for it; it bounds the memory of a worker."""


class BatchSchema(Schema[Any, Any]):
    """Passes a `FetchedBatch` through: what the records hold is for those who work on them."""

    def compile(self, app: App, **_: Any) -> Callable[..., Awaitable[EventT[Any]]]:  # type: ignore[override]  # noqa: ANN401 - Faust's signature
        """Return the function that makes an event of a message."""
        create_event = app.create_event

        async def decode(message: Message, *, propagate: bool = False) -> EventT[Any]:  # noqa: ARG001 - Faust's signature
            return create_event(None, message.value, None, message)

        return decode


def batch_topic(app: App, *names: str) -> TopicT:
    """Return a channel of these topics whose events carry a `FetchedBatch` as their value.

    Faust's own acknowledgements are off: it would take a batch for one record, and acknowledges
    also what an agent failed over.
    """
    topic = app.topic(*names, schema=BatchSchema(), acks=False)
    # Faust 0.15.3 drops the `maxsize` that `App.topic` takes, and would let 4,096 batches wait.
    topic.maxsize = BATCHES_WAITING
    return topic


def refuse_unsuitable(app: AppT) -> None:
    """Raise UnsupportedApp if the application uses what cannot work with batches."""
    if app.tables:
        raise UnsupportedApp("Faust restores its tables record by record: keep state yourself")
    guarantee: object = app.conf.processing_guarantee
    if guarantee is ProcessingGuarantee.EXACTLY_ONCE:
        raise UnsupportedApp("Faust's transactions count records: use at_least_once")
