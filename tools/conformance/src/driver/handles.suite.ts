/** Objects that travel in messages: they arrive, in order, as what they were. */
import { IPCZ_RESULT_INVALID_ARGUMENT, type IpczDriver, type IpczDriverHandle } from "@ipcz/api";
import type { Listener } from "./listener.ts";
import type { DriverConformanceOptions } from "./options.ts";
import { numbered, numbersOf, upTo } from "./pattern.ts";
import type { DeclareTrial, Packed, Trial } from "./trial.ts";

/** Declares the tests. */
export function handlesSuite<D extends IpczDriver>(
  trial: DeclareTrial<D>,
  options: DriverConformanceOptions<D>,
): void {
  memories(trial, options);
  transports(trial, options);
  introductions(trial, options);
}

/** Several packed objects as one message: the bytes one after the other, and the handles. */
function joined(parts: readonly Packed[]): Packed {
  return {
    bytes: Uint8Array.from(parts.flatMap(({ bytes }) => [...bytes])),
    handles: parts.flatMap(({ handles }) => handles),
  };
}

function memories<D extends IpczDriver>(
  trial: DeclareTrial<D>,
  { expect }: DriverConformanceOptions<D>,
): void {
  trial("passes handles with their message, in order", async (t) => {
    const [a, b] = t.pair();
    const atB = t.listen(b);
    const parts = [11, 12, 13].map((mark) => t.pack(t.markedMemory(mark), a));
    const { bytes, handles } = joined(parts);
    t.send(a, numbered(0));
    t.send(a, bytes, handles);
    t.send(a, numbered(1));
    await t.until(() => atB.messages.length >= 3, "three messages");
    expect(atB.messages.map((message) => message.handles.length)).toEqual([0, handles.length, 0]);
    const received = atB.messages[1] ?? { bytes, handles: [] };
    let byteAt = 0;
    let handleAt = 0;
    const marks = parts.map((part) => {
      const memory = t.unpack(
        {
          bytes: received.bytes.subarray(byteAt, (byteAt += part.bytes.length)),
          handles: received.handles.slice(handleAt, (handleAt += part.handles.length)),
        },
        b,
      );
      return t.markOf(memory);
    });
    expect(marks).toEqual([11, 12, 13]);
  });

  trial("keeps handles with their message before activation and in a flood", async (t) => {
    const [a, b] = t.pair();
    for (const index of upTo(50)) {
      const { bytes, handles } = t.pack(t.markedMemory(index), a);
      t.send(a, numbered(index, 5000));
      t.send(a, bytes, handles);
    }
    const atB = t.listen(b);
    await t.until(() => atB.messages.length >= 100, "all messages");
    const marks = atB.messages
      .filter((_, index) => index % 2 === 1)
      .map((message) => t.markOf(t.unpack(message, b)));
    expect(marks).toEqual(upTo(50));
  });

  trial("gives the handles of a refused message to the listener", async (t) => {
    const [a, b] = t.pair();
    const { bytes, handles } = t.pack(t.markedMemory(77), a);
    t.send(a, bytes, handles);
    const atB = t.listen(b, (listener) => {
      listener.onMessage = () => IPCZ_RESULT_INVALID_ARGUMENT;
    });
    await t.until(() => atB.errorCount > 0, "ERROR");
    // The trial closes them at its end, which fails when they are not its own.
    expect(atB.messages[0]?.handles.length).toBe(handles.length);
  });
}

/** Sends one end of a new pair over `transport`; the end that stays, and the one that arrived. */
async function sendEnd<D extends IpczDriver>(
  t: Trial<D>,
  transport: IpczDriverHandle,
  receiver: Listener,
): Promise<[stays: IpczDriverHandle, arrived: IpczDriverHandle]> {
  const [stays, goes] = t.pair();
  const received = await t.carry(goes, transport, receiver);
  return [stays, t.unpack(received, receiver.transport)];
}

function transports<D extends IpczDriver>(
  trial: DeclareTrial<D>,
  { expect }: DriverConformanceOptions<D>,
): void {
  trial("passes transports, with what was sent to them before and meanwhile", async (t) => {
    const [a, b] = t.pair();
    const atB = t.listen(b);
    const [stays, goes] = t.pair();
    t.send(stays, numbered(0));
    const { bytes, handles } = t.pack(goes, a);
    t.send(stays, numbered(1));
    t.send(a, bytes, handles);
    t.send(stays, numbered(2));
    await t.until(() => atB.messages.length === 1, "the transport");
    const arrived = t.unpack(atB.messages[0] ?? { bytes, handles: [] }, b);
    t.send(stays, numbered(3));
    const atArrived = t.listen(arrived);
    t.send(stays, numbered(4));
    await t.until(() => atArrived.messages.length >= 5, "all messages");
    expect(numbersOf(atArrived.messages)).toEqual(upTo(5));
    const atStays = t.listen(stays);
    t.send(arrived, numbered(9));
    await t.until(() => atStays.messages.length === 1, "the answer");
  });

  trial("passes a transport on, over a transport that was passed itself", async (t) => {
    const [a, b] = t.pair();
    const atB = t.listen(b);
    const [near, far] = await sendEnd(t, a, atB);
    const atFar = t.listen(far);
    const [stays, arrived] = await sendEnd(t, near, atFar);
    const again = t.unpack(await t.carry(arrived, near, atFar), far);
    const atAgain = t.listen(again);
    t.send(stays, numbered(3));
    await t.until(() => atAgain.messages.length === 1, "the message");
    expect(numbersOf(atAgain.messages)).toEqual([3]);
  });

  trial("says ERROR at the other end of a transport that is lost on its way", async (t) => {
    const [a, b] = t.pair();
    const [stays, goes] = t.pair();
    const atStays = t.listen(stays);
    const { bytes, handles } = t.pack(goes, a);
    t.send(a, bytes, handles);
    t.close(b);
    t.close(a);
    await t.until(() => atStays.errorCount > 0, "ERROR");
  });

  trial("passes a transport whose peer has closed", async (t) => {
    const [a, b] = t.pair();
    const atB = t.listen(b);
    const [stays, arrived] = await sendEnd(t, a, atB);
    t.close(stays);
    const again = t.unpack(await t.carry(arrived, a, atB), b);
    const atAgain = t.listen(again);
    await t.until(() => atAgain.errorCount > 0, "ERROR");
    expect(atAgain.messages.length).toBe(0);
  });
}

function introductions<D extends IpczDriver>(
  trial: DeclareTrial<D>,
  { expect }: DriverConformanceOptions<D>,
): void {
  trial("connects the nodes behind two transports", async (t) => {
    const [toLeft, left] = t.pair();
    const [toRight, right] = t.pair();
    t.listen(toLeft);
    t.listen(toRight);
    const atLeft = t.listen(left);
    const atRight = t.listen(right);
    const [forLeft, forRight] = t.createTransports(toLeft, toRight);
    const newLeft = t.unpack(await t.carry(forLeft, toLeft, atLeft), left);
    const newRight = t.unpack(await t.carry(forRight, toRight, atRight), right);
    const heard = t.listen(newRight);
    t.send(newLeft, numbered(6));
    await t.until(() => heard.messages.length === 1, "the message");
    // The inputs are context, not consumed.
    t.send(toLeft, numbered(7));
    t.send(toRight, numbered(8));
    const counts = (): number[] => [atLeft.messages.length, atRight.messages.length];
    await t.until(() => counts().every((count) => count === 2), "both still work");
    expect(numbersOf(heard.messages)).toEqual([6]);
  });
}
