/**
 * What only processes on Windows can show: a network of them, and what it does about handles that nobody may move.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { IpczDriver } from "@ipcz/api";
import { openDescriptors, settle } from "@ipcz/conformance/scenario";
import { winDriver } from "@ipcz/driver-win";
import { Node, PortalPort, type Child, type Connection } from "ipcz";
import { beforeAll, describe, expect, test } from "vitest";
import { isWindows, runsHere } from "../../conformance/src/runs-here.ts";

const onWindows = runsHere(isWindows, "networks of processes on Windows");
const member = new URL("./peers/member.mjs", import.meta.url);
const echo = new URL("./peers/port.mjs", import.meta.url);

/** The numbers of the protocol's messages that carry an object by way of the broker (spec: wire 2). */
const ACCEPT_RELAYED_MESSAGE = 67;
const MESSAGE_ID_AT = 2;

function counting(real: ReturnType<typeof winDriver>): {
  readonly driver: ReturnType<typeof winDriver>;
  readonly sent: Map<number, number>;
} {
  const sent = new Map<number, number>();
  const Transmit: IpczDriver["Transmit"] = (transport, data, ...rest) => {
    const id = data?.[MESSAGE_ID_AT] ?? 0;
    sent.set(id, (sent.get(id) ?? 0) + 1);
    return real.Transmit(transport, data, ...rest);
  };
  return { driver: { ...real, Transmit }, sent };
}

async function reportOf({ portal }: Child): Promise<{ text?: string; denied: number }> {
  const parcel = await portal.receive();
  return JSON.parse(Buffer.from(parcel?.bytes ?? []).toString()) as {
    text?: string;
    denied: number;
  };
}

async function nextMessage(port: PortalPort): Promise<unknown> {
  const [value] = (await once(port, "message")) as [unknown];
  return value;
}

describe.runIf(onWindows)("processes on Windows", { timeout: 120_000 }, () => {
  // The first process, and the first use of a pipe, cost the runtime handles that it keeps.
  beforeAll(async () => {
    await once(
      spawn(process.execPath, ["--version"], { stdio: ["pipe", "pipe", "pipe"] }),
      "close",
    );
  });

  test("two that cannot move handles to each other exchange memory by way of their broker", async () => {
    const before = openDescriptors();
    const { driver, sent } = counting(winDriver());
    const node = new Node({ driver });
    const [writer, reader] = [
      await node.fork(member, ["writes"], { execArgv: [] }),
      await node.fork(member, ["reads"], { execArgv: [] }),
    ];
    const [first, second] = node.openPortals();
    writer.portal.put({ handles: [first] });
    reader.portal.put({ handles: [second] });
    const [wrote, read] = await Promise.all([reportOf(writer), reportOf(reader)]);
    expect(read.text).toBe("what one member wrote");
    expect(wrote.denied).toBeGreaterThan(0);
    expect(sent.get(ACCEPT_RELAYED_MESSAGE)).toBeGreaterThan(0);
    const ends = [writer, reader].map((child) => once(child.process, "close"));
    for (const { portal } of [writer, reader]) portal.close();
    await Promise.all(ends);
    node.close();
    expect(await settle(before, openDescriptors)).toEqual([]);
    expect(driver.liveObjects()).toMatchObject({ transports: 0, memories: 0, mappings: 0 });
  });

  test("a forked process answers over a port, and leaves nothing behind", async () => {
    const before = openDescriptors();
    const node = new Node();
    const child = await node.fork(echo, ["parent"], { execArgv: [] });
    const port = new PortalPort(child.portal);
    const value = new Map([["big", new Uint8Array(200_000).fill(7)]]);
    port.postMessage(value);
    expect(await nextMessage(port)).toEqual({ echo: value, pid: child.process.pid });
    const ended = once(child.process, "close");
    port.close();
    await ended;
    node.close();
    expect(await settle(before, openDescriptors)).toEqual([]);
  });

  test("an unrelated process connects to a named pipe, and leaves nothing behind", async () => {
    const before = openDescriptors();
    const node = new Node();
    const path = String.raw`\\.\pipe\ipcz-test-${process.pid}`;
    const listener = node.listen(path);
    expect(() => new Node().listen(path)).toThrow(
      expect.objectContaining({ code: "ERR_IPCZ_LISTEN" }) as Error,
    );
    const child = spawn(process.execPath, [fileURLToPath(echo), path], { stdio: "inherit" });
    const { value } = (await listener.next()) as { value: Connection };
    expect(value.peer?.pid).toBe(child.pid);
    const port = new PortalPort(value.portal);
    port.postMessage("hello");
    expect(await nextMessage(port)).toEqual({ echo: "hello", pid: child.pid });
    const ended = once(child, "close");
    port.close();
    await ended;
    node.close();
    expect(await settle(before, openDescriptors)).toEqual([]);
  });
});
