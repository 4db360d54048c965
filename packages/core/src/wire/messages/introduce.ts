/**
 * Introductions, ids 10-13: a broker gives two nodes a link of their own (spec: wire 2.1 and 3.6).
 */
import type { MessageSchema } from "../schema.ts";

/** A node asks a broker for a link to another node. */
export const RequestIntroduction = {
  id: 10,
  v0: [["name", "nodeName", "the node I want a link to"]],
} as const;
RequestIntroduction satisfies MessageSchema;

/** A broker hands one end of a new link to each of two nodes; also without being asked. */
export const AcceptIntroduction = {
  id: 11,
  v0: [
    ["name", "nodeName", "the node at the other end"],
    ["linkSide", "linkSide", "the side of the link that you are"],
    ["remoteNodeType", "nodeType", "what the other node is"],
    ["padding", "zero(2)", "nothing"],
    ["remoteProtocolVersion", "u32", "the newest protocol the other node speaks"],
    ["transport", "objectIndex", "your end of the transport"],
    ["memory", "objectIndex", "the primary buffer of the new link, initialised"],
  ],
  v1: [["remoteFeatures", "array(featureWord)", "what the other node can do"]],
} as const;
AcceptIntroduction satisfies MessageSchema;

/** A broker cannot introduce the node that was asked for. */
export const RejectIntroduction = {
  id: 12,
  v0: [["name", "nodeName", "the node you asked for"]],
} as const;
RejectIntroduction satisfies MessageSchema;

/** A broker asks another broker to introduce a node of its network to one of mine. */
export const RequestIndirectIntroduction = {
  id: 13,
  v0: [
    ["sourceNode", "nodeName", "the node of my network that asked"],
    ["targetNode", "nodeName", "the node of your network that it asked for"],
  ],
} as const;
RequestIndirectIntroduction satisfies MessageSchema;
