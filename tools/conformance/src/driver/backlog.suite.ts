/** What a driver tells of messages that have not left, if it can (back-pressure; not part of the C ABI). */
import {
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  type IpczDriver,
  type IpczDriverBacklog,
  type IpczDriverHandle,
} from "@ipcz/api";
import type { DriverConformanceOptions } from "./options.ts";
import { numbered, upTo } from "./pattern.ts";
import type { DeclareTrial, Trial } from "./trial.ts";

const FLOOD_COUNT = 25_000;
const MESSAGE_BYTES = 1024;

/** Declares the tests; none for a driver that cannot tell. */
export function backlogSuite<D extends IpczDriver>(
  trial: DeclareTrial<D>,
  { expect, floodCount = FLOOD_COUNT }: DriverConformanceOptions<D>,
): void {
  const flood = (t: Trial<D>, transport: IpczDriverHandle): void => {
    const filler = new Uint8Array(MESSAGE_BYTES);
    for (const index of upTo(floodCount)) {
      filler.set(numbered(index));
      t.transmit(transport, filler);
    }
  };

  trial(
    "counts what waits for a peer that does not read, and tells when it has left",
    async (t) => {
      const { backlog } = t.driver;
      if (!backlog) return;
      const [a, b] = t.pair();
      const told: string[] = [];
      flood(t, a);
      const waiting = backlog.GetTransportBacklog(a);
      expect(waiting > 0).toBe(true);
      const watch = (numBytes: number): number =>
        backlog.WatchTransportBacklog(a, numBytes, () => told.push(String(numBytes)));
      expect([watch(0), watch(waiting - 1)]).toEqual([IPCZ_RESULT_OK, IPCZ_RESULT_OK]);
      expect(watch(waiting), "so many wait already").toBe(IPCZ_RESULT_FAILED_PRECONDITION);
      await t.quiet();
      expect([told.length, backlog.GetTransportBacklog(a)]).toEqual([0, waiting]);
      const atB = t.listen(b);
      await t.until(() => told.length === 2, "both are told");
      expect(told).toEqual([String(waiting - 1), "0"]);
      await t.until(() => atB.messages.length === floodCount, "all messages");
      await t.quiet();
      expect([told.length, backlog.GetTransportBacklog(a)]).toEqual([2, 0]);
      expect(watch(0)).toBe(IPCZ_RESULT_FAILED_PRECONDITION);
    },
  );

  trial("tells who waits when the peer is gone and nothing will leave any more", async (t) => {
    const { backlog } = t.driver;
    if (!backlog) return;
    const [a, b] = t.pair();
    const atA = t.listen(a);
    flood(t, a);
    let told = 0;
    expect(backlog.WatchTransportBacklog(a, 0, () => told++)).toBe(IPCZ_RESULT_OK);
    t.close(b);
    await t.until(() => told > 0 && atA.errorCount > 0, "it is told");
    await t.quiet();
    expect([told, backlog.GetTransportBacklog(a)]).toEqual([1, 0]);
  });

  trial("lets who waits send again at once", async (t) => {
    const { backlog } = t.driver;
    if (!backlog) return;
    const [a, b] = t.pair();
    flood(t, a);
    let again = 0;
    const refill = (): void => {
      if (++again >= 3) return;
      flood(t, a);
      watchEmpty(backlog, a, refill);
    };
    watchEmpty(backlog, a, refill);
    const atB = t.listen(b);
    await t.until(() => again === 3, "three times empty");
    await t.until(() => atB.messages.length === 3 * floodCount, "all messages");
  });

  trial("has nothing to tell of what is no transport", async (t) => {
    const { backlog } = t.driver;
    if (!backlog) return;
    const memory = t.memory(64);
    const [a] = t.pair();
    const watch = (handle: IpczDriverHandle, numBytes: number): number =>
      backlog.WatchTransportBacklog(handle, numBytes, () => expect(true).toBe(false));
    expect(backlog.GetTransportBacklog(memory)).toBe(0);
    expect(watch(memory, 0)).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    expect([watch(a, -1), watch(a, Number.NaN)]).toEqual([
      IPCZ_RESULT_INVALID_ARGUMENT,
      IPCZ_RESULT_INVALID_ARGUMENT,
    ]);
    await t.quiet();
  });
}

/** Also when so little waits already: a synchronous driver has delivered it. */
function watchEmpty(backlog: IpczDriverBacklog, a: IpczDriverHandle, handler: () => void): void {
  const result = backlog.WatchTransportBacklog(a, 0, handler);
  if (result === IPCZ_RESULT_FAILED_PRECONDITION) queueMicrotask(handler);
}
