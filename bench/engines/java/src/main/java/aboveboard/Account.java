package aboveboard;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/**
 * What is known of one account, and the verdicts that follow: the same for both engines.
 *
 * <p>Only what the world of the benchmark has: no late event, no activity keyed for the customer,
 * no sale that replaces another. The harness compares all outcomes with those of our ledger.
 */
public class Account {
    public static final long HOUR = 3_600_000L;
    public static final long DAY = 24 * HOUR;
    public static final long QUICK = 10 * DAY;
    public static final long UNUSED = 30 * DAY;
    /** How far the clocks of two sources may disagree. */
    public static final long FORGIVEN = HOUR;

    public static class Sale {
        public String saleId = "";
        public String eventId = "";
        public String agentId = "";
        public String product = "";
        public String channel = "";
        public double amount;
        public long at;
        public boolean quickIsSettled;
    }

    public static class Cancellation {
        public String saleId = "";
        public String eventId = "";
        public String reason = "";
        public boolean byCustomer;
        public double refund;
        public long at;
    }

    public List<Sale> sales = new ArrayList<>(1);
    public List<Cancellation> cancellations = new ArrayList<>(0);
    /** In the order of time; of three within a window the middle one is left out. */
    public List<Long> uses = new ArrayList<>(2);

    public void add(Event event) {
        switch (event.kind) {
            case Event.SALE -> {
                Sale sale = new Sale();
                sale.saleId = event.saleId;
                sale.eventId = event.eventId;
                sale.agentId = event.agentId;
                sale.product = event.product;
                sale.channel = event.channel;
                sale.amount = event.amount;
                sale.at = event.at;
                sales.add(sale);
            }
            case Event.CANCELLATION -> {
                Cancellation cancellation = new Cancellation();
                cancellation.saleId = event.saleId;
                cancellation.eventId = event.eventId;
                cancellation.reason = event.reason;
                cancellation.byCustomer = event.byCustomer;
                cancellation.refund = event.amount;
                cancellation.at = event.at;
                cancellations.add(cancellation);
                cancellations.sort(Comparator.comparingLong(known -> known.at));
            }
            default -> addUse(event.at);
        }
    }

    private void addUse(long at) {
        int size = uses.size();
        if (size > 1 && at >= uses.get(size - 1) && at - uses.get(size - 2) <= UNUSED) {
            uses.set(size - 1, at);
        } else {
            uses.add(at);
            if (size > 0 && at < uses.get(size - 1)) {
                uses.sort(null);
            }
        }
    }

    /** The next time at which there is something to settle or to forget; none before it. */
    public long nextDeadline() {
        long next = Long.MAX_VALUE;
        for (Sale sale : sales) {
            next = Math.min(next, sale.at + (sale.quickIsSettled ? UNUSED : QUICK));
        }
        return sales.isEmpty() ? neededUntil() : next;
    }

    /** Settles what ended before the watermark; false if nothing of the account is needed then. */
    public boolean settle(String accountId, long watermark, Consumer<Outcome> tell) {
        for (int place = 0; place < sales.size(); place++) {
            Sale sale = sales.get(place);
            if (!sale.quickIsSettled && sale.at + QUICK < watermark) {
                sale.quickIsSettled = true;
                tellQuick(accountId, sale, tell);
            }
            if (sale.at + UNUSED < watermark) {
                tellUnused(accountId, sale, tell);
                sales.remove(place--);
            }
        }
        return !sales.isEmpty() || neededUntil() >= watermark;
    }

    /** Until when a sale may come to which one of these facts belongs. */
    private long neededUntil() {
        long until = uses.isEmpty() ? Long.MIN_VALUE : uses.get(uses.size() - 1) + FORGIVEN;
        for (Cancellation known : cancellations) {
            until = Math.max(until, known.at + UNUSED);
        }
        return until;
    }

