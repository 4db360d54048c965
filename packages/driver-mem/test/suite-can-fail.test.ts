/** The driver suite notices drivers that break the contract: each one here is a good driver with one thing wrong. */
import {
  IPCZ_RESULT_ABORTED,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_PERMISSION_DENIED,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_SHARED_MEMORY_INFO_SIZE,
  IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED,
  IPCZ_TRANSPORT_ACTIVITY_ERROR,
  type IpczDriver,
  type IpczDriverBacklog,
  type IpczDriverHandle,
  type IpczHandle,
  type IpczTransportActivityHandler,
} from "@ipcz/api";
import { expect, it } from "vitest";
import { driverConformance } from "../../../tools/conformance/src/driver/index.ts";
import { memDriver, type MemDriver, type MemLiveObjects } from "../src/index.ts";

function count({ transports, memories, mappings, envelopes }: MemLiveObjects): number {
  return transports + memories + mappings + envelopes;
}

/** Runs the suite; the names of the tests that failed. */
async function failures(change: (driver: MemDriver) => Partial<IpczDriver>): Promise<string[]> {
  const tests: [name: string, body: () => Promise<void>][] = [];
  driverConformance<MemDriver>({
    name: "changed",
    describe: (_, body) => body(),
    it: (name, body) => tests.push([name, body]),
    expect,
    createDriver() {
      const driver = memDriver({
        schedule: "sync",
        forceRelay: true,
        objectBytes: 2,
        batchMax: 3,
      });
      return { ...driver, ...change(driver) };
    },
    createPair: (driver) => driver.createTransports("broker", "normal"),
    createRelayOnlyPair: (driver) => driver.createTransports("normal", "normal"),
    settle: (driver) => driver.world.settle(),
    liveObjects: (driver) => count(driver.world.liveObjects()),
    attemptsMax: 20,
    attemptsQuiet: 3,
    floodCount: 200,
    messageBytesMax: 1 << 20,
  });
  const failed: string[] = [];
  for (const [name, body] of tests) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- tests run one after the other
      await body();
    } catch {
      failed.push(name);
    }
  }
  return failed;
}

/** A driver whose handlers are wrapped. */
function handlers(
  wrap: (handler: IpczTransportActivityHandler) => IpczTransportActivityHandler,
): (driver: MemDriver) => Partial<IpczDriver> {
  return (driver) => ({
    ActivateTransport: (transport, listener, handler, flags, options) =>
      driver.ActivateTransport(transport, listener, wrap(handler), flags, options),
  });
}

/** A driver whose messages are counted and changed. */
function messages(
  wrap: (handler: IpczTransportActivityHandler, index: number) => IpczTransportActivityHandler,
): (driver: MemDriver) => Partial<IpczDriver> {
  return handlers((handler) => {
    let index = 0;
    return (...call) => (call[5] === 0 ? wrap(handler, index++)(...call) : handler(...call));
  });
}

/** A driver whose backlog is changed. */
function backlog(
  change: (good: IpczDriverBacklog) => Partial<IpczDriverBacklog>,
): (driver: MemDriver) => Partial<IpczDriver> {
  return ({ backlog: good }) => ({ backlog: { ...good, ...change(good) } });
}

