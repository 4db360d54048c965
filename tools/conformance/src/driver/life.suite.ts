/**
 * Activation, failure, deactivation, close. That `DEACTIVATED` comes exactly once and last is checked at the end of
 * every trial; here are the ways to get there.
 */
import {
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_UNIMPLEMENTED,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczHandle,
} from "@ipcz/api";
import type { Listener } from "./listener.ts";
import type { DriverConformanceOptions } from "./options.ts";
import { numbered, numbersOf, upTo } from "./pattern.ts";
import type { DeclareTrial, Trial } from "./trial.ts";

/** Declares the tests. */
export function lifeSuite<D extends IpczDriver>(
  trial: DeclareTrial<D>,
  options: DriverConformanceOptions<D>,
): void {
  refusal(trial, options);
  deactivation(trial, options);
  peerClose(trial, options);
  badHandles(trial, options);
}

/** Refuses the third message and what may follow. */
function refusingThird(listener: Listener): void {
  listener.onMessage = (_, index) => (index < 2 ? IPCZ_RESULT_OK : IPCZ_RESULT_INVALID_ARGUMENT);
}

function refusal<D extends IpczDriver>(
  trial: DeclareTrial<D>,
  { expect }: DriverConformanceOptions<D>,
): void {
  trial(
    "stops reading when a message is refused, says ERROR, and is deactivated in it",
    async (t) => {
      const [a, b] = t.pair();
      for (const index of upTo(5)) t.send(a, numbered(index));
      const atB = t.listen(b, (listener) => {
        refusingThird(listener);
        listener.onError = () => t.deactivate(b); // as ipcz does
      });
      await t.until(() => atB.deactivatedCount > 0, "DEACTIVATED");
      t.transmit(a, numbered(5));
      await t.quiet();
      expect(numbersOf(atB.messages)).toEqual([0, 1, 2]);
      expect([atB.errorCount, atB.messagesAfterFailure]).toEqual([1, 0]);
    },
  );

  trial("stops reading when a message is refused, also when deactivated later", async (t) => {
    const [a, b] = t.pair();
    const atB = t.listen(b, refusingThird);
    for (const index of upTo(5)) t.transmit(a, numbered(index));
    await t.until(() => atB.errorCount > 0, "ERROR");
    t.transmit(a, numbered(5));
    await t.quiet();
    expect(numbersOf(atB.messages)).toEqual([0, 1, 2]);
    expect(atB.messagesAfterFailure).toBe(0);
  });

  trial("goes on when a handler answers UNIMPLEMENTED", async (t) => {
    const [a, b] = t.pair();
    const atB = t.listen(b, (listener) => {
      listener.onMessage = () => IPCZ_RESULT_UNIMPLEMENTED;
    });
    for (const index of upTo(5)) t.send(a, numbered(index));
    await t.until(() => atB.messages.length >= 5, "all messages");
    await t.quiet();
    expect([numbersOf(atB.messages), atB.errorCount]).toEqual([upTo(5), 0]);
  });
}

/** Two ends: what is sent over the first is closed when nobody takes it, which the second one hears of as `ERROR`. */
function closeProbe<D extends IpczDriver>(
  t: Trial<D>,
): { readonly object: IpczDriverHandle; readonly watcher: Listener } {
  const [object, watched] = t.pair();
  return { object, watcher: t.listen(watched) };
}

function deactivation<D extends IpczDriver>(
  trial: DeclareTrial<D>,
  { expect }: DriverConformanceOptions<D>,
): void {
  trial(
    "says DEACTIVATED once, and nothing after it, though the peer goes on sending",
    async (t) => {
      const [a, b] = t.pair();
      const atB = t.listen(b);
      t.deactivate(b);
      t.deactivate(b);
      for (const index of upTo(5)) t.send(a, numbered(index));
      await t.until(() => atB.deactivatedCount > 0, "DEACTIVATED");
      t.deactivate(b);
      for (const index of upTo(5)) t.send(a, numbered(index));
      await t.quiet();
      expect(atB.deactivatedCount).toBe(1);
    },
  );

  trial("can be deactivated in a message", async (t) => {
    const [a, b] = t.pair();
    for (const index of upTo(5)) t.send(a, numbered(index));
    const atB = t.listen(b, (listener) => {
      listener.onMessage = () => {
        t.deactivate(b);
        return IPCZ_RESULT_OK;
      };
    });
    await t.until(() => atB.deactivatedCount > 0, "DEACTIVATED");
  });

  trial("can be closed in its last call", async (t) => {
    const [a, b] = t.pair();
    const atA = t.listen(a);
    const atB = t.listen(b, (listener) => {
      listener.onDeactivated = () => t.close(b);
    });
    t.send(a, numbered(0));
    await t.until(() => atB.messages.length === 1, "the message");
    t.deactivate(b);
    await t.until(() => atB.deactivatedCount > 0, "DEACTIVATED");
    await t.until(() => atA.errorCount > 0, "ERROR at the peer");
  });

  trial("drops what is sent after deactivation, answers OK, and closes the handles", async (t) => {
    const [a, b] = t.pair();
    const atB = t.listen(b);
    const atA = t.listen(a);
    const { object, watcher } = closeProbe(t);
    const packed = t.pack(object, a);
    t.deactivate(a);
    await t.until(() => atA.deactivatedCount > 0, "DEACTIVATED");
    expect(t.transmit(a, packed.bytes, packed.handles)).toBe(IPCZ_RESULT_OK);
    await t.until(() => watcher.errorCount > 0, "the handle is closed");
    await t.quiet();
    expect(atB.messages.length).toBe(0);
  });

  trial("can be deactivated and closed without ever having been active", async (t) => {
    const [a, b] = t.pair();
    t.deactivate(a);
    const atB = t.listen(b);
    t.close(a);
    await t.until(() => atB.errorCount > 0, "ERROR at the peer");
  });
}

