/**
 * A driver that passes every call on and remembers what the suites want to know: listeners, reports, and, when told
 * to, a failure.
 */
import {
  IPCZ_DRIVER_FUNCTIONS,
  type IpczContext,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczHandle,
  type IpczResult,
} from "@ipcz/api";

/** One `ReportBadTransportActivity`. */
export interface BadActivity {
  readonly transport: IpczDriverHandle;
  readonly context: IpczContext;
}

/** What a spied driver has seen, and what it shall answer. */
export interface Spy {
  readonly driver: IpczDriver;
  readonly listeners: IpczHandle[];
  readonly reports: BadActivity[];
  /** Calls of these functions fail with the result given here and are not passed on. */
  readonly failing: Map<keyof IpczDriver, IpczResult>;
}

/** Wraps `inner`; the wrapper is a plain object of 13 functions, so that a suite may take one away. */
export function spyOn(inner: IpczDriver): Spy {
  const listeners: IpczHandle[] = [];
  const reports: BadActivity[] = [];
  const failing = new Map<keyof IpczDriver, IpczResult>();
  const driver: Record<string, unknown> = { size: inner.size };
  for (const name of IPCZ_DRIVER_FUNCTIONS) {
    driver[name] = (...args: unknown[]): unknown => {
      const failure = failing.get(name);
      if (failure !== undefined) return failure;
      if (name === "ActivateTransport") listeners.push(args[1] as IpczHandle);
      if (name === "ReportBadTransportActivity") {
        reports.push({ transport: args[0] as IpczDriverHandle, context: args[1] });
      }
      const answer: unknown = Reflect.apply(inner[name], inner, args);
      return answer;
    };
  }
  return { driver: driver as unknown as IpczDriver, listeners, reports, failing };
}
