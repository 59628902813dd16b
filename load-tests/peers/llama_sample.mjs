// SPDX-License-Identifier: Apache-2.0
// Tokens a second of llama.cpp that decodes: usage: node llama_decode.mjs FILE.gguf SEQUENCES [SECONDS]
import {createRequire} from "node:module";
import path from "node:path";
import {pathToFileURL} from "node:url";

const work = process.env.PEERS_WORK;
const entry = createRequire(path.join(work, "package.json")).resolve("node-llama-cpp");
const {getLlama, LlamaLogLevel} = await import(pathToFileURL(entry));
const [file, sequences, seconds = "6"] = process.argv.slice(2);
const context = 32, newTokens = 64;

const llama = await getLlama({gpu: false, build: "never", progressLogs: false, logLevel: LlamaLogLevel.error, maxThreads: 2});
const model = await llama.loadModel({modelPath: file});
const batch = Number(sequences);
const space = await model.createContext({sequences: batch, contextSize: 256, batchSize: 512, threads: 2, flashAttention: true});
const rows = Array.from({length: batch}, () => space.getSequence());

/** Fills each sequence with the prompt and times the tokens after the first. */
async function once() {
    const prompt = Array.from({length: context}, (_, i) => 100 + 7 * i);
    await Promise.all(rows.map(row => row.clearHistory()));
    const streams = rows.map(row => row.evaluate(prompt, {temperature: 1, topK: 0, topP: 1, yieldEogToken: true}));
    await Promise.all(streams.map(stream => stream.next()));
    const start = performance.now();
    await Promise.all(streams.map(async stream => {
        for (let i = 0; i < newTokens; i++) await stream.next();
    }));
    const rate = batch * newTokens / (performance.now() - start) * 1000;
    await Promise.all(streams.map(stream => stream.return()));
    return rate;
}

await once();
const found = [];
const until = performance.now() + Number(seconds) * 1000;
while (found.length < 3 || performance.now() < until) found.push(await once());
found.sort((a, b) => a - b);
console.log(JSON.stringify({tokens_per_second: found[found.length >> 1], repeats: found.length}));
process.exit(0);
