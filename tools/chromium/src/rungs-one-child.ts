/**
 * A1 to A4 and A7: this process is the broker of one child of Chromium.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { inspectConnections } from "@ipcz/core/inspect";
import type { BigBufferPlace, Gzipper } from "@ipcz/mojo";
import type { Rung } from "./rung.ts";
import { check, openDescriptors, type Stage, until } from "./stage.ts";
import { drained } from "./drained.ts";

const liveMs = 20_000;

const a1: Rung = {
  name: "A1",
  about: "a child joins the broker and tells the version of its interface",
  async run(stage) {
    const child = stage.start();
    check((await child.process.endpoint.queryVersion()) === 0, "the version of ChildProcess is 0");
    return "version 0";
  },
};

const a2: Rung = {
  name: "A2",
  about:
    "the child's ping is answered, and it lives on after 20 s (unanswered, it ends itself after 15)",
  async run(stage) {
    const child = stage.start();
    await child.pinged;
    const early = await Promise.race([child.exit.then(() => true), sleep(liveMs, false)]);
    check(!early, "the child is still there");
    await child.process.endpoint.queryVersion();
    return `answers after ${liveMs / 1000} s`;
  },
};

const a3: Rung = {
  name: "A3",
  about:
    "calls with bytes in the message, in a fragment and in shared memory both ways; 1 MiB; 500 in a row, 50 at once",
  async run(stage) {
    const gzipper = stage.dataDecoder(stage.start()).bindGzipper();
    await compressAllSizes(gzipper);
    for (let call = 0; call < 500; call++) {
      // oxlint-disable-next-line no-await-in-loop -- in a row
      await compress(gzipper, call % 2 === 0 ? 1 + call : 2100 + (call % 1600));
    }
    await Promise.all(Array.from({ length: 50 }, (_, call) => compress(gzipper, 1 + 37 * call)));
    const { traffic } = stage;
    for (const direction of ["sent", "received"] as const) {
      check(traffic.parcelsIn(direction, "inline") > 0, `data was ${direction} in a message`);
      check(traffic.parcelsIn(direction, "fragment") > 200, `data was ${direction} in fragments`);
    }
    const [sent, received] = [
      traffic.parcelsIn("sent", "fragment"),
      traffic.parcelsIn("received", "fragment"),
    ];
    return `${sent} parcels sent and ${received} received in fragments`;
  },
};

/** Checks each place of the bytes, of the question and of the answer. */
async function compressAllSizes(gzipper: Gzipper): Promise<void> {
  const answers = new Set<BigBufferPlace>();
  const sizes = [1, 64, 128, 3000, 60_000, 300_000, 1 << 20];
  for (const place of ["payload", "memory"] as const) {
    for (const size of sizes) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      answers.add(await compress(gzipper, size, place));
    }
  }
  check(answers.has("payload") && answers.has("memory"), "answers came in payloads and in memory");
}

/** Has random bytes compressed, which stay as long as they are; where the answer was. */
async function compress(
  gzipper: Gzipper,
  size: number,
  place: BigBufferPlace = "payload",
): Promise<BigBufferPlace> {
  const bytes = randomBytes(size);
  const answer = await gzipper.compress(bytes, place);
  check(gunzipSync(answer.bytes).equals(bytes), `${size} bytes survive compression`);
  return answer.place;
}

const a4: Rung = {
  name: "A4",
  about:
    "a child that finds no blocks of 64 bytes asks for memory, gets it, and adds it to the link",
  async run(stage) {
    const member = stage.member({ broker: true }, drained);
    const child = stage.start({ by: member });
    const { traffic } = stage;
    // We keep still until then: had we sent portals, we would have added memory ourselves, for both to use.
    await until(
      "the child adds a buffer",
      () => traffic.count("received", "AddBlockBuffer") > 0,
      () => JSON.stringify(traffic.counts.messages),
    );
    await compressAllSizes(stage.dataDecoder(child, member).bindGzipper());
    check(traffic.count("received", "RequestMemory") > 0, "the child asks for memory");
    check(traffic.count("sent", "ProvideMemory") > 0, "it is provided");
    const buffers = inspectConnections(member.node.handle)?.[0]?.memory.buffers;
    return `${traffic.count("received", "RequestMemory")} requests, ${String(buffers)} buffers`;
  },
};

const a7: Rung = {
  name: "A7",
  about:
    "a child is killed: every portal to it reports the end, every call fails, and nothing is left",
  async run(stage) {
    const before = openDescriptors();
    const child = stage.start();
    const decoder = stage.dataDecoder(child);
    const gzippers = Array.from({ length: 10 }, () => decoder.bindGzipper());
    await Promise.all(gzippers.map((gzipper) => compress(gzipper, 1000)));
    const calls = gzippers.map((gzipper) => gzipper.compress(randomBytes(1 << 20), "memory"));
    child.os.kill("SIGKILL");
    const outcomes = await Promise.allSettled(calls);
    const failed = outcomes.filter(({ status }) => status === "rejected").length;
    const endpoints = [...gzippers, decoder].map(({ endpoint }) => endpoint);
    await Promise.all([...endpoints, child.process.endpoint, child.host].map(({ ended }) => ended));
    await stage.finish();
    await until(
      "descriptors are closed",
      () => openDescriptors() <= before,
      () => `${openDescriptors()} open, ${before} before`,
    );
    return `${endpoints.length + 2} pipes ended, ${failed} of 10 calls under way failed`;
  },
};

/** In the order of the ladder. */
export const rungsOfOneChild: readonly Rung[] = [a1, a2, a3, a4];
/** The last of the broker's. */
export const rungOfDeath: Rung = a7;

export type { Stage };
