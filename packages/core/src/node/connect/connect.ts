/**
 * Which handshake a ConnectNode asks for: one table over node type and flags (spec: api 4.1).
 */
import {
  IPCZ_CONNECT_NODE_INHERIT_BROKER as INHERIT_BROKER,
  IPCZ_CONNECT_NODE_SHARE_BROKER as SHARE_BROKER,
  IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE as TO_ALLOCATION_DELEGATE,
  IPCZ_CONNECT_NODE_TO_BROKER as TO_BROKER,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  type IpczResult,
} from "@ipcz/api";
import { DriverTransport } from "../../driver/driver-transport.ts";
import type { DriverObject } from "../../driver/driver-object.ts";
import type { NodeServices } from "../services.ts";
import { connectBrokers } from "./broker-to-broker.ts";
import { connectToNonBroker } from "./broker-to-nonbroker.ts";
import type { InitialPortals } from "./initial-portals.ts";
import { connectToBroker } from "./nonbroker-to-broker.ts";
import { inheritBroker } from "./referred.ts";
import type { Referrals } from "./referrer.ts";

type Role = "welcome" | "join" | "merge" | "refer" | "inherit";

const BROKER_ROLES: ReadonlyMap<number, Role> = new Map([
  [0, "welcome"],
  [TO_BROKER, "merge"],
]);

const NORMAL_ROLES: ReadonlyMap<number, Role> = new Map([
  [TO_BROKER, "join"],
  [SHARE_BROKER, "refer"],
  [INHERIT_BROKER, "inherit"],
]);

/** Takes `object`, a transport, and `portals`, whatever the result. */
export function connect(
  services: NodeServices,
  referrals: Referrals,
  object: DriverObject,
  portals: InitialPortals,
  flags: number,
): IpczResult {
  const roles = services.isBroker ? BROKER_ROLES : NORMAL_ROLES;
  const role = roles.get(flags & (TO_BROKER | SHARE_BROKER | INHERIT_BROKER));
  if (role === undefined) {
    object.close();
    portals.fail();
    return IPCZ_RESULT_INVALID_ARGUMENT;
  }
  if (role === "refer") {
    referrals.refer(object, portals);
    return IPCZ_RESULT_OK;
  }
  const transport = new DriverTransport(object, services.listeners);
  const toDelegate = (flags & TO_ALLOCATION_DELEGATE) !== 0;
  switch (role) {
    case "welcome":
      return connectToNonBroker(services, transport, portals);
    case "merge":
      return connectBrokers(services, transport, portals);
    case "join":
      return connectToBroker(services, transport, portals, toDelegate);
    case "inherit":
      return inheritBroker(services, transport, portals, toDelegate);
  }
}
