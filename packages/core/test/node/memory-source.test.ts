/**
 * Memory from the driver or from a delegate (spec: wire 3.9, ids 64 and 65; routing 10.7).
 */
import { IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE as TO_DELEGATE } from "@ipcz/api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DriverMemory } from "../../src/driver/driver-memory.ts";
import { Limits } from "../../src/base/limits.ts";
import { NodeMemory } from "../../src/node/memory-source.ts";
import { decodeParams } from "../../src/wire/decode.ts";
import type { NodeName } from "../../src/wire/ids.ts";
import { ProvideMemory, RequestMemory } from "../../src/wire/messages/memory.ts";
import { Network, type RawPeer, type TestNode } from "./network.ts";

const X = "000000000000000100000000000000ff" as NodeName;
const Y = "000000000000000200000000000000ff" as NodeName;

let net: Network;
let b: TestNode;
beforeEach(() => {
  net = new Network();
  b = net.add("B");
});
afterEach(() => net.end());

it("without a delegate memory comes from the driver, and there may be none", () => {
  const source = new NodeMemory(b.driver);
  const sizes: (number | undefined)[] = [];
  const done = (memory: DriverMemory | null): void => {
    sizes.push(memory?.size);
    memory?.close();
  };
  source.request(4096, done);
  net.world.faults.refuse({ operation: "AllocateSharedMemory" });
  source.request(4096, done);
  expect(sizes).toEqual([4096, undefined]);
});

it.each([TO_DELEGATE, 0])(
  "a member that delegates asks its broker for buffers (flags %i)",
  (flags) => {
    const a = net.broker("A");
    const { ours, theirs } = net.join(a, b, { flags });
    net.world.faults.refuse({ operation: "AllocateSharedMemory", driver: flags === 0 ? "A" : "B" });
    net.frames.length = 0;
    for (let round = 0; round < 2; round++) b.put(theirs[0]!, "x".repeat(20_000));
    expect(net.ids(14)).toEqual(["A:14"]);
    expect(net.ids(64, 65)).toEqual(flags === 0 ? [] : ["A:64", "B:65"]);
    for (let round = 0; round < 2; round++) expect(a.get(ours[0]!)?.length).toBe(20_000);
  },
);

it("the newcomer of a referral delegates to the broker, not to the referrer", () => {
  const a = net.broker("A");
  net.join(a, b);
  const c = net.add("C");
  const [t0, t1] = net.pair(b, c);
  const [theirs] = c.connect(t1, 0x2 | TO_DELEGATE);
  b.connect(t0, 0x4);
  net.frames.length = 0;
  c.put(theirs!, "x".repeat(20_000));
  expect(net.ids(64, 65)).toEqual(["A:64", "C:65"]);
  expect(net.ids(14)).toEqual(["B:14"]);
});

describe("a delegate", () => {
  it("that has no memory says so", () => {
    const a = net.broker("A");
    const { theirs } = net.join(a, b, { flags: TO_DELEGATE });
    net.world.faults.refuse({ operation: "AllocateSharedMemory", driver: "A" });
    net.frames.length = 0;
    b.put(theirs[0]!, "x".repeat(20_000));
    expect(net.ids(64, 65, 14)).toEqual(["A:64", "B:65"]);
  });

  it("gives any node what it asks for, within a bound; nothing at all is no request", () => {
    const a = net.broker("A");
    const [raw] = net.rawMember(a);
    const answer = (): number | null | undefined => {
      const bytes = raw.frames.at(-1) ?? new Uint8Array(24);
      return decodeParams(ProvideMemory, bytes, bytes.length, 24, 1)?.buffer;
    };
    raw.send(RequestMemory, { size: 100 });
    expect(answer()).toBe(0);
    raw.send(RequestMemory, { size: Limits.delegatedBytesMax });
    expect(answer()).toBe(0);
    raw.send(RequestMemory, { size: Limits.delegatedBytesMax + 1 });
    expect(answer()).toBeNull();
    raw.send(RequestMemory, { size: 0 });
    expect(raw.sawError).toBe(true);
  });
});

/** What a request of B's brings. */
function ask(size: number): (number | null)[] {
  const sizes: (number | null)[] = [];
  b.node.memory.request(size, (memory) => {
    sizes.push(memory?.size ?? null);
    memory?.close();
  });
  return sizes;
}

describe("an answer", () => {
  let broker: RawPeer;
  beforeEach(() => {
    broker = net.rawBroker(b, X, Y, TO_DELEGATE);
  });

  it("goes to the first request of its size", () => {
    const [first, second, other] = [ask(4096), ask(4096), ask(8192)];
    expect(broker.received.slice(1)).toEqual([64, 64, 64]);
    broker.send(ProvideMemory, { size: 8192, buffer: 0 }, [broker.memory(8192)]);
    broker.send(ProvideMemory, { size: 4096, buffer: 0 }, [broker.memory(4096)]);
    expect([first, second, other]).toEqual([[4096], [], [8192]]);
    broker.send(ProvideMemory, { size: 4096, buffer: null });
    expect(second).toEqual([null]);
    expect(broker.sawError).toBe(false);
  });

  it("that brings something else than memory is a failure", () => {
    const sizes = ask(4096);
    broker.send(ProvideMemory, { size: 4096, buffer: 0 }, [broker.deadTransport()]);
    expect(sizes).toEqual([null]);
    expect(broker.sawError).toBe(false);
  });

  it("that nobody waits for is rejected", () => {
    const sizes = ask(4096);
    broker.send(ProvideMemory, { size: 4095, buffer: 0 }, [broker.memory(4095)]);
    expect(broker.sawError).toBe(true);
    expect(sizes).toEqual([null]);
    expect(net.world.liveObjects().memories).toBe(0);
  });

  it("from another node than the delegate is rejected", () => {
    const other = net.introduceRaw(broker, "000000000000000300000000000000ff" as NodeName);
    const sizes = ask(4096);
    other.send(ProvideMemory, { size: 4096, buffer: 0 }, [other.memory(4096)]);
    expect(other.sawError).toBe(true);
    expect(sizes).toEqual([]);
  });

  it("never comes from a lost delegate: requests fail, later ones go to the driver", () => {
    const sizes = ask(4096);
    broker.driver.Close(broker.transport, 0, null);
    expect(sizes).toEqual([null]);
    expect(ask(4096)).toEqual([4096]);
  });
});
