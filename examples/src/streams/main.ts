/** Pipes 16 MiB through a process that compresses them; no part of the way holds more than its window. */
import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { Node, PortalStream } from "ipcz";

const CHUNK_BYTES = 64 * 1024;
const CHUNKS = 256;
const node = new Node();
const child = await node.fork(new URL("./child.js", import.meta.url));
const stream = new PortalStream(child.portal);

let produced = 0;
let consumed = 0;
let ahead = 0;
const [sent, received] = [createHash("sha256"), createHash("sha256")];
function* source(): Generator<Buffer> {
  for (let index = 0; index < CHUNKS; index++) {
    const chunk = randomBytes(CHUNK_BYTES);
    sent.update(chunk);
    produced += chunk.length;
    ahead = Math.max(ahead, produced - consumed);
    yield chunk;
  }
}

await Promise.all([
  pipeline(Readable.from(source()), stream),
  pipeline(stream, createGunzip(), async (bytes: AsyncIterable<Buffer>) => {
    for await (const chunk of bytes) {
      received.update(chunk);
      consumed += chunk.length;
    }
  }),
]);
console.log("came back:", consumed / 2 ** 20, "MiB,", same() ? "unchanged" : "damaged");
console.log("the source was held back:", ahead < (CHUNKS * CHUNK_BYTES) / 2);
node.close();

function same(): boolean {
  return sent.digest().equals(received.digest());
}
