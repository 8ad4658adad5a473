"""Every private name of Faust and aiokafka that the transport leans on, and why.

One row per name. `tests/streams/broker/transport/test_faust_contract.py` checks that each is there
and takes what we give it, and says what breaks otherwise.
"""
# ruff: noqa: SLF001 - private names are what the table is about

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import AIOKafkaConsumer
from aiokafka.consumer import fetcher
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.consumer.subscription_state import SubscriptionState
from aiokafka.protocol.commit import OffsetCommitRequest
from aiokafka.record.default_records import _DefaultRecordBatchPy
from faust import App, Schema
from faust.streams import Stream
from faust.tables.recovery import Recovery
from faust.transport.consumer import Consumer as AnyConsumer
from faust.transport.consumer import Fetcher as FaustFetcher
from faust.transport.consumer import ThreadDelegateConsumer
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, ConsumerRebalanceListener
from faust.types.tuples import ConsumerMessage
from kafka.consumer.fetcher import Fetcher as KafkaPythonFetcher
from mode.threads import ServiceThread, WorkerThread


@dataclass(frozen=True)
class Method:
    """A function that we call or override."""

    owner: Any
    name: str
    parameters: str
    why: str

    def trouble(self) -> str | None:
        """Return what is wrong with it, if anything."""
        found = inspect.getattr_static(self.owner, self.name, None)
        if found is None:
            return "is gone"
        if isinstance(found, property):
            return None if self.parameters == "property" else "has become a property"
        function = getattr(found, "__func__", found)
        given = ", ".join(inspect.signature(function).parameters)
        return None if given == self.parameters else f"takes ({given}) and not ({self.parameters})"


@dataclass(frozen=True)
class Text:
    """Something that the code of a function must say: an attribute, or a step that we count on."""

    owner: Callable[..., Any] | type
    name: str
    why: str

    def trouble(self) -> str | None:
        """Return what is wrong with it, if anything."""
        source = inspect.getsource(inspect.unwrap(self.owner))
        return None if self.name in source else f"is no longer in {self.owner.__qualname__}"


READING: Final = "records cannot be taken out of the client (thread.py)"
UNPACKING: Final = "records cannot be unpacked (unpacking.py)"
GARBAGE: Final = "the bytes of a fetch stay in memory long after it (unpacking.py)"
FETCHING: Final = "fetches are slow, or so large that records wait for each other (thread.py)"
LENIENT: Final = "one header name that is no UTF-8 stops every worker (batches/lenient.py)"
CARE: Final = "one corrupt batch stops every worker and command, or fills the memory (batches/)"
DYING: Final = "a client whose own routine has ended is waited for without end (thread.py)"
COMMITTING: Final = "commits are not fenced, so that a lost place goes unnoticed (committing.py)"
LEASE: Final = "seconds_since_heartbeat() means nothing (thread.py)"
BOOKS: Final = "Faust commits by itself again, also what is not finished (consumer.py)"
DELIVERY: Final = "batches do not reach the streams (consumer.py)"
ENDING: Final = "a worker that failed stays in the group, or writes tracebacks (ending.py)"
COMMITTED: Final = "what was aborted is taken for true (thread.py, unpacking.py, aborted.py)"
LOST: Final = (
    "records that the broker has deleted are passed over in silence (thread.py, asking.py)"
)
REBALANCE: Final = "batches of a lost partition are finished, or records skipped (consumer.py)"
SCHEMA: Final = "batches are decoded like single records (schema.py)"
MEMORY: Final = "a slow stage lets memory grow without bound (schema.py)"

