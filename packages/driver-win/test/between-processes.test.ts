/**
 * Objects between processes: who moves handles, whose process they end up in, and that none is left over.
 */
import {
  IPCZ_RESULT_ABORTED,
  IPCZ_RESULT_NOT_FOUND,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_PERMISSION_DENIED,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
} from "@ipcz/api";
import { describe, expect, it } from "vitest";
import { winErrors } from "../src/os-error.ts";
import {
  broker,
  carry,
  listen,
  memory,
  none,
  pack,
  pair,
  send,
  sendObject,
  settle,
  startChild,
  unpack,
  view,
  type Seat,
  type StartedChild,
} from "./support/network.ts";

/** A message that is one object and nothing else. */
const wholeMessage = ({ length }: Uint8Array) => [{ start: 0, end: length }];

describe("a broker and a process it has started", () => {
  it("the child finds its end by the last argument, once, and whom it leads to", () => {
    const parent = broker();
    const { child, toChild, toParent } = startChild(parent);
    expect(child.process.commandLine).toEqual(["child.exe", "--quiet"]);
    expect(() => child.driver.inheritedTransport()).toThrow(/--mojo-platform-channel-handle=/);
    expect(parent.driver.peerCredentials(toChild)).toEqual({
      pid: child.process.pid,
      uid: null,
      gid: null,
    });
    expect(child.driver.peerCredentials(toParent).pid).toBe(parent.process.pid);
  });

  it("the end that the child was given is not in the parent, nor in the next child", () => {
    const parent = broker();
    const { child, toChild } = startChild(parent);
    // The pipe, and the process.
    expect([parent.process.handleCount, child.process.handleCount]).toEqual([2, 1]);
    expect(startChild(parent).child.process.handleCount).toBe(1);
    parent.driver.Close(toChild, 0, null);
    expect(parent.process.handleCount).toBe(2);
  });

  it("memory goes down as a handle of the child's, and up as one that the broker fetches", async () => {
    const parent = broker();
    const { child, toChild, toParent } = startChild(parent);
    const atChild = listen(child, toParent);
    const atParent = listen(parent, toChild);
    const [before, childBefore] = [parent.process.handleCount, child.process.handleCount];
    const arrived = await carry(parent, memory(parent, 8), toChild, child, toParent, atChild);
    expect(arrived && view(child, arrived)[0]).toBe(8);
    expect([parent.process.handleCount, child.process.handleCount]).toEqual([
      before,
      childBefore + 1,
    ]);
    const back = await carry(child, arrived ?? none, toParent, parent, toChild, atParent);
    expect(back && view(parent, back)[0]).toBe(8);
    expect([parent.process.handleCount, child.process.handleCount]).toEqual([
      before + 1,
      childBefore,
    ]);
  });

  it("a message that never leaves takes its handles with it, in both directions", async () => {
    const parent = broker();
    const { child, toChild, toParent } = startChild(parent);
    const counts = (): number[] => [parent.process.handleCount, child.process.handleCount];
    const before = counts();
    pack(parent, memory(parent), toChild);
    pack(child, memory(child), toParent);
    expect(counts()).toEqual([before[0], (before[1] ?? 0) + 2]);
    parent.driver.DeactivateTransport(toChild, 0, null);
    child.driver.DeactivateTransport(toParent, 0, null);
    expect(counts()).toEqual(before);
    const bytes = pack(parent, memory(parent), toChild);
    expect(typeof bytes === "object" && send(parent, toChild, bytes)).toBe(IPCZ_RESULT_OK);
    expect(counts()).toEqual(before);
    await settle();
  });

  it("a message to a process that has just closed its end takes its handles with it", async () => {
    const parent = broker();
    const { child, toChild, toParent } = startChild(parent);
    listen(parent, toChild);
    await settle();
    child.driver.Close(toParent, 0, null);
    const counts = (): number[] => [parent.process.handleCount, child.process.handleCount];
    const before = counts();
    // It has not been heard of yet.
    sendObject(parent, memory(parent), toChild);
    await settle();
    expect(counts()).toEqual(before);
  });

  it("a message to a process that closes its end at that very moment does, too", async () => {
    const parent = broker();
    const { child, toChild, toParent } = startChild(parent);
    listen(parent, toChild);
    await settle();
    let isThere = true;
    parent.process.isConnected = () => {
      if (isThere) child.driver.Close(toParent, 0, null);
      isThere = false;
      return true;
    };
    sendObject(parent, memory(parent), toChild);
    const before = child.process.handleCount;
    await settle();
    expect(isThere).toBe(false);
    // Neither the end nor the memory.
    expect(child.process.handleCount).toBe(before - 2);
  });

  it.each(["has not been looked at", "comes with the message that ends the reading"])(
    "a handle whose message %s is closed with the transport",
    async (when) => {
      const parent = broker();
      const { child, toChild, toParent } = startChild(parent);
      const before = [parent.process.handleCount, child.process.handleCount];
      const end = (): void => {
        child.driver.Close(toParent, 0, null);
      };
      const isFirst = when.startsWith("comes");
      listen(child, toParent, { onMessage: isFirst ? end : () => {}, objectsIn: wholeMessage });
      if (isFirst) send(parent, toChild, new Uint8Array(5));
      sendObject(parent, memory(parent), toChild);
      expect(child.process.handleCount).toBe((before[1] ?? 0) + 1);
      if (!isFirst) end();
      await settle();
      expect([parent.process.handleCount, child.process.handleCount]).toEqual([
        before[0],
        (before[1] ?? 0) - 1,
      ]);
    },
  );

  it("a handle whose message nobody reads is taken from the process that sent it", async () => {
    const parent = broker();
    const { child, toChild, toParent } = startChild(parent);
    listen(parent, toChild, { objectsIn: wholeMessage });
    sendObject(child, memory(child), toParent);
    expect(child.process.handleCount).toBe(2);
    parent.driver.Close(toChild, 0, null);
    await settle();
    expect(child.process.handleCount).toBe(1);
  });

  it("what waits behind a peer that does not read is ended with the transport", async () => {
    const parent = broker();
    const { child, toChild } = startChild(parent);
    const childBefore = child.process.handleCount;
    send(parent, toChild, new Uint8Array(1_000_000));
    await settle();
    sendObject(parent, memory(parent), toChild);
    await settle();
    expect(child.process.handleCount).toBe(childBefore + 1);
    parent.driver.dispose();
    await settle();
    expect([parent.process.handleCount, child.process.handleCount]).toEqual([0, childBefore]);
  });

  it("nothing can be serialized for a process that is gone, and the object stays", async () => {
    const parent = broker();
    const { child, toChild } = startChild(parent);
    const heard = listen(parent, toChild);
    parent.machine.kill(child.process);
    const kept = memory(parent, 5);
    const before = parent.process.handleCount;
    expect(pack(parent, kept, toChild)).toBe(IPCZ_RESULT_NOT_FOUND);
    expect([view(parent, kept)[0], parent.process.handleCount]).toEqual([5, before]);
    await settle();
    expect(heard.flags.length).toBe(1);
  });

  it("a pair made in one process works across two when one end has left", async () => {
    const parent = broker();
    const { child, toChild, toParent } = startChild(parent);
    const atChild = listen(child, toParent);
    const [stays, goes] = pair(parent);
    const arrived = await carry(parent, goes, toChild, child, toParent, atChild);
    const atArrived = listen(child, arrived ?? none);
    const got = await carry(parent, memory(parent, 6), stays, child, arrived ?? none, atArrived);
    expect(got && view(child, got)[0]).toBe(6);
    const atStays = listen(parent, stays);
    const back = await carry(child, got ?? none, arrived ?? none, parent, stays, atStays);
    expect(back && view(parent, back)[0]).toBe(6);
  });

  it("says what is missing when the system has no handles left", () => {
    const parent = broker();
    const { toChild } = startChild(parent);
    const kept = memory(parent);
    parent.process.failures.set("createPipe", -winErrors.ERROR_NO_SYSTEM_RESOURCES);
    parent.process.failures.set("duplicateHandle", -winErrors.ERROR_NO_SYSTEM_RESOURCES);
    const cell = { value: none };
    expect([
      parent.driver.CreateTransports(none, none, 0, null, cell, cell),
      parent.driver.DuplicateSharedMemory(kept, 0, null, cell),
    ]).toEqual([IPCZ_RESULT_RESOURCE_EXHAUSTED, IPCZ_RESULT_RESOURCE_EXHAUSTED]);
    expect(pack(parent, kept, none)).toBe(IPCZ_RESULT_ABORTED);
    expect(() => parent.driver.spawnWithTransport("child.exe")).toThrow(
      /ERROR_NO_SYSTEM_RESOURCES/,
    );
    expect(pack(parent, kept, toChild)).toBeInstanceOf(Uint8Array);
  });
});

