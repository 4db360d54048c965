/**
 * Bytes that nobody honest writes, sent by a started process to its broker and the other way round: what is refused,
 * and that nothing of the receiver's is touched.
 */
import {
  type MemoryDescription,
  objectBytes,
  type ObjectDescription,
  writeObject,
  type InlineHandles,
} from "@ipcz/mojo-codec";
import { IPCZ_RESULT_PERMISSION_DENIED } from "@ipcz/api";
import { describe, expect, it } from "vitest";
import type { Handle } from "./support/fake-windows.ts";
import {
  broker,
  listen,
  memory,
  none,
  pack,
  pair,
  send,
  settle,
  startChild,
  unpack,
  view,
} from "./support/network.ts";

const guid = new Uint8Array(16).fill(7);
const described: MemoryDescription = { kind: "memory", numBytes: 4096, access: "unsafe", guid };
const transport: ObjectDescription = {
  kind: "transport",
  destination: "non-broker",
  isPeerTrusted: false,
  isTrustedByPeer: false,
  isSameRemoteProcess: false,
};

function forge(
  object: ObjectDescription,
  owner: InlineHandles["owner"],
  values: readonly (number | bigint)[],
): Uint8Array {
  const handles = { owner, values: values.map(BigInt) };
  const bytes = new Uint8Array(objectBytes(object, handles));
  writeObject(bytes, object, handles);
  return bytes;
}

/** A broker and a started process, which sends it what it likes. */
function stage() {
  const parent = broker();
  const { child, toChild, toParent } = startChild(parent);
  const counts = (): number[] => [parent.process.handleCount, child.process.handleCount];
  /** Opens something in the child, and says how the broker takes it. */
  const offer = (object: ObjectDescription, handle: number): unknown => {
    const before = parent.process.handleCount;
    const made = unpack(parent, forge(object, "sender", [handle]), toChild);
    if (made === null) expect(parent.process.handleCount).toBe(before);
    else parent.driver.Close(made, 0, null);
    expect(parent.process.handleCount).toBe(before);
    return made !== null;
  };
  return { parent, child, toChild, toParent, counts, offer };
}

function section(numBytes: number, isPlainMemory = true): Handle {
  return { kind: "section", bytes: new ArrayBuffer(numBytes), isPlainMemory };
}

describe("numbers from a process that is not trusted", () => {
  it("that claim to be the broker's own are refused, and what they name is left alone", () => {
    const { parent, toChild, counts } = stage();
    const kept = memory(parent, 3);
    const before = counts();
    for (let value = 4; value <= 64; value += 4)
      expect(unpack(parent, forge(described, "recipient", [value]), toChild)).toBeNull();
    expect([counts(), view(parent, kept)[0]]).toEqual([before, 3]);
  });

  it.each([
    ["nothing", 0n],
    ["this process", 0xffff_ffff_ffff_ffffn],
    ["this thread", 0xffff_ffff_ffff_fffen],
    ["a process token", 0xffff_fffcn],
    ["no multiple of four", 6n],
    ["more than a handle has bits", 0x1_0000_0004n],
    ["what nobody has", 4000n],
  ])("that stand for %s are refused", (_what, value) => {
    const { parent, toChild, counts } = stage();
    const before = counts();
    expect(unpack(parent, forge(described, "sender", [value]), toChild)).toBeNull();
    expect(counts()).toEqual(before);
  });

  it("that are too few, too many, or twice the same, move nothing", () => {
    const { parent, child, toChild, counts } = stage();
    const [one, two] = [child.process.open(section(4096)), child.process.open(section(4096))];
    const before = counts();
    for (const values of [[], [one, two], [one, two, one]])
      expect(unpack(parent, forge(described, "sender", values), toChild)).toBeNull();
    expect(unpack(parent, forge(transport, "sender", [one, one]), toChild)).toBeNull();
    expect(counts()).toEqual(before);
  });

  it("that are within the broker are not believed either, when made up", () => {
    const { parent } = stage();
    const [, b] = pair(parent);
    const kept = memory(parent, 3);
    const before = parent.process.handleCount;
    for (const owner of ["sender", "recipient"] as const)
      for (let value = 4; value <= 64; value += 4)
        expect(unpack(parent, forge(described, owner, [value]), b)).toBeNull();
    expect([parent.process.handleCount, view(parent, kept)[0]]).toEqual([before, 3]);
  });
});

