/**
 * The functions that native code calls to report something. They copy what they are told and answer at once.
 *
 * Each thread that wants them has its own. They are never released: native code may call them for as long as the
 * process lives.
 */
import {
  IPCZ_RESULT_OK,
  IPCZ_TRANSPORT_ACTIVITY_OPTIONS_SIZE,
  type IpczDriverHandle,
} from "@ipcz/api";
import { HANDLER_SIGNATURES } from "../c/functions.ts";
import { layoutOf } from "../c/layout.ts";
import type { Address } from "../ffi/foreign.ts";
import { foreign } from "../ffi/koffi.ts";
import { barrier, voidBarrier } from "./barrier.ts";
import { readBytes, readStruct, readWordAt, readWords } from "./native-memory.ts";
import { callbackPrototype } from "./prototypes.ts";
import type { ActivityReport, Report, TrapReport } from "./reports.ts";
import { readWord } from "./word.ts";

const trapEvent = layoutOf("IpczTrapEvent");
const portalStatus = layoutOf("IpczPortalStatus");
const activityOptions = layoutOf("IpczTransportActivityOptions");

/** Addresses to give to native code. */
export interface ReportCallbacks {
  /** An `IpczTrapEventHandler`; the trap's context is the number of the trap. */
  readonly trap: Address;
  /** An `IpczApplicationObjectDestructor`; the object is the number of the boxed object. */
  readonly destroy: Address;
  /** An `IpczTransportActivityHandler`; the listener is the number of the listener. Answers `OK`. */
  readonly activity: Address;
}

/** Makes them for this thread; `send` is called on it, with native frames on the stack. */
export function reportCallbacks(send: (report: Report) => void): ReportCallbacks {
  const { IpczTrapEventHandler, IpczApplicationObjectDestructor, IpczTransportActivityHandler } =
    HANDLER_SIGNATURES;
  const trap = (event: number): void => voidBarrier(() => send(readTrapEvent(event)));
  const destroy = (id: number): void => voidBarrier(() => send({ kind: "destroy", id }));
  const activity = (...facts: ActivityFacts): number =>
    barrier(() => {
      send(readActivity(facts));
      return IPCZ_RESULT_OK;
    });
  const make = (
    signature: typeof IpczTrapEventHandler,
    callee: (...facts: never[]) => unknown,
  ): Address => foreign.callback(callbackPrototype(foreign, signature), callee).address;
  return {
    trap: make(IpczTrapEventHandler, trap),
    destroy: make(IpczApplicationObjectDestructor, destroy),
    activity: make(IpczTransportActivityHandler, activity),
  };
}

function readTrapEvent(address: number): TrapReport {
  const event = readStruct(address, trapEvent.size);
  const status = readStruct(readWord(event, trapEvent.at.status), portalStatus.size);
  return {
    kind: "trap",
    id: readWord(event, trapEvent.at.context),
    conditionFlags: event.getUint32(trapEvent.at.condition_flags, true),
    statusFlags: status.getUint32(portalStatus.at.flags, true),
    numLocalParcels: readWord(status, portalStatus.at.num_local_parcels),
    numLocalBytes: readWord(status, portalStatus.at.num_local_bytes),
  };
}

type ActivityFacts = [
  listener: number,
  data: number,
  numBytes: number,
  handles: number,
  numHandles: number,
  flags: number,
  options: number,
];

function readActivity(facts: ActivityFacts): ActivityReport {
  const [id, data, numBytes, handles, numHandles, flags, options] = facts;
  return {
    kind: "activity",
    id,
    // A message may be shown in place when it is large; it is gone when the driver goes on.
    data: readBytes(data, numBytes)?.slice() ?? null,
    handles: numHandles > 0 ? readWords<IpczDriverHandle>(handles, numHandles) : [],
    flags,
    envelope: readEnvelope(options),
  };
}

function readEnvelope(options: number): IpczDriverHandle {
  const none = 0 as IpczDriverHandle;
  if (options === 0 || readWordAt(options) < IPCZ_TRANSPORT_ACTIVITY_OPTIONS_SIZE) return none;
  return readWordAt(options + activityOptions.at.envelope) as IpczDriverHandle;
}
