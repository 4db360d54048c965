/**
 * A driver's functions about the life of a transport, as `IpczDriver` has them, over transports of any kind.
 */
import { reportUncaught } from "@ipcz/abi/ffi";
import {
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  type IpczContext,
  type IpczDriver,
  type IpczDriverBacklog,
  type IpczDriverHandle,
  type IpczHandle,
  type IpczTransportActivityHandler,
} from "@ipcz/api";

/** Told of bad activity; what to do about it is the application's policy. */
export type BadTransportActivity = (transport: IpczDriverHandle, context: IpczContext) => void;

/** A transport, as these functions need it. */
export interface LivingTransport {
  /** True until it is activated or deactivated. */
  readonly idle: boolean;
  /** Bytes that wait to be sent. */
  readonly backlog: number;
  /** Begins to notify. Throws, unchanged, when that is impossible. Only when idle. */
  activate(listener: IpczHandle, handler: IpczTransportActivityHandler): void;
  /** Stops notifying, with a last `DEACTIVATED` if it was active. */
  deactivate(): void;
  /** Calls `handler` once at most `numBytes` bytes wait; false, and not, if so few do now. */
  watchBacklog(numBytes: number, handler: () => void): boolean;
}

/** The transports of a driver. */
export interface TransportLookup {
  /** The transport that a handle names; null for any other number. */
  transport(handle: IpczDriverHandle): LivingTransport | null;
}

/** Those of a driver's functions. */
export type LifeFunctions = Pick<
  IpczDriver,
  "ActivateTransport" | "DeactivateTransport" | "ReportBadTransportActivity"
>;

/** The functions over one driver's transports. */
export function lifeFunctions(
  objects: TransportLookup,
  badActivity: BadTransportActivity | null,
): LifeFunctions {
  return {
    ActivateTransport: (handle, listener, handler) => {
      const transport = objects.transport(handle);
      if (!transport) return IPCZ_RESULT_INVALID_ARGUMENT;
      if (!transport.idle) return IPCZ_RESULT_FAILED_PRECONDITION;
      try {
        transport.activate(listener, handler);
      } catch {
        // Somebody else in this process uses what is behind it.
        return IPCZ_RESULT_FAILED_PRECONDITION;
      }
      return IPCZ_RESULT_OK;
    },
    DeactivateTransport: (handle) => {
      const transport = objects.transport(handle);
      if (!transport) return IPCZ_RESULT_INVALID_ARGUMENT;
      transport.deactivate();
      return IPCZ_RESULT_OK;
    },
    ReportBadTransportActivity: (handle, context) => {
      if (!objects.transport(handle)) return IPCZ_RESULT_INVALID_ARGUMENT;
      try {
        badActivity?.(handle, context);
      } catch (error) {
        reportUncaught(error);
      }
      return IPCZ_RESULT_OK;
    },
  };
}

/** What can be told of messages that have not left. */
export function backlogFunctions(objects: TransportLookup): IpczDriverBacklog {
  return {
    GetTransportBacklog: (handle) => objects.transport(handle)?.backlog ?? 0,
    WatchTransportBacklog: (handle, numBytes, handler) => {
      const transport = objects.transport(handle);
      if (!transport || !(numBytes >= 0)) return IPCZ_RESULT_INVALID_ARGUMENT;
      const kept = transport.watchBacklog(numBytes, handler);
      return kept ? IPCZ_RESULT_OK : IPCZ_RESULT_FAILED_PRECONDITION;
    },
  };
}
