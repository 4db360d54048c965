/**
 * A node in a process of its own that dies at a given step: before or after its n-th message sent or received.
 *
 * Arguments: role, "sent" or "received", the number. It answers each parcel, sends portals back, and ends when its
 * portals are dead.
 */
import process from "node:process";
import {
  IPCZ_CONNECT_NODE_INHERIT_BROKER,
  IPCZ_CONNECT_NODE_TO_BROKER,
  IPCZ_CREATE_NODE_AS_BROKER,
  IPCZ_RESULT_NOT_FOUND,
  type IpczDriver,
} from "@ipcz/api";
import { posixDriver, type PosixDriver } from "@ipcz/driver-posix";
import { close, connect, createNode, get, openPortals, put } from "./calls.ts";

const [, , role = "", direction = "", step = "0"] = process.argv;

function die(): void {
  process.kill(process.pid, "SIGKILL");
}

/** Counts messages, and dies at the one that was asked for. */
function counting(driver: PosixDriver): IpczDriver {
  let sent = 0;
  let received = 0;
  const last = Number(step);
  return {
    ...driver,
    Transmit(...parameters) {
      const result = driver.Transmit(...parameters);
      sent++;
      if (direction === "sent" && sent === last) die();
      return result;
    },
    ActivateTransport(transport, listener, handler, flags, options) {
      return driver.ActivateTransport(
        transport,
        listener,
        (...parameters) => {
          received++;
          if (direction === "received" && received === last) die();
          return handler(...parameters);
        },
        flags,
        options,
      );
    },
  };
}

const posix = posixDriver();
const isBroker = role === "broker" || role === "other broker";
const node = createNode(counting(posix), isBroker ? IPCZ_CREATE_NODE_AS_BROKER : 0);
const FLAGS: Readonly<Record<string, number>> = {
  member: IPCZ_CONNECT_NODE_TO_BROKER,
  broker: 0,
  "other broker": IPCZ_CONNECT_NODE_TO_BROKER,
  newcomer: IPCZ_CONNECT_NODE_INHERIT_BROKER,
};
const [portal] = connect(node, posix.inheritedTransport(), 2, FLAGS[role] ?? 0);

function serve(): void {
  if (portal === undefined) process.exit(1);
  for (let got = get(portal); ; got = get(portal)) {
    if (got.result === IPCZ_RESULT_NOT_FOUND) process.exit(0);
    if (got.result !== 0) break;
    for (const handle of got.handles) {
      put(handle, new Uint8Array(7));
      close(handle);
    }
    const [kept, given] = openPortals(node);
    put(kept, new Uint8Array(9));
    if (put(portal, new Uint8Array(300), [given]) !== 0) close(given);
    close(kept);
  }
  setImmediate(serve);
}

serve();
