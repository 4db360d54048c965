/** A driver's functions over objects of a driver that is not there, where drivers that are seldom get. */
import {
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_RESULT_UNKNOWN,
  type IpczDriverHandle,
  type IpczHandle,
} from "@ipcz/api";
import { describe, expect, it } from "vitest";
import { DriverObjects } from "../src/driver-objects.ts";
import { lifeFunctions } from "../src/life-functions.ts";
import { memoryFunctions } from "../src/memory-functions.ts";
import { MemoryMapping } from "../src/memory-mapping.ts";
import { pairFunctions, spawnWith } from "../src/pair-functions.ts";
import { upkeepFunctions } from "../src/upkeep.ts";
import { uncaughtIn } from "./uncaught.ts";

/** A transport that writes down what becomes of it. */
class Transport {
  readonly kind = "transport";
  readonly idle = true;
  readonly backlog = 0;
  readonly told: string[] = [];
  refuses = false;

  activate(): void {
    if (this.refuses) throw new Error("in use");
    this.told.push("activate");
  }
  deactivate(): void {}
  watchBacklog(): boolean {
    return false;
  }
  refer(referenced: boolean): void {
    this.told.push(referenced ? "ref" : "unref");
  }
  close(): void {
    this.told.push("close");
  }
  dispose(): void {
    this.told.push("dispose");
  }
}

function transports() {
  const objects = new DriverObjects<Transport>();
  const [one, two, gone] = [new Transport(), new Transport(), new Transport()];
  return { objects, one, two, gone, first: objects.add(one), second: objects.add(two) };
}

describe("a transport", () => {
  it("that cannot be activated stays as it is", () => {
    const { objects, one, first } = transports();
    const { ActivateTransport } = lifeFunctions(objects, null);
    const activate = () => ActivateTransport(first, 1 as IpczHandle, () => 0, 0, null);
    one.refuses = true;
    expect(activate()).toBe(IPCZ_RESULT_FAILED_PRECONDITION);
    one.refuses = false;
    expect(activate()).toBe(IPCZ_RESULT_OK);
    expect(one.told).toEqual(["activate"]);
  });

  it("can be reported as bad to somebody who throws", async () => {
    const { objects, first } = transports();
    const wrong = new Error("wrong");
    const { ReportBadTransportActivity } = lifeFunctions(objects, () => {
      throw wrong;
    });
    const errors = await uncaughtIn(() =>
      expect(ReportBadTransportActivity(first, "why", 0, null)).toBe(IPCZ_RESULT_OK),
    );
    expect(errors).toEqual([wrong]);
  });

  it("is kept alive by itself or with all others, and disposed of with them", () => {
    const { objects, one, two, gone, first, second } = transports();
    const listener = { told: [] as unknown[] };
    const upkeep = upkeepFunctions({
      objects,
      lingering: [gone],
      listeners: [
        {
          refer: (referenced) => listener.told.push(referenced),
          close: () => listener.told.push("close"),
        },
      ],
      keepsAlive: { wanted: true },
    });
    upkeep.unref(first);
    upkeep.ref(second);
    upkeep.ref(0 as IpczDriverHandle);
    upkeep.keepAlive(false);
    upkeep.dispose();
    expect(one.told).toEqual(["unref", "unref", "close"]);
    expect(two.told).toEqual(["ref", "unref", "close"]);
    expect([gone.told, listener.told]).toEqual([["dispose"], [false, "close"]]);
    expect(objects.size).toBe(0);
  });
});

/** Memory of a system that has no more of anything when it is told so. */
class Memory {
  readonly kind = "memory";
  readonly numBytes = 64;
  readonly system: { exhausted: boolean };

  constructor(system: { exhausted: boolean }) {
    this.system = system;
  }

  duplicate(): Memory | null {
    return this.system.exhausted ? null : new Memory(this.system);
  }
  close(): void {}
}

describe("memory", () => {
  it("that the system does not give leaves no handle, whatever was asked for", () => {
    const system = { exhausted: false };
    const objects = new DriverObjects<Memory | MemoryMapping>();
    const map = () => new MemoryMapping(new ArrayBuffer(64), () => {});
    const functions = memoryFunctions<Memory>({
      memoryBytesMax: 1024,
      memory: (handle) => objects.memory(handle),
      add: (object) => objects.add(object),
      create: () => (system.exhausted ? -24 : new Memory(system)),
      map: () => (system.exhausted ? -12 : map()),
      resultOf: (failure) =>
        failure === -24 ? IPCZ_RESULT_RESOURCE_EXHAUSTED : IPCZ_RESULT_UNKNOWN,
    });
    const out = { value: 0 as IpczDriverHandle };
    const address = { value: new Uint8Array(0) };
    const memory = { value: 0 as IpczDriverHandle };
    expect(functions.AllocateSharedMemory(64, 0, null, memory)).toBe(IPCZ_RESULT_OK);
    const askFor = () => [
      functions.AllocateSharedMemory(64, 0, null, out),
      functions.DuplicateSharedMemory(memory.value, 0, null, out),
      functions.MapSharedMemory(memory.value, 0, null, address, out),
    ];
    system.exhausted = true;
    expect(askFor()).toEqual([
      IPCZ_RESULT_RESOURCE_EXHAUSTED,
      IPCZ_RESULT_RESOURCE_EXHAUSTED,
      IPCZ_RESULT_UNKNOWN,
    ]);
    expect([objects.size, out.value]).toEqual([1, 0]);
    system.exhausted = false;
    expect(askFor()).toEqual([IPCZ_RESULT_OK, IPCZ_RESULT_OK, IPCZ_RESULT_OK]);
    expect(objects.size).toBe(4);
  });

  it("that was mapped has no bytes to show once the mapping is closed, which is told once", () => {
    let retired = 0;
    const mapping = new MemoryMapping(new ArrayBuffer(64), () => retired++);
    expect(mapping.view()?.length).toBe(64);
    mapping.close();
    mapping.close();
    expect([mapping.view(), retired]).toEqual([null, 1]);
  });
});

describe("a pair", () => {
  it("that the system does not give leaves no handle", () => {
    const { objects, first } = transports();
    const { CreateTransports } = pairFunctions<Transport>({
      transport: (handle) => objects.transport(handle),
      add: (transport) => objects.add(transport),
      createPair: () => -24,
      resultOf: () => IPCZ_RESULT_RESOURCE_EXHAUSTED,
    });
    const none = 0 as IpczDriverHandle;
    const [one, other] = [{ value: none }, { value: none }];
    const create = (context: IpczDriverHandle) =>
      CreateTransports(context, none, 0, null, one, other);
    expect(create(first)).toBe(IPCZ_RESULT_RESOURCE_EXHAUSTED);
    expect(create(99 as IpczDriverHandle)).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
    expect([one.value, other.value, objects.size]).toEqual([0, 0, 2]);
  });

  it("is closed at both ends when the process that takes one of them cannot be started", () => {
    const ends = [new Transport(), new Transport()] as const;
    const wrong = new Error("no such program");
    const launch = {
      start: () => {
        throw wrong;
      },
      connect: () => 1 as IpczDriverHandle,
    };
    expect(() => spawnWith(ends, launch)).toThrow(wrong);
    expect(ends.map(({ told }) => told)).toEqual([["close"], ["close"]]);
  });
});
