/** Messages arrive whole, once, in order, and as they were when they were sent. */
import { IPCZ_RESULT_OK, type IpczDriver } from "@ipcz/api";
import type { Listener } from "./listener.ts";
import type { DriverConformanceOptions } from "./options.ts";
import { isPattern, numbered, numberOf, numbersOf, pattern, upTo } from "./pattern.ts";
import type { DeclareTrial } from "./trial.ts";

const KIB = 1024;
const MIB = KIB * KIB;
/** Around powers of two, and past what one read or one pipe buffer holds. */
const SIZES: readonly number[] = [
  1,
  2,
  7,
  8,
  9,
  255,
  256,
  257,
  4095,
  4096,
  4097,
  64 * KIB - 1,
  64 * KIB,
  64 * KIB + 1,
  256 * KIB + 5,
  MIB,
  3 * MIB + 11,
  8 * MIB,
];
const FLOOD_COUNT = 25_000;

/** Declares the tests. */
export function deliverySuite<D extends IpczDriver>(
  trial: DeclareTrial<D>,
  options: DriverConformanceOptions<D>,
): void {
  order(trial, options);
  bytes(trial, options);
  reentry(trial, options);
}

function order<D extends IpczDriver>(
  trial: DeclareTrial<D>,
  { expect, floodCount = FLOOD_COUNT }: DriverConformanceOptions<D>,
): void {
  trial("delivers in order, both ways at once", async (t) => {
    const [a, b] = t.pair();
    const atA = t.listen(a);
    const atB = t.listen(b);
    for (const index of upTo(200)) {
      t.send(a, numbered(index));
      t.send(b, numbered(1000 + index));
    }
    await t.until(() => atA.messages.length + atB.messages.length >= 400, "all messages");
    await t.quiet();
    expect(numbersOf(atB.messages)).toEqual(upTo(200));
    expect(numbersOf(atA.messages)).toEqual(upTo(200).map((index) => 1000 + index));
  });

  trial("delivers what was sent before activation first", async (t) => {
    const [a, b] = t.pair();
    for (const index of upTo(20)) t.send(a, numbered(index)); // neither end is active
    t.listen(a);
    for (const index of upTo(20)) t.send(a, numbered(20 + index));
    await t.quiet();
    const atB = t.listen(b);
    for (const index of upTo(20)) t.send(a, numbered(40 + index));
    await t.until(() => atB.messages.length >= 60, "all messages");
    expect(numbersOf(atB.messages)).toEqual(upTo(60));
  });

  trial("keeps transports apart", async (t) => {
    const pairs = upTo(8).map(() => t.pair());
    const listeners = pairs.map(([, b]) => t.listen(b));
    for (const index of upTo(25)) {
      for (const [which, [a]] of pairs.entries()) t.send(a, numbered(which * 100 + index));
    }
    await t.until(() => listeners.every(({ messages }) => messages.length >= 25), "all messages");
    for (const [which, { messages }] of listeners.entries())
      expect(numbersOf(messages)).toEqual(upTo(25).map((index) => which * 100 + index));
  });

  trial(`delivers ${floodCount} messages of 1 KiB sent in one go`, async (t) => {
    const [a, b] = t.pair();
    let count = 0;
    let wrongCount = 0;
    t.listen(b, (listener) => {
      listener.onMessage = ({ bytes: received }) => {
        if (received.length !== KIB || numberOf(received) !== count) wrongCount++;
        count++;
        listener.messages.length = 0;
        return IPCZ_RESULT_OK;
      };
    });
    for (let index = 0; index < floodCount; index++) t.send(a, numbered(index, KIB));
    await t.until(() => count >= floodCount, "all messages");
    await t.quiet();
    expect([count, wrongCount]).toEqual([floodCount, 0]);
  });
}

