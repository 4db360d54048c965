/**
 * What ConnectNode answers at once: flags that do not fit, a driver that fails it, a peer that is gone already
 * (spec: api 4, 5.3, 5.9).
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  IPCZ_CONNECT_NODE_INHERIT_BROKER as INHERIT_BROKER,
  IPCZ_CONNECT_NODE_SHARE_BROKER as SHARE_BROKER,
  IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE as TO_DELEGATE,
  IPCZ_CONNECT_NODE_TO_BROKER as TO_BROKER,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_RESULT_UNKNOWN,
} from "@ipcz/api";
import { type DriverFunctions, Network } from "../network.ts";
import { roles } from "./roles.ts";

let net: Network;
beforeEach(() => {
  net = new Network();
});
afterEach(() => net.end());

describe("a broker without a name to give", () => {
  it.each<[string, DriverFunctions["GenerateRandomBytes"]]>([
    ["whose driver has no random bytes", () => IPCZ_RESULT_RESOURCE_EXHAUSTED],
    ["whose driver gives zeros", () => IPCZ_RESULT_OK],
  ])("%s connects to nobody, and closes the transport", (_what, generate) => {
    const [a, b] = [net.broker("A"), net.add("B")];
    const functions: DriverFunctions = a.driver;
    functions.GenerateRandomBytes = generate;
    const [t0, t1] = net.pair(a, b);
    const { result, portals } = a.tryConnect(t0, 0);
    expect([result, portals[0]?.isDead]).toEqual([IPCZ_RESULT_RESOURCE_EXHAUSTED, true]);
    expect(a.driver.liveObjects()).toMatchObject({ transports: 0, memories: 0, mappings: 0 });
    b.driver.Close(t1, 0, null);
  });
});

describe("ConnectNode", () => {
  const all = [TO_BROKER, INHERIT_BROKER, SHARE_BROKER];
  const combinations = Array.from({ length: 8 }, (_, bits) => bits);

  it.each([true, false])(
    "refuses flags that do not fit, and closes the transport (broker: %s)",
    (isBroker) => {
      const node = net.add("N", { isBroker });
      for (const bits of combinations) {
        const flags = all.reduce((sum, flag, index) => sum | ((bits >> index) & 1 ? flag : 0), 0);
        const legal = isBroker ? [0, TO_BROKER] : all;
        if (legal.includes(flags)) continue;
        const [t0, raw] = net.raw(node);
        const { result, portals } = node.tryConnect(t0, flags);
        expect(result).toBe(IPCZ_RESULT_INVALID_ARGUMENT);
        expect(portals[0]!.isDead).toBe(true);
        expect(node.driver.liveObjects().transports).toBe(0);
        expect(raw.activate().sawError).toBe(true);
      }
    },
  );

  it("ignores the delegate flag and unknown flags where they mean nothing", () => {
    const a = net.broker("A");
    const b = net.add("B");
    const [t0, t1] = net.pair(a, b);
    const [pa] = a.connect(t0, TO_DELEGATE | 0x100);
    const [pb] = b.connect(t1, TO_BROKER | 0x200);
    expect(net.areConnected(a, pa!, b, pb!)).toBe(true);
  });

  it.each(["AllocateSharedMemory", "MapSharedMemory"] as const)(
    "answers RESOURCE_EXHAUSTED and closes the transport when a broker's %s fails",
    (operation) => {
      const a = net.broker("A");
      net.world.faults.refuse({ operation });
      for (const flags of [0, TO_BROKER]) {
        const [t0, raw] = net.raw(a);
        expect(a.tryConnect(t0, flags).result).toBe(IPCZ_RESULT_RESOURCE_EXHAUSTED);
        expect(raw.activate().sawError).toBe(true);
        expect(net.world.liveObjects()).toMatchObject({ memories: 0, mappings: 0 });
      }
    },
  );

  it.each(roles)(
    "answers UNKNOWN when the transport cannot be activated (%s)",
    (_, isBroker, flags) => {
      const node = net.add("N", { isBroker });
      net.world.faults.refuse({ operation: "ActivateTransport" });
      const [t0] = net.raw(node);
      const { result, portals } = node.tryConnect(t0, flags);
      expect(result).toBe(IPCZ_RESULT_UNKNOWN);
      expect(portals[0]!.isDead).toBe(true);
      expect(node.driver.liveObjects().transports).toBe(0);
    },
  );

  it.each(roles)("answers UNKNOWN when the greeting cannot be sent (%s)", (_, isBroker, flags) => {
    const node = net.add("N", { isBroker });
    for (const silent of [true, false]) {
      const cease = net.world.faults.refuse({ operation: "Transmit", silent });
      const [t0] = net.raw(node);
      expect(node.tryConnect(t0, flags).result).toBe(IPCZ_RESULT_UNKNOWN);
      expect(node.driver.liveObjects()).toMatchObject({ transports: 0, memories: 0, mappings: 0 });
      cease();
    }
  });

  it("answers UNKNOWN when the memory cannot be sent", () => {
    const a = net.broker("A");
    net.world.faults.refuse({ operation: "Serialize" });
    const [t0] = net.raw(a, "normal");
    expect(a.tryConnect(t0, 0).result).toBe(IPCZ_RESULT_UNKNOWN);
    expect(a.driver.liveObjects()).toMatchObject({ transports: 0, memories: 0, mappings: 0 });
  });

  it.each(roles)(
    "answers OK when the other end is gone already; the portals are dead (%s)",
    (_, isBroker, flags) => {
      const node = net.add("N", { isBroker });
      const [t0, t1] = net.pair(node, net.add("M"));
      net.nodes[1]!.driver.Close(t1, 0, null);
      const { result, portals } = node.tryConnect(t0, flags);
      expect(result).toBe(IPCZ_RESULT_OK);
      expect(portals[0]!.isDead).toBe(true);
    },
  );
});
