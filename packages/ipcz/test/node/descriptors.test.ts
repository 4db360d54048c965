import { once } from "node:events";
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memDriver } from "@ipcz/driver-mem";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Box, type IpczError, Node, type Parcel } from "../../src/index.ts";
import { expectNothingLeftOver } from "../support/leftovers.ts";
import { systemDriver } from "../support/system-driver.ts";

expectNothingLeftOver();

const echo = new URL("../fixtures/echo.mjs", import.meta.url);
let folder = "";
let file = -1;
let node: Node;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ipcz-"));
  file = openSync(join(folder, "file"), "w+");
  writeSync(file, "what is in it");
  node = new Node({ driver: systemDriver({ descriptors: true }) });
});

afterEach(() => {
  node.close();
  closeSync(file);
  rmSync(folder, { recursive: true });
});

function only(parcel: Parcel | null): Box {
  const [box] = parcel?.boxes ?? [];
  if (!box) throw new Error("no box came");
  return box;
}

/** Opens a box with a descriptor, reads from it, and closes it. */
function readAll(box: Box): string {
  expect(box.type).toBe("descriptor");
  const contents = box.open();
  if (contents.type !== "descriptor") throw new Error(`a ${contents.type} came`);
  expect(contents.descriptor).not.toBe(file);
  const bytes = Buffer.alloc(100);
  const count = readSync(contents.descriptor, bytes, 0, 100, 0);
  closeSync(contents.descriptor);
  return bytes.toString("utf8", 0, count);
}

describe("a boxed descriptor", () => {
  it("comes back from another process as one for the same file", async () => {
    const child = await node.fork(echo, [], { execArgv: [] });
    child.portal.put({ bytes: "a file", handles: [node.boxDescriptor(file)] });
    const parcel = await child.portal.receive();
    expect(parcel?.text()).toBe(`a file ${child.process.pid}`);
    expect(readAll(only(parcel))).toBe("what is in it");
    child.portal.close();
    await once(child.process, "exit");
  });

  it("works within a process, and takes whatever has a descriptor", async () => {
    const [a, b] = node.openPortals();
    const handle = await open(join(folder, "file"));
    a.put({ handles: [node.boxDescriptor(handle)] });
    await handle.close();
    expect(readAll(only(b.get()))).toBe("what is in it");
    a.close();
    b.close();
  });

  it("is closed with its box, and never the original", () => {
    node.boxDescriptor(file).close();
    expect(fstatSync(file).size).toBe(13);
    const [a, b] = node.openPortals();
    a.put({ handles: [node.boxDescriptor(file)] });
    a.close();
    b.close();
  });

  it("is refused where there is none, or a driver that has none", () => {
    expect(() => node.boxDescriptor(1_000_000)).toThrow("EBADF");
    const elsewhere = new Node({ driver: memDriver() });
    expect(() => elsewhere.boxDescriptor(file)).toThrow(
      expect.objectContaining({ code: "ERR_IPCZ_UNSUPPORTED" }) as IpczError,
    );
    elsewhere.close();
    node.close();
    expect(() => node.boxDescriptor(file)).toThrow(
      expect.objectContaining({ code: "ERR_IPCZ_CLOSED" }) as IpczError,
    );
  });
});
