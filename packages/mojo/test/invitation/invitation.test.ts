import { IPCZ_INVALID_DRIVER_HANDLE } from "@ipcz/api";
import { describe, expect, test } from "vitest";
import { attachmentIndex, attachmentsMax, invite, join } from "../../src/index.ts";
import { newNode, nothingLeft, transportsBetween } from "../support/pair.ts";

describe("names of attachments", () => {
  test.each([
    [0, 0],
    [6, 6],
    [7, 0],
    [5n, 5],
    [-1, 0],
    [Uint8Array.of(3, 0, 0, 0), 3],
    [Uint8Array.of(4, 0, 0, 0, 0, 0, 0, 0), 4],
    [Uint8Array.of(3, 0, 0, 1), 0],
    [Uint8Array.of(3), 0],
    ["mojo", 0],
    ["a name of any length", 0],
  ])("%s is number %i", (name, index) => {
    expect(attachmentIndex(name)).toBe(index);
  });
});

describe("an invitation", () => {
  test("joins two processes' nodes by as many attachments as it has", async () => {
    const broker = newNode();
    const member = newNode({ broker: false });
    const [ours, theirs] = transportsBetween(broker, member);
    const invitation = invite(broker.node, ours, { attachments: 3 });
    const joined = join(member.node, theirs);
    for (const index of [0, 1, 2]) {
      const sending = invitation.attachment(index);
      sending.put(`to ${index}`);
      const receiving = joined.attachment(index);
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect((await receiving.receive())?.text()).toBe(`to ${index}`);
      sending.close();
      receiving.close();
    }
    // Of those that the inviter does not have, the end is seen.
    const surplus = joined.attachment(3);
    expect(await surplus.receive()).toBeNull();
    surplus.close();
    joined.close();
    invitation.close();
    await nothingLeft();
  });

  test("gives each attachment once, and no others", async () => {
    const broker = newNode();
    const member = newNode({ broker: false });
    const [ours, theirs] = transportsBetween(broker, member);
    const invitation = invite(broker.node, ours, { attachments: 2 });
    const joined = join(member.node, theirs);
    const taken = [invitation.attachment(1), joined.attachment(6)];
    expect(() => invitation.attachment(1)).toThrow("was taken");
    expect(() => invitation.attachment(2)).toThrow("does not exist");
    expect(() => joined.attachment(6)).toThrow("was taken");
    for (const each of [...taken, joined, invitation]) each.close();
    await nothingLeft();
  });

  test.each([0, 8, 1.5])("does not have %d attachments", (attachments) => {
    const { node } = newNode();
    expect(() => invite(node, IPCZ_INVALID_DRIVER_HANDLE, { attachments })).toThrow(
      `1 to ${attachmentsMax}`,
    );
  });

  test("through a node that is no broker brings a process into its network", async () => {
    const broker = newNode();
    const referrer = newNode({ broker: false });
    const newcomer = newNode({ broker: false });
    const [a, b] = transportsBetween(broker, referrer);
    const first = invite(broker.node, a);
    const own = join(referrer.node, b);
    const [c, d] = transportsBetween(referrer, newcomer);
    const second = invite(referrer.node, c, { attachments: 1, shareBroker: true });
    const joined = join(newcomer.node, d, { inheritBroker: true });
    const portals = [second.attachment(0), joined.attachment(0)] as const;
    portals[0].put("hello");
    expect((await portals[1].receive())?.text()).toBe("hello");
    for (const each of [...portals, joined, second, own, first]) each.close();
    await nothingLeft();
  });

  test("that is not accepted ends when the other process does", async () => {
    const broker = newNode();
    const member = newNode({ broker: false });
    const [ours, theirs] = transportsBetween(broker, member);
    const invitation = invite(broker.node, ours);
    const portal = invitation.attachment(0);
    member.driver.Close(theirs, 0, null);
    expect(await portal.receive()).toBeNull();
    invitation.close();
    portal.close();
    await nothingLeft();
  });
});
