package aboveboard;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** A verdict on a sale whose window has ended, as it goes to the topic of outcomes. */
public class Outcome {
    public static final byte GOOD = 1;
    public static final byte BAD = 2;

    private static final JsonFactory JSON = new JsonFactory();

    public String pattern = "";
    public String accountId = "";
    public String saleId = "";
    public String agentId = "";
    public String product = "";
    public String channel = "";
    /** Milliseconds of event time. */
    public long maturedAt;
    public byte verdict;
    public List<String> eventIds = List.of();

    public Outcome() {}

    public Outcome(String pattern, String accountId, Account.Sale sale, long maturedAt,
            byte verdict, List<String> eventIds) {
        this.pattern = pattern;
        this.accountId = accountId;
        this.saleId = sale.saleId;
        this.agentId = sale.agentId;
        this.product = sale.product;
        this.channel = sale.channel;
        this.maturedAt = maturedAt;
        this.verdict = verdict;
        this.eventIds = eventIds;
    }

    public byte[] toJson() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (JsonGenerator out = JSON.createGenerator(bytes)) {
            out.writeStartObject();
            out.writeStringField("pattern", pattern);
            out.writeStringField("sale_id", saleId);
            out.writeStringField("account_id", accountId);
            out.writeStringField("agent_id", agentId);
            out.writeStringField("product", product);
            out.writeStringField("channel", channel);
            out.writeNumberField("matured_at", maturedAt);
            out.writeNumberField("verdict", verdict);
            if (!eventIds.isEmpty()) {
                out.writeArrayFieldStart("event_ids");
                for (String eventId : eventIds) {
                    out.writeString(eventId);
                }
                out.writeEndArray();
            }
            out.writeEndObject();
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
        return bytes.toByteArray();
    }
}
