package aboveboard;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Properties;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * Kafka Streams: one processor behind the three topics, which have their partitions in common.
 *
 * <p>A task takes the records of its partitions in the order of their times, so that stream time is
 * the time of the join. Accounts are in a store in memory with a changelog topic.
 */
public final class StreamsHost {
    private static final String ACCOUNTS = "accounts";

    private record Due(long at, String accountId) {}

    private static final class Ledger implements Processor<String, Event, String, Outcome> {
        private final PriorityQueue<Due> due =
                new PriorityQueue<>(Comparator.comparingLong(Due::at));
        private ProcessorContext<String, Outcome> context;
        private KeyValueStore<String, Account> accounts;

        @Override
        public void init(ProcessorContext<String, Outcome> context) {
            this.context = context;
            accounts = context.getStateStore(ACCOUNTS);
            // Deadlines follow from the accounts, so they are not stored a second time.
            try (KeyValueIterator<String, Account> known = accounts.all()) {
                while (known.hasNext()) {
                    KeyValue<String, Account> entry = known.next();
                    due.add(new Due(entry.value.nextDeadline(), entry.key));
                }
            }
        }

        @Override
        public void process(Record<String, Event> record) {
            Event event = record.value();
            if (event.kind != Event.NOTHING) {
                Account account = accounts.get(event.accountId);
                long before = account == null ? Long.MAX_VALUE : account.nextDeadline();
                account = account == null ? new Account() : account;
                account.add(event);
                accounts.put(event.accountId, account);
                if (account.nextDeadline() < before) {
                    due.add(new Due(account.nextDeadline(), event.accountId));
                }
            }
            settle(context.currentStreamTimeMs() - Account.HOUR);
            Job.counted();
        }

        private void settle(long watermark) {
            while (!due.isEmpty() && due.peek().at < watermark) {
                String accountId = due.poll().accountId;
                Account account = accounts.get(accountId);
                if (account == null) {
                    continue;
                }
                if (account.settle(accountId, watermark, this::tell)) {
                    accounts.put(accountId, account);
                    due.add(new Due(account.nextDeadline(), accountId));
                } else {
                    accounts.delete(accountId);
                }
            }
        }

        private void tell(Outcome outcome) {
            context.forward(new Record<>(outcome.agentId, outcome, outcome.maturedAt));
        }
    }

    public static void main(String[] arguments) throws Exception {
        Job job = Job.of(arguments);
        Serde<Event> events = Serdes.serdeFrom((topic, event) -> null,
                (topic, bytes) -> Event.parse(bytes));
        Serde<Outcome> outcomes = Serdes.serdeFrom((topic, outcome) -> outcome.toJson(),
                (topic, bytes) -> null);
        Serde<Account> accounts = Serdes.serdeFrom(
                (topic, account) -> account == null ? null : account.toBytes(),
                (topic, bytes) -> bytes == null ? null : Account.fromBytes(bytes));

        StreamsBuilder builder = new StreamsBuilder();
        builder.addStateStore(Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore(ACCOUNTS), Serdes.String(), accounts)
                .withCachingEnabled());
        builder.stream(job.topics(), Consumed.with(Serdes.String(), events)
                        .withTimestampExtractor((record, before) -> ((Event) record.value()).at))
                .process(Ledger::new, ACCOUNTS)
                .to(job.outcomes(), Produced.with(Serdes.String(), outcomes));

        KafkaStreams streams = new KafkaStreams(builder.build(), settings(job));
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            return StreamThreadExceptionResponse.SHUTDOWN_APPLICATION;
        });
        Runtime.getRuntime().addShutdownHook(
                new Thread(() -> streams.close(Duration.ofSeconds(10))));
        streams.start();
    }

    private static Properties settings(Job job) {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, job.run());
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, job.broker());
        settings.put(StreamsConfig.STATE_DIR_CONFIG, job.folder());
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, job.cores());
        settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 2_000);
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 128L << 20);
        settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
        settings.put(StreamsConfig.consumerPrefix("max.poll.records"), 4_000);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 256 << 10);
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
        return settings;
    }
}