function bytes<D extends IpczDriver>(
  trial: DeclareTrial<D>,
  { expect, messageBytesMax = 8 * MIB }: DriverConformanceOptions<D>,
): void {
  trial("copies the bytes before Transmit returns", async (t) => {
    const [a, b] = t.pair();
    const buffer = pattern(64 * KIB, 1);
    t.send(a, buffer);
    buffer.fill(0xff);
    const atB = t.listen(b);
    await t.until(() => atB.messages.length === 1, "the message sent before activation");
    buffer.set(pattern(64 * KIB, 2));
    t.send(a, buffer);
    buffer.fill(0xff);
    await t.until(() => atB.messages.length === 2, "the message sent after activation");
    const salts = atB.messages.map((message) =>
      [1, 2].find((salt) => isPattern(message.bytes, 64 * KIB, salt)),
    );
    expect(salts).toEqual([1, 2]);
  });

  trial("sends numBytes bytes of a longer buffer, and a view into the middle of one", async (t) => {
    const [a, b] = t.pair();
    const atB = t.listen(b);
    const buffer = pattern(1000, 3);
    const { driver } = t;
    expect(driver.Transmit(a, buffer, 10, null, 0, 0, null)).toBe(IPCZ_RESULT_OK);
    expect(driver.Transmit(a, buffer.subarray(500, 700), 100, null, 0, 0, null)).toBe(
      IPCZ_RESULT_OK,
    );
    await t.until(() => atB.messages.length === 2, "both messages");
    expect(atB.messages.map((message) => message.bytes)).toEqual([
      buffer.slice(0, 10),
      buffer.slice(500, 600),
    ]);
  });

  trial("delivers empty messages", async (t) => {
    const [a, b] = t.pair();
    t.send(a, null);
    const atB = t.listen(b);
    t.send(a, numbered(7));
    t.send(a, new Uint8Array(0));
    t.send(a, numbered(8));
    await t.until(() => atB.messages.length >= 4, "four messages");
    expect(atB.messages.map((message) => message.bytes.length)).toEqual([0, 4, 0, 4]);
  });

  trial("delivers every size whole, with small messages in between", async (t) => {
    const sizes = SIZES.filter((size) => size <= messageBytesMax);
    const [a, b] = t.pair();
    const wrong: string[] = [];
    const atB = t.listen(b, (listener) => {
      listener.onMessage = (message, index) => {
        const size = index % 2 === 0 ? (sizes[index / 2] ?? -1) : 5;
        if (!isPattern(message.bytes, size, index & 0xff))
          wrong.push(`message ${index}: ${message.bytes.length} bytes instead of ${size}`);
        return IPCZ_RESULT_OK;
      };
    });
    for (const [which, size] of sizes.entries()) {
      t.send(a, pattern(size, (which * 2) & 0xff));
      t.send(a, pattern(5, (which * 2 + 1) & 0xff));
    }
    await t.until(() => atB.messages.length >= sizes.length * 2, "all messages");
    expect(wrong).toEqual([]);
  });
}

/** Answers to the first `count` messages by sending the next number over `transport`. */
function answering(send: (bytes: Uint8Array) => void, count: number): (listener: Listener) => void {
  return (listener) => {
    listener.onMessage = (message, index) => {
      const number = numberOf(message.bytes);
      // The index ends it also when a driver delivers what was never sent.
      if (number < count && index < count) send(numbered(number + 1));
      return IPCZ_RESULT_OK;
    };
  };
}

function reentry<D extends IpczDriver>(
  trial: DeclareTrial<D>,
  { expect }: DriverConformanceOptions<D>,
): void {
  trial("takes messages from within handlers, and never nests calls of one listener", async (t) => {
    const [a, b] = t.pair();
    const atA = t.listen(
      a,
      answering((message) => t.send(a, message), 1000),
    );
    const atB = t.listen(
      b,
      answering((message) => t.send(b, message), 1000),
    );
    t.send(a, numbered(0));
    await t.until(() => atA.messages.length + atB.messages.length >= 1001, "all rounds");
    expect(numbersOf(atB.messages)).toEqual(upTo(501).map((round) => round * 2));
    expect(numbersOf(atA.messages)).toEqual(upTo(500).map((round) => round * 2 + 1));
  });

  trial("keeps order when a handler sends to its own listener by way of others", async (t) => {
    const [a, b] = t.pair();
    const [c, d] = t.pair();
    // b's handler sends over c; d's handler sends over a, back to b.
    t.listen(a);
    t.listen(c);
    t.listen(d, (listener) => {
      listener.onMessage = ({ bytes: received }) => {
        t.send(a, received);
        return IPCZ_RESULT_OK;
      };
    });
    const atB = t.listen(b, (listener) => {
      listener.onMessage = (_, index) => {
        if (index === 0) for (const number of upTo(10)) t.send(c, numbered(1 + number));
        return IPCZ_RESULT_OK;
      };
    });
    t.send(a, numbered(0));
    await t.until(() => atB.messages.length >= 11, "all messages");
    expect(numbersOf(atB.messages)).toEqual(upTo(11));
  });

  trial("lets a handler activate another transport", async (t) => {
    const [a, b] = t.pair();
    const [c, d] = t.pair();
    t.send(c, numbered(5));
    let atD: Listener | null = null;
    t.listen(b, (listener) => {
      listener.onMessage = () => {
        atD = t.listen(d);
        return IPCZ_RESULT_OK;
      };
    });
    t.send(a, numbered(0));
    const heardAtD = (): number[] => numbersOf(atD?.messages ?? []);
    await t.until(() => heardAtD().length >= 1, "the message to the new listener");
    expect(heardAtD()).toEqual([5]);
  });
}
