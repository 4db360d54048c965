/**
 * What the C library sent, as recorded, against what our nodes send when the same is done with them: the same messages
 * in each direction of each connection, byte for byte; the same contents of shared memory when they are sent, and the
 * same memory in the end.
 */
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { getAPI } from "@ipcz/core";
import { describe, expect, it } from "vitest";
import { runsHere } from "../src/runs-here.ts";
import { type Capture, type Comparison, replay, stories } from "../src/replay/index.ts";
import { racedNumbers } from "../src/replay/races.ts";

const folder = new URL("../../../packages/core/test/fixtures/captures/", import.meta.url);
const captures = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .toSorted()
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Capture);

/** Captures that are not replayed, and why. */
const notReplayed: Readonly<Record<string, string>> = {};

const same: Comparison = { messages: [], moments: [], images: [], leaks: [] };

const replayed = captures.filter(({ scenario }) => !(scenario in notReplayed));

/** `capture`, changed; what is in it may be written to. */
function changed(scenario: string, change: (capture: Writable) => void): Capture {
  const copy = structuredClone(captures.find((capture) => capture.scenario === scenario));
  change(copy as unknown as Writable);
  return copy as Capture;
}

/** The parcel and the announcement that raced get each other's number. */
function swapNumbers({ frames }: Writable): void {
  const [parcel, buffer] = [4, 5].map((index) => frames[index]);
  if (!parcel || !buffer) throw new Error("the capture has changed");
  const [one, two] = [numberIn(parcel.bytesHex), numberIn(buffer.bytesHex)];
  for (const [frame, number] of [
    [parcel, two],
    [buffer, one],
  ] as const)
    frame.bytesHex = frame.bytesHex.slice(0, 32) + number + frame.bytesHex.slice(48);
}

/** A message's number, as it stands in its frame. */
function numberIn(bytesHex: string): string {
  return bytesHex.slice(32, 48);
}

interface Writable {
  scenario: string;
  frames: {
    bytesHex: string;
    numFds: number;
    fragment?: { headHex: string };
    linkState0: string;
  }[];
  events: unknown[];
  memory: { size: number; nonZeroRows: { hex: string }[] }[];
}

const onPosix = runsHere(process.platform !== "win32", "replays, which need sockets of POSIX");

describe.runIf(onPosix)("replays of the C library's recorded traffic", () => {
  it.each(replayed)("$scenario", async (capture) => {
    expect(await replay(getAPI(), capture)).toEqual(same);
  });

  it("leaves out no capture without a reason", () => {
    const names = captures.map(({ scenario }) => scenario);
    expect(names.length).toBeGreaterThan(0);
    expect(Object.keys({ ...stories, ...notReplayed }).toSorted()).toEqual(names);
    expect(Object.keys(stories).filter((name) => name in notReplayed)).toEqual([]);
    const reasons = Object.entries({ ...notReplayed }).map(([name, why]) => `  ${name}: ${why}\n`);
    const excuses = Object.entries(racedNumbers).map(
      ([name, { direction, because }]) => `  ${name}, numbers ${direction}: ${because}\n`,
    );
    process.stdout.write(
      `${String(replayed.length)} of ${String(captures.length)} captures replayed\n` +
        `${String(reasons.length)} not replayed\n${reasons.join("")}` +
        `${String(excuses.length)} with an excuse\n${excuses.join("")}`,
    );
  });
});

describe.runIf(onPosix)("a replay notices", () => {
  const scenario = "handshake_1portal_parcels";

  it.each<[string, keyof Comparison, (capture: Writable) => void]>([
    [
      "a message with another byte",
      "messages",
      ({ frames: [, , parcel] }) => {
        if (parcel) parcel.bytesHex = `${parcel.bytesHex.slice(0, -2)}ff`;
      },
    ],
    ["a message that was not sent before", "messages", ({ frames }) => void frames.pop()],
    [
      "a message that is missing",
      "messages",
      ({ frames }) => {
        const [first] = frames;
        if (first) frames.push(first);
      },
    ],
    [
      "another number of descriptors",
      "messages",
      ({ frames: [greeting] }) => {
        if (greeting) greeting.numFds = 2;
      },
    ],
    ["a connection that nobody closed before", "messages", ({ events }) => void events.pop()],
    [
      "other bytes in a fragment",
      "moments",
      ({ frames: [, , parcel] }) => {
        if (parcel?.fragment) parcel.fragment.headHex += "00";
      },
    ],
    [
      "a link state that never was",
      "moments",
      ({ frames: [, , parcel] }) => {
        if (parcel) parcel.linkState0 = parcel.linkState0.replace("03", "01");
      },
    ],
    [
      "another first image of a buffer",
      "images",
      ({ memory: [initial] }) => void initial?.nonZeroRows.pop(),
    ],
    [
      "another last image of a buffer",
      "images",
      ({ memory }) => {
        const row = memory.at(-1)?.nonZeroRows[0];
        if (row) row.hex = row.hex.replace("01", "02");
      },
    ],
    [
      "another size of a buffer",
      "images",
      ({ memory: [initial] }) => {
        if (initial) initial.size = 65_536;
      },
    ],
  ])("%s", async (_what, where, change) => {
    const comparison = await replay(getAPI(), changed(scenario, change));
    const { [where]: found, ...rest } = comparison;
    expect(found).not.toEqual([]);
    expect(Object.values(rest).flat()).toEqual([]);
  });

  it("numbers that are no longer swapped", async () => {
    const { messages } = await replay(getAPI(), changed("memory_delegate", swapNumbers));
    expect(messages).toHaveLength(1);
    expect(messages[0]).toContain("no numbers are swapped");
  });
});
