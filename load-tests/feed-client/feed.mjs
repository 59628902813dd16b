// SPDX-License-Identifier: Apache-2.0
// Feeds prompts to a running learner and prints what became of each. Stubs are made at run time from ../../proto.
// usage: node feed.mjs HOST:PORT [prompt ...]
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const TEN = ["hello", "world", "reflux", "column", "vapour", "still", "liquid", "teacher", "student", "stream"];
const here = path.dirname(fileURLToPath(import.meta.url));
const definition = loader.loadSync("reflux/v1/learner.proto", {
  includeDirs: [path.join(here, "../../proto/src/main/proto"), here],
  defaults: true,
  enums: String,
  longs: Number,
  oneofs: true,
});
const { Learner } = grpc.loadPackageDefinition(definition).reflux.v1;

const [address, ...given] = process.argv.slice(2);
if (!address) {
  console.error("usage: node feed.mjs HOST:PORT [prompt ...]");
  process.exit(2);
}
const prompts = given.length > 0 ? given : TEN;
const waiting = prompts.map((text, i) => ({ id: `node-${process.pid}-${i}`, prompt: { text } }));
let open = waiting.length;

const client = new Learner(address, grpc.credentials.createInsecure());
const stream = client.Feed();

function done(line) {
  console.log(line);
  open -= 1;
  if (open === 0) {
    stream.end();
    client.close();
  }
}

stream.on("data", (message) => {
  switch (message.kind) {
    case "welcome":
      console.log(`student ${message.welcome.model.family}, ${message.welcome.model.parameters} parameters`);
      break;
    case "credit":
      // One prompt for each credit; what is left waits for the next.
      for (const prompt of waiting.splice(0, message.credit.items)) {
        stream.write({ prompt });
      }
      break;
    case "outcome": {
      const o = message.outcome;
      const response = Buffer.from(o.response).toString("utf8");
      done(`${o.id}  step ${o.step}  staleness ${o.staleness}  KL/token ${o.klPerToken.toFixed(3)}  ${response}`);
      break;
    }
    case "refused":
      done(`${message.refused.id}  refused: ${message.refused.status.status.message}`);
      break;
    default:
  }
});
stream.on("error", (error) => {
  console.error(`feed failed: ${error.message}`);
  process.exit(1);
});
stream.on("end", () => process.exit(open === 0 ? 0 : 1));
stream.write({ hello: { clientId: "feed.mjs", wanted: prompts.length } });
