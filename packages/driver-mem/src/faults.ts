/**
 * What a test may do to a driver: have calls refused, messages delayed.
 *
 * Rules are data, chosen by driver, operation, count, predicate or seeded chance; the first that applies decides. All
 * chance comes from the world's seed, so a failure found once is found again.
 */
import {
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_PERMISSION_DENIED,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_RESULT_UNKNOWN,
  type IpczDriverHandle,
  type IpczResult,
} from "@ipcz/api";
import type { SeededRandom } from "./random.ts";

/**
 * What can be refused: a driver function by its name, or `Travel`.
 *
 * `Serialize` is asked only when the call would succeed, so sizing still works and only writing fails; the transport
 * then reports `ERROR`, as a failed `Transmit` does (spec: api 3.8). `Travel` is asked on every `Serialize` that names
 * a transport: what is refused there can only be relayed.
 */
export type MemOperation =
  | "ActivateTransport"
  | "AllocateSharedMemory"
  | "CreateTransports"
  | "Deserialize"
  | "DuplicateSharedMemory"
  | "GetSharedMemoryInfo"
  | "MapSharedMemory"
  | "Serialize"
  | "Transmit"
  | "Travel";

const RESULT_OF: Readonly<Record<MemOperation, IpczResult>> = {
  ActivateTransport: IPCZ_RESULT_UNKNOWN,
  AllocateSharedMemory: IPCZ_RESULT_RESOURCE_EXHAUSTED,
  CreateTransports: IPCZ_RESULT_RESOURCE_EXHAUSTED,
  Deserialize: IPCZ_RESULT_INVALID_ARGUMENT,
  DuplicateSharedMemory: IPCZ_RESULT_RESOURCE_EXHAUSTED,
  GetSharedMemoryInfo: IPCZ_RESULT_INVALID_ARGUMENT,
  MapSharedMemory: IPCZ_RESULT_RESOURCE_EXHAUSTED,
  Serialize: IPCZ_RESULT_UNKNOWN,
  Transmit: IPCZ_RESULT_UNKNOWN,
  Travel: IPCZ_RESULT_PERMISSION_DENIED,
};

/** One call that might be refused. */
export interface MemCall {
  readonly operation: MemOperation;
  /** Name of the driver that is called. */
  readonly driver: string;
  /** The object it is about: the transport of a `Transmit`, the object of a `Serialize`; 0 where there is none. */
  readonly handle: IpczDriverHandle;
  /** Bytes of the message, or of the memory asked for; 0 elsewhere. */
  readonly byteCount: number;
}

/** Which calls are refused. Every condition that is given must hold. */
export interface MemRefusal {
  readonly operation: MemOperation;
  /** Only this driver's calls. */
  readonly driver?: string;
  /** A condition of the test's own. It must not call the driver. */
  readonly when?: (call: MemCall) => boolean;
  /** With this seeded probability. */
  readonly probability?: number;
  /** How many calls that fulfil the above still pass, before refusing begins. Default 0. */
  readonly skip?: number;
  /** How many calls are refused, before all pass again. Default: no end. */
  readonly times?: number;
  /** What the call answers. Default: what a driver would say that runs out of something. */
  readonly result?: IpczResult;
  /** Do not report `ERROR` for a refused `Transmit` or `Serialize`, which a driver must. */
  readonly silent?: boolean;
}

/** A refusal that applied. */
export interface Refused {
  readonly result: IpczResult;
  readonly silent: boolean;
}

/** Holds back messages by a random number of steps (seeded) or turns (async); order per transport stays. */
export interface MemDelay {
  /** How many of the messages. */
  readonly probability: number;
  /** Longest delay, in steps or turns. */
  readonly stepsMax: number;
}

interface Rule {
  readonly refusal: MemRefusal;
  skipped: number;
  refused: number;
}

/** The faults of one world. */
export class MemFaults {
  private readonly random: SeededRandom;
  private rules: Rule[] = [];
  private delayRule: MemDelay | null = null;

  constructor(random: SeededRandom) {
    this.random = random;
  }

  /** Adds a rule; the answer takes it away again. */
  refuse(refusal: MemRefusal): () => void {
    const rule: Rule = { refusal, skipped: 0, refused: 0 };
    this.rules.push(rule);
    return () => {
      this.rules = this.rules.filter((other) => other !== rule);
    };
  }

  /** Delays messages sent from now on, or none. Has no effect on a synchronous schedule. */
  delay(rule: MemDelay | null): void {
    this.delayRule = rule;
  }

  /** Takes all rules away. */
  clear(): void {
    this.rules = [];
    this.delayRule = null;
  }

  /** The refusal of this call, or null. The driver asks; tests have no need to. */
  refusal(
    operation: MemOperation,
    driver: string,
    handle: IpczDriverHandle,
    byteCount: number,
  ): Refused | null {
    if (this.rules.length === 0) return null;
    const call: MemCall = { operation, driver, handle, byteCount };
    for (const rule of this.rules) {
      if (!this.applies(rule, call)) continue;
      const { result, silent } = rule.refusal;
      return { result: result ?? RESULT_OF[operation], silent: silent ?? false };
    }
    return null;
  }

  /** The result of the refusal of this call, or `OK`. */
  resultOf(
    operation: MemOperation,
    driver: string,
    handle: IpczDriverHandle,
    byteCount: number,
  ): IpczResult {
    return this.refusal(operation, driver, handle, byteCount)?.result ?? IPCZ_RESULT_OK;
  }

  /** The step or turn at which a message sent at `now` becomes ready; 0: at once. */
  readyAt(now: number): number {
    const rule = this.delayRule;
    if (rule === null || !this.random.chance(rule.probability)) return 0;
    return now + 1 + this.random.below(rule.stepsMax);
  }

  /** How many of `count` messages survive a cut that leaves a random prefix. */
  prefix(count: number): number {
    return this.random.below(count + 1);
  }

  private applies(rule: Rule, call: MemCall): boolean {
    const { operation, driver, when, probability, skip, times } = rule.refusal;
    if (operation !== call.operation) return false;
    if (driver !== undefined && driver !== call.driver) return false;
    if (times !== undefined && rule.refused >= times) return false;
    if (when !== undefined && !when(call)) return false;
    if (probability !== undefined && !this.random.chance(probability)) return false;
    if (rule.skipped < (skip ?? 0)) {
      rule.skipped++;
      return false;
    }
    rule.refused++;
    return true;
  }
}
