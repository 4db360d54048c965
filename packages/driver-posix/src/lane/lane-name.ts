/**
 * How the two ends of a connection find out that both have lanes: by the names of their sockets.
 *
 * A transport that is activated gives its socket a name, which the peer can read and nobody else has a use for. It
 * says: this end is in use by a driver that understands lanes in this format. Not a byte is sent for it, the name
 * belongs to the process that reads the messages, whoever made the pair and wherever its ends travelled, and sockets of
 * other implementations have none.
 */
import { randomBytes } from "node:crypto";
import type { WireCodec } from "../codec.ts";
import type { Descriptor } from "../fd.ts";
import type { System } from "../system.ts";

/** Rises when frames in rings, offers or their words change. */
const version = 1;

function prefixOf(codec: WireCodec): string {
  return `ipcz-lane/${version}/${codec.name}/`;
}

/** Names the socket; true when the peer can see it. A socket that has a name keeps it. */
export function announceLanes(system: System, codec: WireCodec, socket: Descriptor): boolean {
  const name = `${prefixOf(codec)}${randomBytes(16).toString("hex")}`;
  const { lanes } = system.platform;
  return lanes !== null && lanes.nameSocket(socket.number, name) >= 0;
}

/** Whether the peer has announced lanes like ours. */
export function peerHasLanes(system: System, codec: WireCodec, socket: Descriptor): boolean {
  const name = system.platform.lanes?.peerName(socket.number) ?? null;
  return name?.startsWith(prefixOf(codec)) === true;
}
