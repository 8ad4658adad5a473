package aboveboard;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

/** What the harness wants, as `bench.engines.hosts.job` says it, and the counter that it reads. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Job(String broker, Map<String, String> sources, String outcomes, String run,
        String folder, String progress, int cores) {

    private static final VarHandle LONGS =
            MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static ByteBuffer counter;

    public static Job of(String[] arguments) throws IOException {
        Job job = new ObjectMapper().readValue(arguments[0], Job.class);
        try (FileChannel file = FileChannel.open(Path.of(job.progress),
                StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            counter = file.map(FileChannel.MapMode.READ_WRITE, 0, Long.BYTES);
        }
        return job;
    }

    public List<String> topics() {
        return List.copyOf(sources.values());
    }

    /** Counts one more event that was taken in; by any thread. */
    public static void counted() {
        LONGS.getAndAdd(counter, 0, 1L);
    }
}
