/**
 * What is counted, over two nodes of ours: the same driver as with Chromium.
 */
import { IPCZ_INVALID_DRIVER_HANDLE } from "@ipcz/api";
import { posixDriver } from "@ipcz/driver-posix";
import { invite, join, mojoNodeOver } from "@ipcz/mojo";
import { expect, it } from "vitest";
import { chromiumPage } from "../src/chromium-page.ts";
import { exchanged, progressLine } from "../src/ladder.ts";
import { connectMembers, type Member, transportsBetween } from "../src/members.ts";
import { Traffic } from "../src/traffic.ts";

async function exchange(memV2: boolean): Promise<{ traffic: Traffic; lines: string[] }> {
  const lines: string[] = [];
  const traffic = new Traffic((line) => lines.push(line));
  const [plain, other] = [posixDriver({ codec: "mojo" }), posixDriver({ codec: "mojo" })];
  const broker = mojoNodeOver(traffic.watch(plain), { memV2 });
  const member = mojoNodeOver(other, { broker: false, memV2 });
  const none = IPCZ_INVALID_DRIVER_HANDLE;
  const [first, second] = [{ value: none }, { value: none }];
  plain.CreateTransports(none, none, 0, null, first, second);
  const moved = other.transportFromDescriptor(plain.releaseDescriptor(second.value));
  const invitation = invite(broker, first.value);
  const joined = join(member, moved);
  const [here, there] = [invitation.attachment(0), joined.attachment(0)];
  there.put("hello");
  await here.receive();
  for (const text of ["x".repeat(3000), "x".repeat(100_000)]) {
    here.put(text);
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await there.receive();
  }
  for (const each of [here, there, invitation, joined, broker, member]) each.close();
  plain.dispose();
  other.dispose();
  return { traffic, lines };
}

it("counts messages by direction, and parcels by where their data is", async () => {
  const { traffic, lines } = await exchange(false);
  expect(traffic.count("sent", "ConnectFromBrokerToNonBroker")).toBe(1);
  expect(traffic.count("received", "ConnectFromNonBrokerToBroker")).toBe(1);
  expect(traffic.count("sent", "AcceptParcel")).toBe(2);
  expect(traffic.parcelsIn("sent", "fragment")).toBe(1);
  expect(traffic.parcelsIn("sent", "inline")).toBe(1);
  expect(lines[0]).toContain("> ConnectFromBrokerToNonBroker");
});

it.each([
  [false, ["0"]],
  [true, ["1"]],
])("knows what greetings announce (MEM_V2: %s)", async (memV2, words) => {
  const { traffic } = await exchange(memV2);
  expect(traffic.counts.features).toEqual({ sent: words, received: words });
});

it("does not count what nodes of ours say to each other", () => {
  const traffic = new Traffic();
  const drivers = [posixDriver({ codec: "mojo" }), posixDriver({ codec: "mojo" })] as const;
  const [broker, member] = drivers.map((plain, index) => {
    const driver = traffic.watch(plain);
    return { driver, node: mojoNodeOver(driver, { broker: index === 0 }) };
  }) as [Member, Member];
  connectMembers(traffic, broker, member);
  expect(traffic.messages.size).toBe(0);
  const [ours] = transportsBetween(broker, member);
  for (const portal of broker.node.connectTransport(ours)) portal.close();
  expect(traffic.count("sent", "ConnectFromBrokerToNonBroker")).toBe(1);
  for (const { node } of [broker, member]) node.close();
  for (const driver of drivers) driver.dispose();
});

it("adds up, and lists what was exchanged and what was not", async () => {
  const { traffic } = await exchange(false);
  const sum = new Traffic();
  sum.add(traffic.counts);
  sum.add(traffic.counts);
  expect(sum.count("sent", "AcceptParcel")).toBe(4);
  const messages = exchanged(sum.messages);
  expect(messages).toContainEqual([0, "ConnectFromBrokerToNonBroker", 2, 0]);
  const result = { name: "A1", about: "it holds", passed: 1, failures: [], note: "so" };
  const page = chromiumPage([{ ...result, durations: [1500] }], messages, "Chromium 1.");
  expect(page).toContain("| A1 | 1/1 | it holds | so | 1.5 s |");
  expect(page).toContain(`**${messages.length} of 28 messages**`);
  expect(page).toContain("RelayMessage (66)");
});

it("says of each run whether it held, whatever became of those before", () => {
  expect(progressLine("A4 2/20 9 ms", "a note", null)).toBe("ok   A4 2/20 9 ms a note");
  expect(progressLine("A4 3/20 9 ms", "", "Error: no")).toBe("FAIL A4 3/20 9 ms Error: no");
});
