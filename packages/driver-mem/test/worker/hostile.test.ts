/** What comes out of a port that no driver of ours posted: the transport says ERROR, and nothing else happens. */
import type { IpczDriverHandle } from "@ipcz/api";
import { describe, expect, it } from "vitest";
import { workerDriver, type NativePort, type WorkerSeat } from "../../src/worker/index.ts";
import { listen } from "../ear.ts";
import { turns } from "./turns.ts";

/** A frame header that announces this. */
function header(byteCount: number, objectCount: number): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, byteCount, true);
  view.setUint32(4, objectCount, true);
  return bytes;
}

function frame(objectCount: number, ...data: number[]): Uint8Array {
  return Uint8Array.from([...header(data.length, objectCount), ...data]);
}

const port = (): NativePort => new MessageChannel().port1;
const gauge = (): SharedArrayBuffer => workerDriver().offerSeat().seat.gauge;
const seat = (): WorkerSeat => ({ port: port(), gauge: gauge(), side: 0 });

/** A value, and the ports in it. */
type Hostile = () => [value: unknown, ports?: NativePort[]];

function withPort(make: (stray: NativePort) => unknown): Hostile {
  return () => {
    const stray = port();
    return [make(stray), [stray]];
  };
}

function growable(byteCount: number): SharedArrayBuffer {
  const made: unknown = Reflect.construct(SharedArrayBuffer, [byteCount, { maxByteLength: 1024 }]);
  return made as SharedArrayBuffer;
}

const HOSTILE: Readonly<Record<string, Hostile>> = {
  nothing: () => [undefined],
  "a number that means nothing": () => [3],
  "a number below all that mean something": () => [-1],
  "a goodbye with a port": () => [0, [port()]],
  "a text": () => ["goodbye"],
  "a record": () => [{ bytes: frame(0, 1), cargo: [] }],
  "an error": () => [new Error("no message")],
  "an empty list": () => [[]],
  "a list without bytes": () => [[1, 2, 3]],
  "a deep list": () => [[[[[frame(0, 1)]]]]],
  "no frame at all": () => [new Uint8Array(0)],
  "half a header": () => [new Uint8Array(7)],
  "more bytes announced than there are": () => [header(1, 0)],
  "as many bytes as can be announced": () => [header(0xffff_ffff, 0)],
  "a good frame and a broken one": () => [Uint8Array.from([...frame(0, 7), 1, 2, 3])],
  "an object announced and none there": () => [frame(1, 7)],
  "as many objects as can be announced": () => [[header(0, 0xffff_ffff), new SharedArrayBuffer(8)]],
  "an object there and none announced": () => [[frame(0, 7), new SharedArrayBuffer(8)]],
  "words in place of bytes": () => [new Uint32Array(4)],
  "bytes that others can change": () => [new Uint8Array(new SharedArrayBuffer(16))],
  "a buffer in place of bytes": () => [new ArrayBuffer(16)],
  "memory that is not shared": () => [[frame(1, 7), new ArrayBuffer(64)]],
  "memory without a byte": () => [[frame(1, 7), new SharedArrayBuffer(0)]],
  "memory that can grow": () => [[frame(1, 7), growable(64)]],
  "a view of memory": () => [[frame(1, 7), new Uint8Array(new SharedArrayBuffer(64))]],
  "a port without a gauge": withPort((stray) => [frame(1, 7), { port: stray, side: 0 }]),
  "a port beside bytes": () => [frame(0, 7), [port()]],
  "a port by itself": withPort((stray) => [frame(1, 7), stray]),
  "a port beside its seat": () => {
    const [given, stray] = [seat(), port()];
    return [
      [frame(1, 7), given],
      [given.port, stray],
    ];
  },
  "one port in two seats": () => {
    const given = seat();
    return [[frame(2, 7), given, { ...given }], [given.port]];
  },
  "a gauge of another size": withPort((stray) => [
    frame(1, 7),
    { port: stray, gauge: new SharedArrayBuffer(8), side: 0 },
  ]),
  "a gauge that can grow": withPort((stray) => [
    frame(1, 7),
    { port: stray, gauge: growable(40), side: 0 },
  ]),
  "a gauge that is not shared": withPort((stray) => [
    frame(1, 7),
    { port: stray, gauge: new ArrayBuffer(40), side: 0 },
  ]),
  "a third side": withPort((stray) => [frame(1, 7), { port: stray, gauge: gauge(), side: 2 }]),
};

