package aboveboard;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Flink in one process: a source for each topic, their union by account, and a timer an account.
 *
 * <p>Accounts and timers are objects on the heap, and a checkpoint writes them to files.
 */
public final class FlinkHost {
    private static final Duration EVERY = Duration.ofSeconds(2);

    private static final class Parser implements KafkaRecordDeserializationSchema<Event> {
        @Override
        public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Event> out) {
            out.collect(Event.parse(record.value()));
            Job.counted();
        }

        @Override
        public TypeInformation<Event> getProducedType() {
            return TypeInformation.of(Event.class);
        }
    }

    private record Writer(String topic) implements KafkaRecordSerializationSchema<Outcome> {
        @Override
        public ProducerRecord<byte[], byte[]> serialize(Outcome outcome, KafkaSinkContext context,
                Long at) {
            byte[] key = outcome.agentId.getBytes(StandardCharsets.UTF_8);
            return new ProducerRecord<>(topic, key, outcome.toJson());
        }
    }

    private static final class Ledger extends KeyedProcessFunction<String, Event, Outcome> {
        private transient ValueState<Account> accounts;

        @Override
        public void open(OpenContext context) {
            accounts = getRuntimeContext().getState(
                    new ValueStateDescriptor<>("account", TypeInformation.of(Account.class)));
        }

        @Override
        public void processElement(Event event, Context context, Collector<Outcome> out)
                throws Exception {
            Account account = accounts.value();
            long before = account == null ? Long.MAX_VALUE : account.nextDeadline();
            account = account == null ? new Account() : account;
            account.add(event);
            accounts.update(account);
            if (account.nextDeadline() < before) {
                context.timerService().registerEventTimeTimer(account.nextDeadline());
            }
        }

        @Override
        public void onTimer(long at, OnTimerContext context, Collector<Outcome> out)
                throws Exception {
            Account account = accounts.value();
            if (account == null) {
                return;
            }
            // The watermark is a millisecond behind what may still come, so the timer's time is past.
            if (account.settle(context.getCurrentKey(), at + 1, out::collect)) {
                accounts.update(account);
                context.timerService().registerEventTimeTimer(account.nextDeadline());
            } else {
                accounts.clear();
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        Job job = Job.of(arguments);
        StreamExecutionEnvironment flow =
                StreamExecutionEnvironment.createLocalEnvironment(job.cores(), settings(job));
        WatermarkStrategy<Event> times = WatermarkStrategy
                .<Event>forBoundedOutOfOrderness(Duration.ofMillis(Account.HOUR))
                .withTimestampAssigner((event, before) -> event.at)
                // So that no topic is read weeks ahead of the others, and waits in the state.
                .withWatermarkAlignment("topics", Duration.ofDays(2), Duration.ofMillis(100));

        DataStream<Event> events = null;
        for (String topic : job.topics()) {
            KafkaSource<Event> source = KafkaSource.<Event>builder()
                    .setBootstrapServers(job.broker())
                    .setGroupId(job.run())
                    .setTopics(topic)
                    .setStartingOffsets(OffsetsInitializer.earliest())
                    .setDeserializer(new Parser())
                    .setProperty("max.poll.records", "4000")
                    .build();
            DataStream<Event> those = flow.fromSource(source, times, topic)
                    .filter(event -> event.kind != Event.NOTHING);
            events = events == null ? those : events.union(those);
        }
        KafkaSink<Outcome> sink = KafkaSink.<Outcome>builder()
                .setBootstrapServers(job.broker())
                .setRecordSerializer(new Writer(job.outcomes()))
                .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                .setTransactionalIdPrefix(job.run())
                .setProperty("transaction.timeout.ms", "600000")
                .setProperty("batch.size", String.valueOf(256 << 10))
                .setProperty("linger.ms", "20")
                .setProperty("compression.type", "lz4")
                .build();
        events.keyBy(event -> event.accountId).process(new Ledger()).sinkTo(sink);
        flow.execute("ledger");
    }

    private static Configuration settings(Job job) {
        Configuration settings = new Configuration();
        settings.set(CoreOptions.DEFAULT_PARALLELISM, job.cores());
        settings.set(StateBackendOptions.STATE_BACKEND, "hashmap");
        settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, EVERY);
        settings.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
        settings.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                Path.of(job.folder(), "checkpoints").toUri().toString());
        settings.set(PipelineOptions.OBJECT_REUSE, true);
        // Fails rather than serialise anything by reflection.
        settings.set(PipelineOptions.GENERIC_TYPES, false);
        return settings;
    }
}
