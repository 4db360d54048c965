/**
 * Two transports connected with each other, as `IpczDriver` and applications ask for them, over whatever connects them.
 */
import type { ChildProcess } from "node:child_process";
import {
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczResult,
} from "@ipcz/api";
import type { DriverObject } from "./driver-objects.ts";

/** What a driver has for its function about pairs. A failure is a number below 0, as its system says it. */
export interface PairParts<Transport> {
  /** The transport that a handle names; null for any other number. */
  transport(handle: IpczDriverHandle): Transport | null;
  /** Gives a transport a handle. */
  add(transport: Transport): IpczDriverHandle;
  /** Connects two new transports, which will go to the nodes behind those given; null: to this process. */
  createPair(
    first: Transport | null,
    second: Transport | null,
  ): readonly [Transport, Transport] | number;
  /** The result for a failure. */
  resultOf(failure: number): IpczResult;
}

/** The function over one driver's parts. */
export function pairFunctions<Transport>(
  parts: PairParts<Transport>,
): Pick<IpczDriver, "CreateTransports"> {
  return {
    CreateTransports: (context0, context1, _flags, _options, transport0, transport1) => {
      const known0 = parts.transport(context0);
      const known1 = parts.transport(context1);
      const isUnknown = (context0 !== 0 && !known0) || (context1 !== 0 && !known1);
      if (isUnknown) return IPCZ_RESULT_INVALID_ARGUMENT;
      const pair = parts.createPair(known0, known1);
      if (typeof pair === "number") return parts.resultOf(pair);
      transport0.value = parts.add(pair[0]);
      transport1.value = parts.add(pair[1]);
      return IPCZ_RESULT_OK;
    },
  };
}

/** A started process and our end of the connection to it. */
export interface SpawnedWithTransport {
  /** The process. */
  readonly child: ChildProcess;
  /** Not activated yet; the caller's. If the process cannot be started, activating it ends in `ERROR`. */
  readonly transport: IpczDriverHandle;
}

/** How a process is started that takes one end of a pair along. */
export interface Launch<End> {
  /** Starts it, so that it has the end; throws what the system says. */
  readonly start: (theirs: End) => ChildProcess;
  /** Makes a transport of our end; takes it, unless it throws. */
  readonly connect: (ours: End, child: ChildProcess) => IpczDriverHandle;
}

/** Starts a process with one end of a pair. Takes both ends, also when it throws. */
export function spawnWith<End extends Pick<DriverObject, "close">>(
  [ours, theirs]: readonly [End, End],
  { start, connect }: Launch<End>,
): SpawnedWithTransport {
  try {
    const child = start(theirs);
    return { child, transport: connect(ours, child) };
  } catch (error) {
    ours.close();
    throw error;
  } finally {
    // The child has its own by now. With this one open we would never see it go.
    theirs.close();
  }
}