describe("handles that are not what they are said to be", () => {
  it.each([
    ["a section that is large enough", described, section(4096), true, true],
    ["a section that is too small", { ...described, numBytes: 8193 }, section(8192), true, false],
    ["a section of a file", described, section(4096, false), true, false],
    ["a read-only section as a writable one", described, section(4096), false, false],
    [
      "a writable section as a read-only one",
      { ...described, access: "read-only" },
      section(4096),
      true,
      false,
    ],
    [
      "a read-only section as what it is",
      { ...described, access: "read-only" },
      section(4096),
      false,
      true,
    ],
    ["a file as memory", described, { kind: "file" }, true, false],
    ["a section as a transport", transport, section(4096), true, false],
    ["a file as a file", { kind: "platform-handle" }, { kind: "file" }, true, true],
  ] satisfies [string, ObjectDescription, Handle, boolean, boolean][])(
    "%s",
    (_what, object, handle, isWritable, isTaken) => {
      const { child, offer, counts } = stage();
      const before = counts();
      expect(offer(object, child.process.open(handle, isWritable))).toBe(isTaken);
      // It was fetched, and is closed in the sender whatever became of it.
      expect(counts()).toEqual(before);
    },
  );

  it("a transport with a process that is none", () => {
    const { parent, child, toChild, counts } = stage();
    const before = counts();
    const [end, other] = pair(child);
    const values = [child.driver.releaseHandle(end), child.process.open({ kind: "file" })];
    expect(unpack(parent, forge(transport, "sender", values), toChild)).toBeNull();
    child.driver.Close(other, 0, null);
    expect(parent.process.handleCount).toBe(before[0]);
  });
});

describe("claims of those who may not vouch", () => {
  it.each([
    ["to lead to a broker", { destination: "broker" }],
    ["to be trusted", { isPeerTrusted: true }],
  ] as const)("a transport that claims %s leads to a stranger", (_what, claim) => {
    const { parent, child, toChild } = stage();
    const [end] = pair(child);
    const bytes = forge({ ...transport, ...claim }, "sender", [child.driver.releaseHandle(end)]);
    const taken = unpack(parent, bytes, toChild) ?? none;
    expect(pack(parent, memory(parent), taken)).toBe(IPCZ_RESULT_PERMISSION_DENIED);
    const value = parent.process.open(section(4096));
    expect(unpack(parent, forge(described, "recipient", [value]), taken)).toBeNull();
    expect(parent.process.closeHandle(value)).toBe(0);
  });

  it("a broker's are believed", () => {
    const { parent, child, toParent } = stage();
    const [end] = pair(parent);
    const process = parent.process.openProcess(child.process.pid);
    const value = parent.process.giveHandle(parent.driver.handleOf(end), process);
    const trusted = { ...transport, isPeerTrusted: true };
    const taken = unpack(child, forge(trusted, "recipient", [value]), toParent) ?? none;
    const given = child.process.open(section(4096));
    expect(unpack(child, forge(described, "recipient", [given]), taken)).not.toBeNull();
  });
});

describe("frames that nobody honest sends", () => {
  it.each([
    ["a header shorter than the shortest", [4, 0, 0, 0, 24, 0, 0, 0]],
    ["a frame shorter than its header", [16, 0, 0, 0, 12, 0, 0, 0]],
    ["handles beside the message", [16, 0, 1, 0, 24, 0, 0, 0]],
    ["a frame longer than the bound", [16, 0, 0, 0, 255, 255, 255, 255]],
  ])("%s ends the link, and nothing else", async (_what, bytes) => {
    const { parent, child, toChild, toParent } = stage();
    const other = startChild(parent);
    const heard = listen(parent, toChild);
    const atOther = listen(parent, other.toChild);
    const raw = child.process.openStream(child.driver.releaseHandle(toParent), {
      data: () => undefined,
      end: () => undefined,
      broken: () => undefined,
    });
    if (typeof raw === "number") throw new Error("no stream");
    raw.write([new Uint8Array([...bytes, ...new Uint8Array(16)])], () => undefined);
    await settle();
    expect([heard.messages.length, heard.flags.length]).toEqual([0, 1]);
    send(other.child, other.toParent, new Uint8Array([5]));
    await settle();
    expect([atOther.messages.length, atOther.flags.length]).toEqual([1, 0]);
  });
});
