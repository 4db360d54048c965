/**
 * What a node can be in a handshake: its name for a test's title, whether the node is a broker, and the flags it
 * connects with.
 */
import {
  IPCZ_CONNECT_NODE_INHERIT_BROKER as INHERIT_BROKER,
  IPCZ_CONNECT_NODE_TO_BROKER as TO_BROKER,
} from "@ipcz/api";

export const roles: [string, boolean, number][] = [
  ["broker to non-broker", true, 0],
  ["broker to broker", true, TO_BROKER],
  ["non-broker to broker", false, TO_BROKER],
  ["referred", false, INHERIT_BROKER],
];
