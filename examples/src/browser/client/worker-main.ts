/** A worker of the page: takes its seat, and does what its role says. */
import { IPCZ_CONNECT_NODE_TO_BROKER, IPCZ_NO_FLAGS } from "@ipcz/api";
import type { Portal } from "../../support/portal.ts";
import { type Orders, PARCEL_COUNT, ThreadNode } from "./thread.ts";

addEventListener("message", ({ data }: MessageEvent<Orders>) => void obey(data), { once: true });

async function obey({ role, seat }: Orders): Promise<void> {
  const node = new ThreadNode(IPCZ_NO_FLAGS);
  const page = node.connect(node.driver.takeSeat(seat), IPCZ_CONNECT_NODE_TO_BROKER);
  const { portals } = await page.receiveText();
  if (role === "speaker") await speak(node, portals);
  else await hear(node, page, portals);
}

/** Passes the far end of the line on to the hearer, and then talks to it without anybody between. */
async function speak(node: ThreadNode, [toHearer, near, far]: readonly Portal[]): Promise<void> {
  if (!toHearer || !near || !far) throw new Error("the speaker needs three portals");
  toHearer.sendText("the far end of our line", [far]);
  await node.untilDirect(near);
  const bytes = new Uint8Array(4);
  const view = new DataView(bytes.buffer);
  for (let number = 0; number < PARCEL_COUNT; number++) {
    view.setUint32(0, number);
    near.send(bytes);
  }
}

/** Counts what comes, and tells the page when the line is closed. */
async function hear(
  node: ThreadNode,
  page: Portal,
  [fromSpeaker]: readonly Portal[],
): Promise<void> {
  if (!fromSpeaker) throw new Error("the hearer needs a portal");
  const {
    portals: [line],
  } = await fromSpeaker.receiveText();
  if (!line) throw new Error("the line has no far end");
  await node.untilDirect(line);
  page.sendText("my line to the speaker is direct");
  for (let number = 0; number < PARCEL_COUNT; number++) {
    const parcel = await line.receive();
    if (parcel === null) throw new Error(`the line ended before parcel ${String(number)}`);
    const { buffer, byteOffset } = parcel.bytes;
    const found = new DataView(buffer, byteOffset).getUint32(0);
    if (found !== number) throw new Error(`parcel ${String(found)} in place of ${String(number)}`);
  }
  page.sendText(`${String(PARCEL_COUNT)} parcels came in order`);
  await line.closed();
  await fromSpeaker.closed();
  page.sendText("the speaker is gone");
  for (const portal of [line, fromSpeaker, page]) portal.close();
  node.close();
}
