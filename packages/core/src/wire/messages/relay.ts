/**
 * Relays, ids 66-67: a message whose driver objects cannot travel on its own link goes through a broker
 * (spec: wire 1.10).
 */
import type { MessageSchema } from "../schema.ts";

/** A node asks a broker to pass a message on. */
export const RelayMessage = {
  id: 66,
  v0: [
    ["destination", "nodeName", "the node the message is for"],
    ["data", "array(u8)", "the message: header with sequence number 0, struct and arrays"],
    ["padding", "zero(4)", "nothing"],
    ["driverObjects", "objectRange", "its driver objects, numbered as the message numbers them"],
  ],
} as const;
RelayMessage satisfies MessageSchema;

/** A broker passes a message on. */
export const AcceptRelayedMessage = {
  id: 67,
  v0: [
    ["source", "nodeName", "the node the message is from"],
    ["data", "array(u8)", "the message, as I got it"],
    ["padding", "zero(4)", "nothing"],
    ["driverObjects", "objectRange", "its driver objects, in the order I got them"],
  ],
} as const;
AcceptRelayedMessage satisfies MessageSchema;
