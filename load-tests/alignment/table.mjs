// SPDX-License-Identifier: Apache-2.0
// Prints the table of alignment/run from the JSON files of `reflux align`. usage: node table.mjs DIRECTORY
import { readFileSync } from "node:fs";
import { join } from "node:path";

const pairs = ["llama2 qwen3", "gemma3 qwen3", "llama2 llama3", "gemma3 llama3", "llama2 gemma3", "qwen3 llama3"];
const percent = (part, whole) => ((100 * part) / whole).toFixed(1);
const results = pairs.map((pair) => {
  const [teacher, student] = pair.split(" ");
  return { teacher, student, texts: JSON.parse(readFileSync(join(process.argv[2], `${teacher}-${student}.json`), "utf8")) };
});
const heads = results[0].texts.map((text) => `${text.text} (${text.pieces} pieces)`);

function table(title, cell) {
  console.log(`\n${title}\n`);
  console.log(`| teacher → student | ${heads.join(" | ")} |`);
  console.log(`|---${"|---".repeat(heads.length)}|`);
  for (const { teacher, student, texts } of results) {
    console.log(`| ${teacher} → ${student} | ${texts.map(cell).join(" | ")} |`);
  }
}

console.log("# Alignment of well-known tokenizers");
console.log("\nWritten by `load-tests/alignment/run`: `reflux align` on six pairs of tokenizers.");
table("Share of the student's tokens that pair, in %: published scan / **by bytes**", (text) =>
  `${percent(text.published_tokens, text.student_tokens)} / **${percent(text.exact_tokens, text.student_tokens)}**`);
table("Share of the bytes that pairs cover, in %: published scan / **by bytes**", (text) =>
  `${percent(text.published_bytes, text.bytes)} / **${percent(text.exact_bytes, text.bytes)}**`);
table("Groups of tokens that do not pair / false pairs of the published scan, whose tokens cover different bytes", (text) =>
  `${text.groups} / ${text.false_pairs}`);

const all = results.flatMap((result) => result.texts);
const pieces = all.reduce((sum, text) => sum + text.pieces, 0);
const exact = all.reduce((sum, text) => sum + text.exact_spans, 0);
console.log(`\nThe tokens of both sides spell the text to its last byte in ${exact} of ${pieces} pieces.`);
