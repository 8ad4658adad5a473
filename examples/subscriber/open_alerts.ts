// Prints every open alert: reads the topic `alerts-current` from the start to its present end.
//
//     npm ci && npm run build && node open_alerts.js localhost:9092 alerts-current

import { randomUUID } from "node:crypto";
import { Kafka, logLevel } from "kafkajs";

interface Alert {
  status: "open" | "resolved" | "withdrawn";
  severity: "info" | "warning" | "critical";
  summary: string;
}

const [bootstrap = "localhost:9092", topic = "alerts-current"] = process.argv.slice(2);
const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.ERROR });
const admin = kafka.admin();
await admin.connect();
const ends = new Map<number, bigint>();
for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
  if (BigInt(low) < BigInt(high)) ends.set(partition, BigInt(high));
}

const open = new Map<string, Alert>();
const consumer = kafka.consumer({ groupId: `open-alerts-${randomUUID()}` });
if (ends.size > 0) {
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await new Promise<void>((read, failed) => {
    consumer.on("consumer.crash", ({ payload }) => failed(payload.error));
    void consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        for (const { key, value } of batch.messages) {
          const alert = value === null ? null : (JSON.parse(value.toString()) as Alert);
          // Without a value it is an erasure: as a withdrawal and an end, it takes one away.
          if (alert?.status === "open") open.set(String(key), alert);
          else open.delete(String(key));
        }
        const end = ends.get(batch.partition);
        if (end !== undefined && BigInt(batch.lastOffset()) + 1n >= end) {
          ends.delete(batch.partition);
        }
        if (ends.size === 0) read();
      },
    });
  });
  await consumer.disconnect();
}
await admin.disconnect();

// Only plain characters reach the terminal: an id in a sentence cannot command it.
const escaped = (c: string) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
for (const [id, { severity, summary }] of open) {
  console.log(JSON.stringify([id, severity, summary]).replace(/[^ -~]/g, escaped));
}