function peerClose<D extends IpczDriver>(
  trial: DeclareTrial<D>,
  { expect }: DriverConformanceOptions<D>,
): void {
  trial("says ERROR when the peer closes, after what it sent before", async (t) => {
    const [a, b] = t.pair();
    const heard: string[] = [];
    t.listen(b, (listener) => {
      listener.onMessage = (_, index) => {
        heard.push(String(index));
        return IPCZ_RESULT_OK;
      };
      listener.onError = () => heard.push("ERROR");
    });
    for (const index of upTo(3)) t.send(a, numbered(index));
    t.close(a);
    await t.until(() => heard.includes("ERROR"), "ERROR");
    await t.quiet();
    expect(heard.slice(0, 4)).toEqual(["0", "1", "2", "ERROR"]);
  });

  trial("says ERROR when activated after the peer closed", async (t) => {
    const [a, b] = t.pair();
    t.close(a);
    const atB = t.listen(b);
    await t.until(() => atB.errorCount > 0, "ERROR");
  });

  trial("closes the handles of what is sent to a closed peer", async (t) => {
    const [a, b] = t.pair();
    const atA = t.listen(a);
    const { object, watcher } = closeProbe(t);
    const packed = t.pack(object, a);
    t.close(b);
    await t.until(() => atA.errorCount > 0, "ERROR");
    t.transmit(a, packed.bytes, packed.handles);
    await t.until(() => watcher.errorCount > 0, "the handle is closed");
  });

  trial("closes the handles of what waits for a listener that never comes", async (t) => {
    const [a, b] = t.pair();
    const { object, watcher } = closeProbe(t);
    const packed = t.pack(object, a);
    t.send(a, packed.bytes, packed.handles);
    await t.quiet();
    t.close(b);
    await t.until(() => watcher.errorCount > 0, "the handle is closed");
  });

  trial("tells every end of many pairs when the others close", async (t) => {
    const pairs = upTo(20).map(() => t.pair());
    const listeners = pairs.map(([a]) => t.listen(a));
    for (const [, b] of pairs) t.close(b);
    await t.until(() => listeners.every(({ errorCount }) => errorCount > 0), "ERROR at each");
  });
}

function badHandles<D extends IpczDriver>(
  trial: DeclareTrial<D>,
  { expect, refusesStaleHandles = true }: DriverConformanceOptions<D>,
): void {
  trial("refuses what is no transport, and takes the handles all the same", async (t) => {
    const { driver } = t;
    const { handler } = t.listen(t.pair()[0]);
    const stale = t.pair()[0];
    t.close(stale);
    const memory = t.memory(64);
    const handles = [IPCZ_INVALID_DRIVER_HANDLE, ...(refusesStaleHandles ? [stale, memory] : [])];
    for (const handle of handles) {
      const activated = driver.ActivateTransport(handle, 1 as IpczHandle, handler, 0, null);
      expect(activated === IPCZ_RESULT_OK, "ActivateTransport").toBe(false);
      expect(t.transmit(handle, numbered(0)) === IPCZ_RESULT_OK, "Transmit").toBe(false);
      const { object, watcher } = closeProbe(t);
      const packed = t.pack(object, t.pair()[0]);
      const sent = t.transmit(handle, packed.bytes, packed.handles);
      expect(sent === IPCZ_RESULT_OK, "Transmit with a handle").toBe(false);
      // What is inside the bytes belongs to the transport it was serialized for.
      const isClosed = (): boolean => watcher.errorCount > 0 || packed.handles.length === 0;
      // oxlint-disable-next-line no-await-in-loop -- one at a time, so that a failure names the culprit
      await t.until(isClosed, "the handle is closed");
      driver.DeactivateTransport(handle, 0, null);
    }
    if (refusesStaleHandles)
      expect(driver.Close(stale, 0, null) === IPCZ_RESULT_OK, "Close twice").toBe(false);
    expect(driver.Close(IPCZ_INVALID_DRIVER_HANDLE, 0, null) === IPCZ_RESULT_OK).toBe(false);
  });
}
