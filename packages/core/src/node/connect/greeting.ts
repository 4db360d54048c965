/**
 * The first message on a transport, sent while there is no link: it carries sequence number 0 and uses up none
 * (spec: wire 1.6).
 */
import { IPCZ_RESULT_OK } from "@ipcz/api";
import type { DriverObject } from "../../driver/driver-object.ts";
import type { DriverTransport } from "../../driver/driver-transport.ts";
import { packMessage } from "../../links/message-objects.ts";
import { encodeMessage } from "../../wire/encode.ts";
import type { MessageOf, MessageSchema } from "../../wire/schema.ts";

/** Takes `objects`. False: the driver refuses them, or the message. */
export function sendGreeting<S extends MessageSchema>(
  transport: DriverTransport,
  schema: S,
  values: MessageOf<S>,
  objects: readonly DriverObject[],
): boolean {
  const packed = packMessage(encodeMessage(schema, values), objects, transport.handle);
  if (!packed) return false;
  const { bytes, handles } = packed;
  return transport.transmit(bytes, bytes.length, handles) === IPCZ_RESULT_OK;
}
