/** What a test or a program may do with drivers and worlds: the two contracts, which name each other. */
import type { IpczDriver, IpczDriverBacklog, IpczDriverHandle } from "@ipcz/api";
import type { MemDelay, MemFaults, MemRefusal } from "./faults.ts";
import type { MemBytes } from "./memory.ts";
import type { OwnerId } from "./objects.ts";
import type { MemBadActivity } from "./parts.ts";
import type { MemNotification } from "./transport-end.ts";
import type { MemNodeType } from "./transport.ts";

/** How many objects there are, by kind. */
export interface MemLiveObjects {
  transports: number;
  memories: number;
  mappings: number;
  envelopes: number;
}

/**
 * What becomes of messages that were sent and not delivered when a line breaks: all are lost, all still arrive, or a
 * random first part of them does, as the seed decides.
 */
export type MemUndelivered = "drop" | "keep" | "prefix";

/** A driver in this process, and its controls. */
export interface MemDriver extends IpczDriver {
  readonly backlog: IpczDriverBacklog;
  /** Its number in its world, from 1. */
  readonly id: OwnerId;
  readonly name: string;
  readonly world: MemWorld;
  /** Two connected transports of this driver, with these kinds of nodes behind them. */
  createTransports(
    type0: MemNodeType,
    type1: MemNodeType,
  ): [transport0: IpczDriverHandle, transport1: IpczDriverHandle];
  /**
   * Breaks the line of `transport`: both ends report `ERROR`, after what {@link MemUndelivered} leaves them.
   * False when there is no such transport. Default: `drop`.
   */
  cut(transport: IpczDriverHandle, undelivered?: MemUndelivered): boolean;
  /**
   * Ends this driver as the death of its process would: nothing is notified here any more, every handle is gone, no
   * function works, peers report `ERROR` after what {@link MemUndelivered} leaves them. Default: `prefix`.
   */
  crash(undelivered?: MemUndelivered): void;
  /** Who is told of bad transport activity; null: nobody. */
  onBadActivity(callback: MemBadActivity | null): void;
  /** The objects this driver holds. What is under way belongs to nobody and is counted by the world. */
  liveObjects(): MemLiveObjects;
}

/** When messages are delivered: on the sender's stack, in later turns, or by hand in an order the seed decides. */
export type MemSchedule = "sync" | "async" | "seeded";

/** One notification, as an observer sees it. The bytes are only lent. */
export interface MemDelivery {
  /** Name of the driver whose listener is about to be told. */
  readonly driver: string;
  /** Number of the transport end in its world; ends made together are 2n and 2n + 1. */
  readonly end: number;
  readonly what: MemNotification;
  readonly data: Uint8Array | null;
  readonly handleCount: number;
}

/** What a world is like. Every part has a default. */
export interface MemWorldOptions {
  /** Default: `async`. */
  readonly schedule?: MemSchedule;
  /** Decides all chance, under `seeded` the order, and the random bytes where they come from it. Default: 1. */
  readonly seed?: number;
  /**
   * Where `GenerateRandomBytes` and the first handles come from. From the seed, a run repeats to the byte, and neither
   * is fit for secrets. Default: `seeded` under that schedule, otherwise `host`.
   */
  readonly randomBytes?: "host" | "seeded";
  /** Objects travel only where a broker is at one end; elsewhere they need a relay. */
  readonly forceRelay?: boolean;
  /** Bytes an object takes when it is serialized. Default: 0. */
  readonly objectBytes?: number;
  /** Every message comes with an envelope, which ipcz must close. */
  readonly envelopes?: boolean;
  /** Lent bytes are overwritten when the handler returns, so that whoever kept them notices. */
  readonly scribble?: boolean;
  /**
   * Messages delivered in one go to one transport, as a driver does that reads several at once, and told to be a batch.
   * Default: 1, and no batch.
   */
  readonly batchMax?: number;
  /** `plain` does without `SharedArrayBuffer`. Default: `shared` where the host has it. */
  readonly memory?: "shared" | "plain";
  /** Faults from the beginning; see {@link MemFaults} for later ones. */
  readonly refusals?: readonly MemRefusal[];
  readonly delay?: MemDelay;
  /** Told of each notification before its listener is. */
  readonly onDelivery?: (delivery: MemDelivery) => void;
}

/** Drivers that can be connected with each other. */
export interface MemWorld {
  readonly seed: number;
  readonly schedule: MemSchedule;
  readonly faults: MemFaults;
  /** A new driver. Names need not differ, but faults and observers tell drivers apart by them. */
  driver(name: string): MemDriver;
  /** Two connected transports, one for each driver. Default types: broker and normal. */
  connect(
    driver0: MemDriver,
    driver1: MemDriver,
    type0?: MemNodeType,
    type1?: MemNodeType,
  ): [transport0: IpczDriverHandle, transport1: IpczDriverHandle];
  /** Delivers one notification; false when nothing is pending. Schedule `seeded` only; false under the others. */
  step(): boolean;
  /** Steps until nothing is pending, but no more than `stepsMax` times; the number of steps. */
  runUntilIdle(stepsMax?: number): number;
  /** Resolves when nothing is pending, under any schedule. */
  settle(): Promise<void>;
  /** All objects of the world, also those under way in messages. */
  liveObjects(): MemLiveObjects;
  /** Bytes of shared memory: live ones, and those given back so far. */
  memoryBytes(): MemBytes;
}