/** A broker introduces two processes that it has started to each other: their ends of the new line. */
async function introduce(parent: Seat, first: StartedChild, second: StartedChild) {
  const [forFirst, forSecond] = pair(parent, first.toChild, second.toChild);
  const atFirst = listen(first.child, first.toParent);
  const atSecond = listen(second.child, second.toParent);
  const ends = [
    await carry(parent, forFirst, first.toChild, first.child, first.toParent, atFirst),
    await carry(parent, forSecond, second.toChild, second.child, second.toParent, atSecond),
  ];
  return { ends: ends.map((end) => end ?? none), atSecond };
}

describe("two processes that a broker has introduced", () => {
  async function introduced() {
    const parent = broker();
    const [first, second] = [startChild(parent), startChild(parent)];
    return { parent, first, second, ...(await introduce(parent, first, second)) };
  }

  it("have a line to each other", async () => {
    const { first, second, ends } = await introduced();
    const heard = listen(second.child, ends[1] ?? none);
    send(first.child, ends[0] ?? none, new Uint8Array([1, 2, 3]));
    await settle();
    expect(heard.messages).toEqual([new Uint8Array([1, 2, 3])]);
  });

  it("cannot send each other objects, which go by way of the broker", async () => {
    const { parent, first, second, ends, atSecond } = await introduced();
    const object = memory(first.child, 9);
    expect(pack(first.child, object, ends[0] ?? none)).toBe(IPCZ_RESULT_PERMISSION_DENIED);
    const atParent = listen(parent, first.toChild);
    const relayed = await carry(
      first.child,
      object,
      first.toParent,
      parent,
      first.toChild,
      atParent,
    );
    const arrived = await carry(
      parent,
      relayed ?? none,
      second.toChild,
      second.child,
      second.toParent,
      atSecond,
    );
    expect(arrived && view(second.child, arrived)[0]).toBe(9);
  });

  it("have no handle of each other, nor has anybody one too many", async () => {
    const { parent, first, second } = await introduced();
    // The broker: two pipes, two processes. The others: one pipe to it, and one to each other.
    expect([parent, first.child, second.child].map(({ process }) => process.handleCount)).toEqual([
      4, 2, 2,
    ]);
  });
});

