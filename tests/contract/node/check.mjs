// Reads a list of AsyncAPI documents from standard input, and prints what is wrong with each.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const parser = new Parser();
const found = [];
for (const given of JSON.parse(readFileSync(0, "utf8"))) {
  const { document, diagnostics } = await parser.parse(JSON.stringify(given));
  const complaints = diagnostics.map(({ path, message }) => `${path.join(".")}: ${message}`);
  found.push({ valid: document !== undefined, complaints });
}
process.stdout.write(JSON.stringify(found));
