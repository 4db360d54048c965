import { afterEach, describe, expect, it } from "vitest";
import { readBatch } from "../../src/worker/batch.ts";
import { GOODBYE, newSeats, type CargoItem } from "../../src/worker/cargo.ts";
import { Outbox } from "../../src/worker/outbox.ts";
import { newChannel, type Port, type PortEvent } from "../../src/worker/port.ts";
import { turns } from "./turns.ts";

const open: Port[] = [];
afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

/** An outbox, and what arrives at the other end of its port. */
function newOutbox(): { outbox: Outbox; posted: PortEvent[] } {
  const [near, far] = newChannel();
  open.push(near, far);
  const posted: PortEvent[] = [];
  far.addEventListener("message", (event) => posted.push(event));
  far.start();
  return { outbox: new Outbox(near), posted };
}

function push(outbox: Outbox, byteCount: number, cargo: CargoItem[] | null = null): void {
  outbox.reserve(byteCount);
  outbox.push(new Uint8Array(byteCount).fill(byteCount), byteCount, cargo);
}

function lengths(event: PortEvent | undefined): (number | undefined)[] {
  return event === undefined ? [] : (readBatch(event) ?? []).map(({ data }) => data.length);
}

describe("what is sent in one turn", () => {
  it("is posted at once, as one value", async () => {
    const { outbox, posted } = newOutbox();
    for (const byteCount of [1, 2000, 0, 7]) push(outbox, byteCount);
    await turns(() => posted.length > 0);
    push(outbox, 5);
    await turns(() => posted.length > 1);
    expect(posted.map(lengths)).toEqual([[1, 2000, 0, 7], [5]]);
  });

  it("is posted in parts when it is much, each message whole and in order", async () => {
    const { outbox, posted } = newOutbox();
    const sizes = [40_000, 30_000, 65_528, 65_529, 300_000, 1, 2];
    for (const size of sizes) push(outbox, size);
    await turns(() => posted.flatMap(lengths).length === sizes.length);
    expect(posted.map(lengths)).toEqual([
      [40_000],
      [30_000],
      [65_528],
      [65_529],
      [300_000],
      [1, 2],
    ]);
  });

  it("throws for a length that no frame header holds, and posts the rest", async () => {
    const { outbox, posted } = newOutbox();
    push(outbox, 3);
    expect(() => outbox.reserve(2 ** 32)).toThrow(RangeError);
    await turns(() => posted.length > 0);
    expect(posted.map(lengths)).toEqual([[3]]);
  });

  it("arrives whole though a port in it has closed by itself, which is replaced by one that says so", async () => {
    const { outbox, posted } = newOutbox();
    const [[good, other], [bad]] = [newSeats(), newSeats()];
    other.port.postMessage("still here");
    bad.port.close(); // as Node does when the thread at the other end has died
    push(outbox, 1, [good, bad, new SharedArrayBuffer(8)]);
    await turns(() => posted.length > 0);
    const [event] = posted;
    const [message] = event === undefined ? [] : (readBatch(event) ?? []);
    const [first, second, third] = message?.cargo ?? [];
    const heard: unknown[] = [];
    for (const item of [first, second]) {
      if (item === undefined || !("port" in item)) continue;
      item.port.addEventListener("message", ({ data }) => heard.push(data));
      item.port.start();
      open.push(item.port);
    }
    await turns(() => heard.length === 2);
    expect(new Set(heard)).toEqual(new Set(["still here", GOODBYE]));
    expect(third).toBeInstanceOf(SharedArrayBuffer);
  });
});