describe("a broker that was introduced to a process of another network", () => {
  async function introduced(destination: "broker" | "non-broker") {
    const parent = broker();
    const other = startChild(parent, { destination });
    const member = startChild(parent);
    const { ends } = await introduce(parent, other, member);
    return { other, member, toMember: ends[0] ?? none, toOther: ends[1] ?? none };
  }

  it("introduces it to its own", async () => {
    const { other, member, toMember, toOther } = await introduced("broker");
    const own = startChild(other.child);
    const [forOwn, forMember] = pair(other.child, own.toChild, toMember);
    const atOwn = listen(own.child, own.toParent);
    const end = await carry(other.child, forOwn, own.toChild, own.child, own.toParent, atOwn);
    const atMember = listen(member.child, toOther);
    const far = await carry(other.child, forMember, toMember, member.child, toOther, atMember);
    const heard = listen(member.child, far ?? none);
    send(own.child, end ?? none, new Uint8Array([4, 5]));
    await settle();
    expect(heard.messages).toEqual([new Uint8Array([4, 5])]);
  });

  it("cannot, if whoever introduced it took it for a member", async () => {
    const { other, toMember } = await introduced("non-broker");
    expect(pack(other.child, memory(other.child), toMember)).toBe(IPCZ_RESULT_PERMISSION_DENIED);
  });
});

describe("a process that has started another brings it to the broker", () => {
  it("with a handle of it, so that the broker can send it objects", async () => {
    const parent = broker();
    const { child, toChild, toParent } = startChild(parent);
    const { child: guest, toChild: toGuest, toParent: toStarter } = startChild(child);
    const atParent = listen(parent, toChild);
    const referred = await carry(child, toGuest, toParent, parent, toChild, atParent);
    expect(parent.driver.peerCredentials(referred ?? none).pid).toBe(guest.process.pid);
    const atGuest = listen(guest, toStarter);
    const got = await carry(parent, memory(parent, 4), referred ?? none, guest, toStarter, atGuest);
    expect(got && view(guest, got)[0]).toBe(4);
    const atReferred = listen(parent, referred ?? none);
    const back = await carry(guest, got ?? none, toStarter, parent, referred ?? none, atReferred);
    expect(back && view(parent, back)[0]).toBe(4);
  });
});

describe("within one process", () => {
  it("nothing is claimed twice, and nothing that was not sent", async () => {
    const parent = broker();
    const [a, b] = pair(parent);
    const atB = listen(parent, b);
    sendObject(parent, memory(parent, 3), a);
    await settle();
    const [bytes] = atB.messages;
    expect(unpack(parent, bytes, b)).not.toBeNull();
    expect(unpack(parent, bytes, b)).toBeNull();
  });
});