const changes: Readonly<Record<string, (driver: MemDriver) => Partial<IpczDriver>>> = {
  "loses a message": messages((handler, index) => (index === 4 ? () => IPCZ_RESULT_OK : handler)),
  "delivers a message twice": messages((handler, index) => (...call) => {
    if (index === 4 && call[4] === 0) handler(...call);
    return handler(...call);
  }),
  "cuts long messages": messages(
    (handler) =>
      (listener, data, ...rest) =>
        handler(listener, data, Math.min(rest[0], 70_000), rest[1], rest[2], rest[3], rest[4]),
  ),
  "swallows empty messages": messages(
    (handler) =>
      (...call) =>
        call[2] === 0 && call[4] === 0 ? IPCZ_RESULT_OK : handler(...call),
  ),
  "forgets handles": messages(
    (handler) =>
      (listener, data, ...rest) =>
        handler(listener, data, rest[0], null, 0, rest[3], rest[4]),
  ),
  "turns the order of handles round": messages(
    (handler) =>
      (listener, data, ...rest) =>
        handler(listener, data, rest[0], rest[1]?.toReversed() ?? null, rest[2], 0, null),
  ),
  "hides refusals": messages((handler) => (...call) => {
    handler(...call);
    return IPCZ_RESULT_OK;
  }),
  "takes UNIMPLEMENTED for a refusal": messages((handler) => (...call) => {
    const result = handler(...call);
    return result === IPCZ_RESULT_OK ? result : IPCZ_RESULT_INVALID_ARGUMENT;
  }),
  "never says ERROR": handlers(
    (handler) =>
      (...call) =>
        call[5] === IPCZ_TRANSPORT_ACTIVITY_ERROR ? IPCZ_RESULT_OK : handler(...call),
  ),
  "never says DEACTIVATED": handlers(
    (handler) =>
      (...call) =>
        call[5] === IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED ? IPCZ_RESULT_OK : handler(...call),
  ),
  "says DEACTIVATED twice": handlers((handler) => (...call) => {
    if (call[5] === IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED) handler(...call);
    return handler(...call);
  }),
  "calls the wrong listener": handlers(
    (handler) =>
      (_listener, ...rest) =>
        handler(1 as IpczHandle, ...rest),
  ),
  "nests calls": (driver) => {
    // Once for each driver, or the handlers would answer for ever.
    let nest: (() => void) | null = null;
    let nested = false;
    return {
      ...messages((handler) => (...call) => {
        nest = () => handler(call[0], new Uint8Array(0), 0, null, 0, 0, null);
        const result = handler(...call);
        nest = null;
        return result;
      })(driver),
      Transmit(...call) {
        if (!nested && nest !== null) {
          nested = true;
          nest();
        }
        return driver.Transmit(...call);
      },
    };
  },
  "sends later, without a copy": (driver) => ({
    Transmit(...call) {
      queueMicrotask(() => driver.Transmit(...call));
      return IPCZ_RESULT_OK;
    },
  }),
  "sends whole buffers": (driver) => ({
    Transmit: (transport, data, _numBytes, ...rest) =>
      driver.Transmit(transport, data, data?.length ?? 0, ...rest),
  }),
  "keeps the handles of a refused Transmit": (driver) => ({
    Transmit: (...call) =>
      call[0] === 0 ? IPCZ_RESULT_INVALID_ARGUMENT : driver.Transmit(...call),
  }),
  "delivers nothing that was sent before activation": (driver) => {
    const active = new Set<IpczDriverHandle>();
    return {
      ActivateTransport(...call) {
        active.add(call[0]);
        return driver.ActivateTransport(...call);
      },
      Transmit: (...call) =>
        active.has(call[0]) || call[4] > 0 ? driver.Transmit(...call) : IPCZ_RESULT_OK,
    };
  },
  "answers OK to every Close": (driver) => ({
    Close(...call) {
      driver.Close(...call);
      return IPCZ_RESULT_OK;
    },
  }),
  "leaks mappings": (driver) => ({
    MapSharedMemory(...call) {
      driver.MapSharedMemory(...call);
      return driver.MapSharedMemory(...call);
    },
  }),
  "maps copies": (driver) => ({
    MapSharedMemory(memory, flags, options, address, mapping) {
      const result = driver.MapSharedMemory(memory, flags, options, address, mapping);
      if (result === IPCZ_RESULT_OK) address.value = address.value.slice();
      return result;
    },
  }),
  "maps a page too little": (driver) => ({
    MapSharedMemory(memory, flags, options, address, mapping) {
      const result = driver.MapSharedMemory(memory, flags, options, address, mapping);
      if (result === IPCZ_RESULT_OK) address.value = address.value.subarray(0, 65_536);
      return result;
    },
  }),
  "lets views of a closed mapping throw": (driver) => {
    const closed = new Set<IpczDriverHandle>();
    return {
      Close(...call) {
        closed.add(call[0]);
        return driver.Close(...call);
      },
      MapSharedMemory(memory, flags, options, address, mapping) {
        const result = driver.MapSharedMemory(memory, flags, options, address, mapping);
        const { value: handle } = mapping;
        address.value.fill = function fill(...filling) {
          if (closed.has(handle)) throw new Error("unmapped");
          return Uint8Array.prototype.fill.apply(this, filling);
        };
        return result;
      },
    };
  },
  "ignores the size of an info struct": (driver) => ({
    GetSharedMemoryInfo: (memory, flags, options, info) => {
      const own = { size: IPCZ_SHARED_MEMORY_INFO_SIZE, regionNumBytes: 0 };
      const result = driver.GetSharedMemoryInfo(memory, flags, options, own);
      if (result === IPCZ_RESULT_OK) info.regionNumBytes = own.regionNumBytes;
      return result;
    },
  }),
  "duplicates into a region of its own": (driver) => ({
    DuplicateSharedMemory: (_memory, flags, options, copy) =>
      driver.AllocateSharedMemory(5000, flags, options, copy),
  }),
  "serializes mappings": (driver) => ({
    Serialize(...call) {
      const result = driver.Serialize(...call);
      return result === IPCZ_RESULT_INVALID_ARGUMENT ? IPCZ_RESULT_RESOURCE_EXHAUSTED : result;
    },
  }),
  "says PERMISSION_DENIED without a transport": (driver) => ({
    Serialize(...call) {
      const result = driver.Serialize(...call);
      return result === IPCZ_RESULT_ABORTED ? IPCZ_RESULT_PERMISSION_DENIED : result;
    },
  }),
  "sizes where a relay is needed": (driver) => ({
    Serialize(...call) {
      const result = driver.Serialize(...call);
      return result === IPCZ_RESULT_PERMISSION_DENIED ? IPCZ_RESULT_RESOURCE_EXHAUSTED : result;
    },
  }),
  "writes into buffers that are too small": (driver) => ({
    Serialize(...call) {
      const result = driver.Serialize(...call);
      if (result === IPCZ_RESULT_RESOURCE_EXHAUSTED) call[4]?.fill(0);
      return result;
    },
  }),
  "writes no counts when sizing with one of them": (driver) => ({
    Serialize(...call) {
      const [, , , , , numBytes, , numHandles] = call;
      return numBytes === null || numHandles === null
        ? IPCZ_RESULT_RESOURCE_EXHAUSTED
        : driver.Serialize(...call);
    },
  }),
  "throws at hostile bytes": (driver) => ({
    Deserialize(...call) {
      const result = driver.Deserialize(...call);
      if (result !== IPCZ_RESULT_OK) throw new Error("hostile");
      return result;
    },
  }),
  "keeps handles it refused to deserialize": (driver) => ({
    Deserialize: (...call) =>
      call[1] === 2 ? driver.Deserialize(...call) : IPCZ_RESULT_INVALID_ARGUMENT,
  }),
  "writes an output though it failed": (driver) => ({
    Deserialize(...call) {
      const result = driver.Deserialize(...call);
      if (result !== IPCZ_RESULT_OK) call[7].value = 99 as IpczDriverHandle;
      return result;
    },
  }),
  "consumes the inputs of CreateTransports": (driver) => ({
    CreateTransports(...call) {
      const result = driver.CreateTransports(...call);
      driver.Close(call[0], 0, null);
      return result;
    },
  }),
  "fills whole buffers with random bytes": (driver) => ({
    GenerateRandomBytes: (_numBytes, flags, options, buffer) =>
      driver.GenerateRandomBytes(buffer.length, flags, options, buffer),
  }),
  "gives the same random bytes again": () => ({
    GenerateRandomBytes(numBytes, _flags, _options, buffer) {
      for (let i = 0; i < numBytes; i++) buffer[i] = i * 7;
      return IPCZ_RESULT_OK;
    },
  }),
  "never ends a batch": handlers((handler) =>
    Object.assign(handler.bind(null), {
      batch: { begin: () => handler.batch?.begin(), end: () => undefined },
    }),
  ),
  "hands over a message that does not lie in its buffer": handlers((handler) =>
    Object.assign(handler.bind(null), {
      batch: {
        begin: () => handler.batch?.begin(),
        end: () => handler.batch?.end(),
        messages: (to: IpczHandle, buffer: Uint8Array, spans: Int32Array, number: number) => {
          const further = spans.map((each, index) => (index % 2 === 0 ? each + 1 : each));
          return handler.batch?.messages?.(to, buffer, further, number);
        },
      },
    }),
  ),
  "counts no backlog": backlog(() => ({ GetTransportBacklog: () => 0 })),
  "never tells of its backlog": backlog(() => ({ WatchTransportBacklog: () => IPCZ_RESULT_OK })),
  "tells of its backlog twice": backlog((good) => ({
    WatchTransportBacklog: (transport, numBytes, handler) =>
      good.WatchTransportBacklog(transport, numBytes, () => {
        handler();
        handler();
      }),
  })),
  "keeps whoever need not wait for its backlog": backlog((good) => ({
    WatchTransportBacklog: (...call) =>
      Math.min(good.WatchTransportBacklog(...call), IPCZ_RESULT_OK),
  })),
};

it("finds nothing wrong with the driver as it is", async () => {
  expect(await failures(() => ({}))).toEqual([]);
});

for (const [name, change] of Object.entries(changes)) {
  it(`notices a driver that ${name}`, async () => {
    expect((await failures(change)).length).toBeGreaterThan(0);
  });
}
