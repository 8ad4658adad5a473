package aboveboard;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.Set;

/**
 * An event of one of the three topics: what the two patterns read of it, and nothing else.
 *
 * <p>A class with public fields, so that Flink serialises it without reflection on every record.
 */
public class Event {
    private static final JsonFactory JSON =
            JsonFactory.builder().enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER).build();
    private static final Set<String> USE =
            Set.of("login", "usage", "payment", "deposit", "withdrawal");

    public static final byte NOTHING = 0;
    public static final byte SALE = 1;
    public static final byte CANCELLATION = 2;
    public static final byte USED = 3;

    /** What it is to the ledger: activity that is no use is {@link #NOTHING}. */
    public byte kind;
    /** Milliseconds of event time. */
    public long at;
    public String eventId = "";
    public String accountId = "";
    public String saleId = "";
    public String agentId = "";
    public String product = "";
    public String channel = "";
    public String reason = "";
    /** Whether the customer did it, or nobody knows who. */
    public boolean byCustomer;
    /** Of a sale its price, of a cancellation what was paid back; NaN if that is not said. */
    public double amount = Double.NaN;

    public static Event parse(byte[] line) {
        Event event = new Event();
        String type = "";
        String activity = "";
        String by = "";
        String result = "";
        double refund = Double.NaN;
        try (JsonParser parser = JSON.createParser(line)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken token = parser.nextToken();
                if (token == JsonToken.VALUE_NULL) {
                    continue;
                }
                switch (name) {
                    case "type" -> type = parser.getText();
                    case "event_id" -> event.eventId = parser.getText();
                    case "account_id" -> event.accountId = parser.getText();
                    case "occurred_at" -> event.at = millis(parser.getText());
                    case "sale_id" -> event.saleId = parser.getText();
                    case "agent_id" -> event.agentId = parser.getText();
                    case "product" -> event.product = parser.getText();
                    case "channel" -> event.channel = parser.getText();
                    case "reason" -> event.reason = parser.getText();
                    case "kind" -> activity = parser.getText();
                    case "initiated_by" -> by = parser.getText();
                    case "result" -> result = parser.getText();
                    case "amount" -> event.amount = parser.getDoubleValue();
                    case "refund" -> refund = parser.getDoubleValue();
                    default -> parser.skipChildren();
                }
            }
        } catch (IOException error) {
            throw new IllegalArgumentException("no event: " + new String(line), error);
        }
        event.byCustomer = by.equals("customer") || by.equals("unknown");
        switch (type) {
            case "sale" -> event.kind = SALE;
            case "cancellation" -> {
                event.kind = CANCELLATION;
                event.amount = refund;
            }
            default -> {
                boolean used = by.equals("customer") && USE.contains(activity)
                        && event.agentId.isEmpty() && !result.equals("seller_device");
                event.kind = used ? USED : NOTHING;
            }
        }
        return event;
    }

    /** Reads the usual form in place; any other as the library does, at several times the cost. */
    static long millis(String text) {
        if (text.length() != 24 || text.charAt(19) != '.' || text.charAt(23) != 'Z') {
            return OffsetDateTime.parse(text).toInstant().toEpochMilli();
        }
        long day = LocalDate.of(digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10))
                .toEpochDay();
        long minutes = 60L * digits(text, 11, 13) + digits(text, 14, 16);
        return 86_400_000L * day + 60_000L * minutes + 1_000L * digits(text, 17, 19)
                + digits(text, 20, 23);
    }

    private static int digits(String text, int from, int to) {
        int number = 0;
        for (int place = from; place < to; place++) {
            number = 10 * number + text.charAt(place) - '0';
        }
        return number;
    }
}