describe("a port's message that is not ours", () => {
  it.each(Object.entries(HOSTILE))("is an ERROR and nothing else: %s", async (_name, make) => {
    const driver = workerDriver();
    const { port1, port2 } = new MessageChannel();
    const transport = driver.takeSeat({ port: port1, gauge: gauge(), side: 0 });
    const ear = listen(driver, transport);
    const [value, ports = []] = make();
    port2.postMessage(value, ports);
    await turns(() => ear.heard.length > 0);
    port2.postMessage(frame(0, 9)); // too late
    await turns();
    expect(ear.heard).toEqual(["ERROR"]);
    expect(driver.liveObjects()).toEqual({ transports: 1, memories: 0, mappings: 0, envelopes: 0 });
    driver.Close(transport, 0, null);
    await turns(() => ear.heard.length > 1);
    expect(ear.heard).toEqual(["ERROR", "DEACTIVATED"]);
    port2.close();
  });

  it("closes the ports in it", async () => {
    const driver = workerDriver();
    const { port1, port2 } = new MessageChannel();
    const stray = new MessageChannel();
    let closed = false;
    stray.port2.addEventListener("close", () => (closed = true));
    const transport = driver.takeSeat({ port: port1, gauge: gauge(), side: 0 });
    listen(driver, transport);
    port2.postMessage([frame(1, 7), stray.port1], [stray.port1]);
    await turns(() => closed);
    expect(closed).toBe(true);
    driver.Close(transport, 0, null);
  });

  it("is told from a good one with several messages and objects", async () => {
    const driver = workerDriver();
    const { port1, port2 } = new MessageChannel();
    const ear = listen(driver, driver.takeSeat({ port: port1, gauge: gauge(), side: 0 }));
    const given = seat();
    const bytes = Uint8Array.from([...frame(1, 7), ...frame(0, 8), ...frame(2, 9)]);
    const [first, second] = [new SharedArrayBuffer(64), new SharedArrayBuffer(8)];
    port2.postMessage([bytes, first, given, second], [given.port]);
    await turns(() => ear.heard.length >= 3);
    expect([ear.heard, ear.handles.length]).toEqual([[7, 8, 9], 3]);
    for (const handle of ear.handles) expect(driver.Close(handle, 0, null)).toBe(0);
    port2.close();
  });
});

describe("a seat that no driver offered", () => {
  const notSeats: readonly [string, () => unknown][] = [
    ["nothing", () => undefined],
    ["null", () => null],
    ["a port", () => port()],
    ["an empty record", () => ({})],
    ["one without a port", () => ({ ...seat(), port: {} })],
    ["one with a small gauge", () => ({ ...seat(), gauge: new SharedArrayBuffer(4) })],
    ["one with a plain gauge", () => ({ ...seat(), gauge: new ArrayBuffer(40) })],
    ["one on side -1", () => ({ ...seat(), side: -1 })],
  ];

  it.each(notSeats)("is refused: %s", (_name, make) => {
    const driver = workerDriver();
    expect(() => driver.takeSeat(make())).toThrow(TypeError);
    expect(driver.liveObjects().transports).toBe(0);
  });

  it("may lie about what has been read, which misleads only who asks", async () => {
    const driver = workerDriver();
    const { transport, seat: far } = driver.offerSeat();
    new Int32Array(far.gauge).fill(-1, 2);
    const none = 0 as IpczDriverHandle;
    expect(driver.Transmit(transport, new Uint8Array(10), 10, [none], 0, 0, null)).toBe(0);
    expect(driver.backlog.GetTransportBacklog(transport)).toBeGreaterThanOrEqual(0);
    const ear = listen(driver, driver.takeSeat(far));
    await turns(() => ear.heard.length > 0);
    expect(ear.heard).toEqual([0]);
  });
});