    private void tellQuick(String accountId, Sale sale, Consumer<Outcome> tell) {
        List<String> events = new ArrayList<>(2);
        events.add(sale.eventId);
        double refunded = 0.0;
        for (Cancellation known : cancellations) {
            if (!belongs(known, sale, QUICK)) {
                continue;
            }
            events.add(known.eventId);
            boolean whole = Double.isNaN(known.refund) || known.refund == 0.0;
            refunded += whole ? 0.0 : known.refund;
            if (whole || thousandths(refunded / 0.5) >= thousandths(sale.amount)) {
                if (!isExcused(known)) {
                    tell.accept(new Outcome("quick_cancellation", accountId, sale,
                            sale.at + QUICK, Outcome.BAD, events));
                }
                return;
            }
        }
        tell.accept(new Outcome("quick_cancellation", accountId, sale, sale.at + QUICK,
                Outcome.GOOD, List.of()));
    }

    private void tellUnused(String accountId, Sale sale, Consumer<Outcome> tell) {
        long end = sale.at + UNUSED;
        for (long at : uses) {
            if (sale.at - FORGIVEN <= at && at <= end) {
                tell.accept(new Outcome("unused_account", accountId, sale, end, Outcome.GOOD,
                        List.of()));
                return;
            }
        }
        for (Cancellation known : cancellations) {
            if (known.byCustomer && belongs(known, sale, UNUSED)) {
                return;
            }
        }
        tell.accept(new Outcome("unused_account", accountId, sale, end, Outcome.BAD,
                List.of(sale.eventId)));
    }

    private static boolean belongs(Cancellation known, Sale sale, long window) {
        return known.saleId.equals(sale.saleId) && Math.abs(known.at - sale.at) <= window;
    }

    private static boolean isExcused(Cancellation known) {
        return switch (known.reason) {
            case "service_fault", "non_payment", "deceased", "duplicate" -> true;
            case "replaced" -> known.byCustomer;
            default -> false;
        };
    }

    private static double thousandths(double amount) {
        return Math.rint(1_000.0 * Math.log1p(amount));
    }

    /** The bytes of the store and of its changelog, shorter and faster than any general format. */
    public byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeShort(sales.size());
            for (Sale sale : sales) {
                out.writeUTF(sale.saleId);
                out.writeUTF(sale.eventId);
                out.writeUTF(sale.agentId);
                out.writeUTF(sale.product);
                out.writeUTF(sale.channel);
                out.writeDouble(sale.amount);
                out.writeLong(sale.at);
                out.writeBoolean(sale.quickIsSettled);
            }
            out.writeShort(cancellations.size());
            for (Cancellation known : cancellations) {
                out.writeUTF(known.saleId);
                out.writeUTF(known.eventId);
                out.writeUTF(known.reason);
                out.writeBoolean(known.byCustomer);
                out.writeDouble(known.refund);
                out.writeLong(known.at);
            }
            out.writeShort(uses.size());
            for (long at : uses) {
                out.writeLong(at);
            }
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
        return bytes.toByteArray();
    }

    public static Account fromBytes(byte[] bytes) {
        Account account = new Account();
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            for (int left = in.readShort(); left > 0; left--) {
                Sale sale = new Sale();
                sale.saleId = in.readUTF();
                sale.eventId = in.readUTF();
                sale.agentId = in.readUTF();
                sale.product = in.readUTF();
                sale.channel = in.readUTF();
                sale.amount = in.readDouble();
                sale.at = in.readLong();
                sale.quickIsSettled = in.readBoolean();
                account.sales.add(sale);
            }
            for (int left = in.readShort(); left > 0; left--) {
                Cancellation known = new Cancellation();
                known.saleId = in.readUTF();
                known.eventId = in.readUTF();
                known.reason = in.readUTF();
                known.byCustomer = in.readBoolean();
                known.refund = in.readDouble();
                known.at = in.readLong();
                account.cancellations.add(known);
            }
            for (int left = in.readShort(); left > 0; left--) {
                account.uses.add(in.readLong());
            }
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
        return account;
    }
}
