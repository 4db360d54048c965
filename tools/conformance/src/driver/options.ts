/** What the suite has to be told about a driver and about the test runner. */
import type { IpczDriver, IpczDriverHandle } from "@ipcz/api";

/** What is used of an expectation. */
export interface Expectation {
  toBe(expected: unknown): void;
  toEqual(expected: unknown): void;
}

/** What is used of `expect`. */
export type Expect = (actual: unknown, message?: string) => Expectation;

/** A driver to prove. */
export interface DriverConformanceOptions<D extends IpczDriver> {
  /** Appears in the names of the tests. */
  readonly name: string;
  readonly describe: (name: string, body: () => void) => unknown;
  readonly it: (name: string, body: () => Promise<void>) => unknown;
  readonly expect: Expect;

  /** A driver that nobody else uses; called once for each test. */
  readonly createDriver: () => D;
  /**
   * Two connected transports, not activated, which can carry memory and transports.
   * Default: `CreateTransports` without context.
   */
  readonly createPair?: (driver: D) => readonly [IpczDriverHandle, IpczDriverHandle];
  /** Two connected transports that can carry no objects. For drivers that have such; left out, nothing is checked. */
  readonly createRelayOnlyPair?: (driver: D) => readonly [IpczDriverHandle, IpczDriverHandle];
  /**
   * Lets the driver do what it has to do: runs its loop, or waits a moment. It is called again and again until what is
   * waited for has happened, so it need not wait long enough, but it must let time pass.
   */
  readonly settle: (driver: D) => Promise<void> | void;
  /** How many objects the driver holds. When given, every test must end with as many as it began with. */
  readonly liveObjects?: (driver: D) => number;
  /** Releases a driver that is no longer needed. */
  readonly dispose?: (driver: D) => Promise<void> | void;

  /** How often to settle before giving up on something. Default: 10,000. */
  readonly attemptsMax?: number;
  /** How often to settle before "nothing more comes" is believed. Default: 20. */
  readonly attemptsQuiet?: number;
  /** The driver recognises handles that are closed or made up. Default: true. */
  readonly refusesStaleHandles?: boolean;
  /** The largest message to try, in bytes. Default: 8 MiB. */
  readonly messageBytesMax?: number;
  /** How many messages of 1 KiB to send in one go. Default: 25,000. */
  readonly floodCount?: number;
}
