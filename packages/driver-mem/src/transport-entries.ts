/** The driver's entries about transports. */
import {
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_RESULT_UNAVAILABLE,
  type IpczDriver,
  type IpczDriverBacklog,
} from "@ipcz/api";
import type { MemObject } from "./objects.ts";
import { findTransport, takeObjects, type DriverParts } from "./parts.ts";
import type { TransportEnd } from "./transport-end.ts";

/** The entries made here. */
export type TransportEntries = Pick<
  IpczDriver,
  | "CreateTransports"
  | "ActivateTransport"
  | "DeactivateTransport"
  | "Transmit"
  | "ReportBadTransportActivity"
>;

function createTransports(driver: DriverParts): IpczDriver["CreateTransports"] {
  return (transport0, transport1, _flags, _options, newTransport0, newTransport1) => {
    if (driver.crashed) return IPCZ_RESULT_UNAVAILABLE;
    const context0 = findTransport(driver, transport0);
    const context1 = findTransport(driver, transport1);
    if (context0 === null && transport0 !== 0) return IPCZ_RESULT_INVALID_ARGUMENT;
    if (context1 === null && transport1 !== 0) return IPCZ_RESULT_INVALID_ARGUMENT;
    const refused = driver.world.faults.resultOf("CreateTransports", driver.name, transport0, 0);
    if (refused !== IPCZ_RESULT_OK) return refused;
    const ends = driver.connect(context0, context1);
    if (ends === null) return IPCZ_RESULT_RESOURCE_EXHAUSTED;
    newTransport0.value = ends[0].handle;
    newTransport1.value = ends[1].handle;
    return IPCZ_RESULT_OK;
  };
}

/** Neither end of a transport can arrive through the transport itself. */
function carriesItself(transport: TransportEnd, objects: readonly MemObject[]): boolean {
  for (const object of objects) if (transport.isEndOfThis(object)) return true;
  return false;
}

function transmit(driver: DriverParts): IpczDriver["Transmit"] {
  const { faults, host } = driver.world;
  return (transport, data, numBytes, driverHandles, numDriverHandles) => {
    const end = findTransport(driver, transport);
    let objects: MemObject[] | null = null;
    let allGood = true;
    if (numDriverHandles !== 0) {
      const taken = takeObjects(driver, driverHandles, numDriverHandles);
      objects = taken.objects;
      allGood = taken.allGood && (end === null || !carriesItself(end, objects));
    }
    if (numBytes !== 0 && !(data !== null && numBytes > 0 && numBytes <= data.length))
      allGood = false;
    const refused = faults.refusal("Transmit", driver.name, transport, numBytes);
    if (end !== null && allGood && refused === null) {
      end.send(data, numBytes, objects);
      return IPCZ_RESULT_OK;
    }
    if (objects !== null) host.discard(objects);
    if (end === null) return IPCZ_RESULT_INVALID_ARGUMENT;
    // What is not sent would be missing for ever: the line is no good any more (spec: api 3.2).
    if (refused === null || !refused.silent) end.fail();
    return allGood && refused !== null ? refused.result : IPCZ_RESULT_INVALID_ARGUMENT;
  };
}

/** What can be told of messages that have not arrived. */
export function backlogEntries(driver: DriverParts): IpczDriverBacklog {
  return {
    GetTransportBacklog: (transport) => findTransport(driver, transport)?.backlog ?? 0,
    WatchTransportBacklog(transport, numBytes, handler) {
      const end = findTransport(driver, transport);
      if (end === null || !(numBytes >= 0)) return IPCZ_RESULT_INVALID_ARGUMENT;
      const kept = end.watchBacklog(numBytes, handler);
      return kept ? IPCZ_RESULT_OK : IPCZ_RESULT_FAILED_PRECONDITION;
    },
  };
}

/** The transport entries of one driver. */
export function transportEntries(driver: DriverParts): TransportEntries {
  return {
    CreateTransports: createTransports(driver),

    ActivateTransport(transport, listener, handler) {
      const end = findTransport(driver, transport);
      if (end === null || !end.idle) return IPCZ_RESULT_INVALID_ARGUMENT;
      const refused = driver.world.faults.resultOf("ActivateTransport", driver.name, transport, 0);
      if (refused !== IPCZ_RESULT_OK) return refused;
      end.activate(listener, handler);
      return IPCZ_RESULT_OK;
    },

    DeactivateTransport(transport) {
      const end = findTransport(driver, transport);
      if (end === null) return IPCZ_RESULT_INVALID_ARGUMENT;
      end.deactivate();
      return IPCZ_RESULT_OK;
    },

    Transmit: transmit(driver),

    ReportBadTransportActivity(transport, context) {
      if (findTransport(driver, transport) === null) return IPCZ_RESULT_INVALID_ARGUMENT;
      driver.badActivity?.(transport, context);
      return IPCZ_RESULT_OK;
    },
  };
}
