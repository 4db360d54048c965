/**
 * Each received message to its router, or to the node: decoded and validated first, answered with a verdict
 * (spec: wire 1.7, 1.8, 2; routing appendix B).
 *
 * Unknown message ids are ignored. Messages for unknown sublinks are normal while routes end or get shorter, and are
 * ignored too; parcels go their own way in assemble-parcel.ts.
 */
import type { IpczDriver, IpczDriverHandle } from "@ipcz/api";
import type { Verdict } from "../base/verdict.ts";
import { DriverMemory } from "../driver/driver-memory.ts";
import type { ObjectBag } from "../driver/object-bag.ts";
import { decodeParams } from "../wire/decode.ts";
import { decodeHeader } from "../wire/header.ts";
import { messageById } from "../wire/messages.ts";
import { AddBlockBuffer } from "../wire/messages/memory.ts";
import { AcceptParcel, AcceptParcelDriverObjects } from "../wire/messages/parcel.ts";
import type { ParcelAssembly } from "./assemble-parcel.ts";
import type { NodePeer, RouterArrivals } from "./contract.ts";
import { dispatchToNode } from "./dispatch-node.ts";
import { dispatchToRouter } from "./dispatch-route.ts";
import { type ReceivedMessage, unpackMessage } from "./message-objects.ts";
import type { NodeInbox } from "./node-inbox.ts";
import { receiveParcel } from "./receive-parcel.ts";
import { receivePlainParcel } from "./receive-plain-parcel.ts";

/** The connection that received the message, as far as dispatching needs it. */
export interface Receiver extends NodePeer {
  readonly driver: IpczDriver;
  readonly transportHandle: IpczDriverHandle;
  readonly inbox: NodeInbox;
  readonly arrivals: RouterArrivals;
  readonly assembly: ParcelAssembly;
}

/** Takes the handles of `handles`. */
export function dispatch(
  receiver: Receiver,
  bytes: Uint8Array,
  numBytes: number,
  handles: readonly IpczDriverHandle[],
): Verdict {
  if (handles.length === 0 && receivePlainParcel(receiver, bytes, 0, numBytes)) return "accept";
  const { driver, transportHandle } = receiver;
  const received = unpackMessage(driver, transportHandle, bytes, numBytes, handles);
  if (!received) return "reject";
  const verdict = dispatchMessage(receiver, received);
  received.objects.closeRest();
  return verdict;
}

/** The messages that may be relayed; others are ignored (spec: wire 1.10). */
export function dispatchRelayed(
  receiver: Receiver,
  bytes: Uint8Array,
  objects: ObjectBag,
): Verdict {
  const header = decodeHeader(bytes, bytes.length);
  if (!header) return "reject";
  const received: ReceivedMessage = { header, bytes, numBytes: bytes.length, objects };
  switch (header.messageId) {
    case AcceptParcelDriverObjects.id:
      return acceptParcelDriverObjects(receiver, received);
    case AddBlockBuffer.id:
      return addBlockBuffer(receiver, received);
    default:
      return "ignore";
  }
}

function dispatchMessage(receiver: Receiver, received: ReceivedMessage): Verdict {
  const { header } = received;
  const id = header.messageId;
  if (id === AcceptParcel.id) return acceptParcel(receiver, received);
  if (id === AcceptParcelDriverObjects.id) return acceptParcelDriverObjects(receiver, received);
  if (id === AddBlockBuffer.id) return addBlockBuffer(receiver, received);
  const message = messageById(id);
  if (!message) return "ignore";
  return dispatchToRouter(receiver, received) ?? dispatchToNode(receiver, received) ?? "reject";
}

function acceptParcel(receiver: Receiver, received: ReceivedMessage): Verdict {
  const { header, bytes, numBytes, objects } = received;
  const message = decodeParams(AcceptParcel, bytes, numBytes, header.size, objects.count);
  const part = message && receiveParcel(receiver, receiver.arrivals, message, objects);
  return part ? receiver.assembly.acceptPart(part) : "reject";
}

function acceptParcelDriverObjects(receiver: Receiver, received: ReceivedMessage): Verdict {
  const { header, bytes, numBytes, objects } = received;
  const schema = AcceptParcelDriverObjects;
  const message = decodeParams(schema, bytes, numBytes, header.size, objects.count);
  if (!message) return "reject";
  const { sublink, sequenceNumber, driverObjects } = message;
  const taken = objects.takeClaimed(driverObjects);
  return receiver.assembly.acceptObjects(sublink, sequenceNumber, taken);
}

function addBlockBuffer(receiver: Receiver, received: ReceivedMessage): Verdict {
  const { header, bytes, numBytes, objects } = received;
  const message = decodeParams(AddBlockBuffer, bytes, numBytes, header.size, objects.count);
  if (!message || message.buffer === null) return "reject";
  const object = objects.take(message.buffer);
  const memory = object && DriverMemory.adopt(object);
  if (!memory) return "reject";
  return receiver.memory.addBlockBuffer(message.id, message.blockSize, memory)
    ? "accept"
    : "reject";
}