NAMES: Final[tuple[Method | Text, ...]] = (
    # ---- the client's buffer
    Text(AIOKafkaConsumer.start, "self._fetcher = Fetcher(", READING),
    Text(AIOKafkaConsumer.start, "fetch_max_wait_ms=self._fetch_max_wait_ms", FETCHING),
    Text(AIOKafkaConsumer.start, "fetch_max_bytes=self._fetch_max_bytes", FETCHING),
    Text(
        AIOKafkaConsumer.start,
        "max_partition_fetch_bytes=self._max_partition_fetch_bytes",
        FETCHING,
    ),
    Text(AIOKafkaConsumer.start, "isolation_level=self._isolation_level", COMMITTED),
    Text(AIOKafkaConsumer.start, "auto_offset_reset=self._auto_offset_reset", LOST),
    Text(AIOKafkaConsumer.last_stable_offset, "self._subscription.subscription", COMMITTED),
    Text(AIOKafkaConsumer.last_stable_offset, "assignment.state_value(partition).lso", COMMITTED),
    Text(AIOKafkaConsumer.highwater, "assignment.state_value(partition).highwater", COMMITTED),
    Text(fetcher.Fetcher._proc_fetch_request, "tp_state.lso = lso", COMMITTED),
    Text(
        fetcher.Fetcher._proc_fetch_request,
        "Errors.OffsetOutOfRangeError({tp: fetch_offset})",
        LOST,
    ),
    Text(fetcher.Fetcher.request_offset_reset, "tp_state.await_reset(strategy)", LOST),
    Text(fetcher.FetchError.__init__, "self._error = error", LOST),
    Text(fetcher.PartitionRecords.__init__, "self._aborted_transactions = sorted(", COMMITTED),
    Text(fetcher.PartitionRecords._unpack_records, "next_batch.producer_id", COMMITTED),
    Text(fetcher.PartitionRecords._unpack_records, "next_batch.is_transactional", COMMITTED),
    Text(fetcher.PartitionRecords._consume_aborted_up_to, "producer_id, first_offset =", COMMITTED),
    Text(fetcher.PartitionRecords._contains_abort_marker, "ControlRecord.parse(", COMMITTED),
    Text(AIOKafkaConsumer.stop, "self._closed = True", READING),
    Text(fetcher.Fetcher.close, "self._closed = True", READING),
    Text(fetcher.Fetcher.fetched_records, "del self._records[tp]", READING),
    Text(fetcher.Fetcher.fetched_records, "self._notify(self._wait_consume_future)", READING),
    Text(fetcher.Fetcher.fetched_records, "self._create_fetch_waiter()", READING),
    Text(
        fetcher.Fetcher.fetched_records, "self._subscriptions.reassignment_in_progress", REBALANCE
    ),
    Text(fetcher.Fetcher._fetch_requests_routine, "self._records.clear()", REBALANCE),
    Text(fetcher.Fetcher._proc_fetch_request, "self._records[tp] = FetchResult(", READING),
    Method(fetcher.Fetcher, "_create_fetch_waiter", "self", READING),
    Method(fetcher.Fetcher, "_notify", "self, future", READING),
    Text(fetcher.Fetcher._proc_fetch_request, "records = MemoryRecords(part_data[-1])", CARE),
    Text(fetcher.Fetcher._proc_fetch_request, "partition_records = PartitionRecords(", CARE),
    Text(fetcher.Fetcher._proc_fetch_request, "tp_state.highwater = highwater", CARE),
    Text(fetcher.Fetcher.__init__, "self._fetch_task = create_task(", DYING),
    Text(fetcher.FetchResult.__init__, "self._assignment = assignment", CARE),
    Method(KafkaPythonFetcher, "_parse_fetched_data", "self, completed_fetch", CARE),
    Text(
        KafkaPythonFetcher._parse_fetched_data,
        "MemoryRecords(completed_fetch.partition_data.records)",
        CARE,
    ),
    Text(KafkaPythonFetcher._parse_fetched_data, "self.PartitionRecords(", CARE),
    Method(
        KafkaPythonFetcher.PartitionRecords,
        "_unpack_records",
        "self, tp, records, key_deserializer, value_deserializer",
        CARE,
    ),
    Method(fetcher.FetchResult, "check_assignment", "self, tp", REBALANCE),
    Method(fetcher.FetchResult, "has_more", "self", READING),
    Method(fetcher.FetchResult, "_update_position", "self", READING),
    Text(
        fetcher.FetchResult._update_position, "self._partition_records.next_fetch_offset", READING
    ),
    Method(fetcher.FetchError, "check_raise", "self", READING),
    Method(SubscriptionState, "fetch_context", "self", READING),
    Method(SubscriptionState, "reassignment_in_progress", "property", REBALANCE),
    Text(
        fetcher.PartitionRecords.__init__,
        "self._records_iterator = self._unpack_records()",
        GARBAGE,
    ),
    Text(fetcher.PartitionRecords._unpack_records, "records = self._records", UNPACKING),
    Text(fetcher.PartitionRecords._unpack_records, "next_batch.validate_crc()", UNPACKING),
    Text(fetcher.PartitionRecords._unpack_records, "self._check_crcs", UNPACKING),
    Text(fetcher.PartitionRecords._unpack_records, "next_batch.is_control_batch", UNPACKING),
    Text(
        fetcher.PartitionRecords._unpack_records,
        "self.next_fetch_offset = next_batch.next_offset",
        UNPACKING,
    ),
    Text(_DefaultRecordBatchPy.__init__, "self._num_records", LENIENT),
    Text(_DefaultRecordBatchPy.__init__, "self._buffer", LENIENT),
    Text(_DefaultRecordBatchPy.__init__, "self._pos", LENIENT),
    # ---- the group
    Text(AIOKafkaConsumer.start, "self._coordinator = GroupCoordinator(", COMMITTING),
    Text(GroupCoordinator.__init__, "self.generation =", COMMITTING),
    Text(GroupCoordinator.__init__, "self.member_id =", COMMITTING),
    Text(GroupCoordinator.__init__, "self.group_id =", COMMITTING),
    Text(GroupCoordinator.reset_generation, "self.generation =", COMMITTING),
    Method(GroupCoordinator, "ensure_coordinator_known", "self", COMMITTING),
    Method(GroupCoordinator, "coordinator_dead", "self", COMMITTING),
    Method(GroupCoordinator, "_send_req", "self, request", COMMITTING),
    Method(
        OffsetCommitRequest,
        "__init__",
        "self, consumer_group, consumer_group_generation_id, consumer_id, retention_time, topics",
        COMMITTING,
    ),
    Method(GroupCoordinator, "fetch_committed_offsets", "self, partitions", REBALANCE),
    Method(GroupCoordinator, "_do_heartbeat", "self", LEASE),
    Text(GroupCoordinator._heartbeat_routine, "success = await self._do_heartbeat()", LEASE),
    Text(GroupCoordinator._on_join_prepare, "listener.on_partitions_revoked(", REBALANCE),
    # ---- Faust's thread
    Method(AIOKafkaConsumerThread, "_create_worker_consumer", "self, transport", FETCHING),
    Method(AIOKafkaConsumerThread, "_ensure_consumer", "self", READING),
    Method(AIOKafkaConsumerThread, "on_start", "self", LEASE),
    Method(AIOKafkaConsumerThread, "__init__", "self, consumer, kwargs", READING),
    Text(ServiceThread.__init__, "self.thread_loop =", READING),
    Method(AIOKafkaConsumerThread, "on_thread_stop", "self", ENDING),
    Text(AIOKafkaConsumerThread.on_thread_stop, "await self._consumer.stop()", ENDING),
    Text(AIOKafkaConsumer.stop, "await self._client.close()", ENDING),
    Text(ServiceThread.start, "self._thread = self.Worker(self)", ENDING),
    Text(ServiceThread.stop, "self._thread.stop()", ENDING),
    Method(ServiceThread, "on_crash", "self, msg, fmt, kwargs", ENDING),
    Text(WorkerThread.__init__, "self.daemon = False", ENDING),
    Text(
        ConsumerRebalanceListener.on_partitions_assigned,
        "app.consumer_generation_id = generation",
        REBALANCE,
    ),
    # ---- Faust's consumer
    Method(ThreadDelegateConsumer, "_new_consumer_thread", "self", READING),
    Method(AnyConsumer, "_drain_messages", "self, fetcher", DELIVERY),
    Text(FaustFetcher, "consumer._drain_messages(self)", DELIVERY),
    Text(AnyConsumer.__init__, "self.callback = callback", DELIVERY),
    Text(AnyConsumer.stop_flow, "self.suspend_flow.set()", DELIVERY),
    Text(AnyConsumer.resume_flow, "self.flow_active = True", DELIVERY),
    Text(AnyConsumer._set_active_tps, "self._active_partitions", DELIVERY),
    Method(AnyConsumer, "on_buffer_full", "self, tp", DELIVERY),
    Method(AnyConsumer, "on_buffer_drop", "self, tp", DELIVERY),
    Method(
        ConsumerMessage,
        "__init__",
        "self, topic, partition, offset, timestamp, timestamp_type, headers, key, value, checksum, "
        "serialized_key_size, serialized_value_size, tp, time_in, time_out, time_total, "
        "generation_id",
        DELIVERY,
    ),
    Method(AnyConsumer, "commit", "self, topics, start_new_transaction", BOOKS),
    Method(AnyConsumer, "force_commit", "self, topics, start_new_transaction", BOOKS),
    Text(AnyConsumer, "async def _commit_handler(self)", BOOKS),
    Text(AnyConsumer.on_task_error, "await self.commit()", BOOKS),
    Text(AnyConsumer.commit_and_end_transactions, "await self.commit(", BOOKS),
    Method(AnyConsumer, "on_partitions_revoked", "self, revoked", REBALANCE),
    Method(AnyConsumer, "on_partitions_assigned", "self, assigned, generation_id", REBALANCE),
    Method(AnyConsumer, "perform_seek", "self", REBALANCE),
    Method(AnyConsumer, "seek", "self, partition, offset", REBALANCE),
    Text(Recovery._resume_streams, "consumer.perform_seek()", REBALANCE),
    Text(Recovery._resume_streams, "consumer.resume_flow()", REBALANCE),
    Text(App._on_partitions_revoked, "self.on_partitions_revoked.send", REBALANCE),
    Text(Stream._py_aiter, "message.generation_id != self.app.consumer_generation_id", REBALANCE),
    # ---- topics
    Method(
        Schema,
        "compile",
        "self, app, on_key_decode_error, on_value_decode_error, default_propagate",
        SCHEMA,
    ),
    Text(App.topic, "acks=acks", BOOKS),
    Text(App.topic, "schema=schema", SCHEMA),
)
