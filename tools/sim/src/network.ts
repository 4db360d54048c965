/**
 * The nodes of one run, each with a driver of its own in one seeded world, and what can befall them.
 */
import {
  type IpczAPI,
  IPCZ_CREATE_NODE_AS_BROKER,
  IPCZ_CREATE_NODE_OPTIONS_SIZE,
  IPCZ_FEATURE_MEM_V2,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczHandle,
  IPCZ_INVALID_HANDLE,
  IPCZ_MEMORY_FIXED_PARCEL_CAPACITY,
  IPCZ_RESULT_OK,
  IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED,
  IPCZ_TRANSPORT_ACTIVITY_ERROR,
  type IpczTransportActivityHandler,
} from "@ipcz/api";
import { type MemDriver, type MemWorld, memWorld, SeededRandom } from "@ipcz/driver-mem";
import type { Sabotage } from "./sabotage.ts";
import type { Setting, Undelivered } from "./story.ts";
import { promise } from "./violation.ts";

/** A transport that delivers to a node. */
interface Line {
  readonly listener: IpczHandle;
  readonly handler: IpczTransportActivityHandler;
}

/** One node. */
export interface SimNode {
  readonly index: number;
  readonly isBroker: boolean;
  readonly driver: MemDriver;
  readonly handle: IpczHandle;
  readonly lines: Map<IpczDriverHandle, Line>;
  joined: boolean;
  crashed: boolean;
}

const WORLD_STREAM = 10;

/** The network. */
export class SimNetwork {
  readonly world: MemWorld;
  readonly nodes: readonly SimNode[];
  /** Lines between two brokers. */
  readonly brokerLines: Set<IpczDriverHandle> = new Set<IpczDriverHandle>();
  deliveries = 0;
  private readonly api: IpczAPI;
  readonly sabotage: Sabotage | null;

  constructor(
    api: IpczAPI,
    { seed, nodes: nodeCount, brokers: brokersWanted }: Setting,
    sabotage: Sabotage | null,
    note: (line: string) => void,
  ) {
    this.api = api;
    this.sabotage = sabotage;
    const random = new SeededRandom(seed, WORLD_STREAM);
    const count = nodeCount ?? 2 + random.below(random.chance(0.5) ? 4 : 11);
    const brokersBySeed = count < 4 ? 1 : 1 + random.below(2);
    const brokers = Math.min(count, brokersWanted ?? brokersBySeed);
    this.world = memWorld({
      schedule: "seeded",
      seed,
      // A broker drops what it should relay to a node of another network that it has no link to (spec: wire 1.10).
      forceRelay: random.chance(0.3) && brokers === 1,
      objectBytes: random.chance(0.3) ? 12 : 0,
      envelopes: random.chance(0.3),
      scribble: random.chance(0.3),
      batchMax: random.chance(0.5) ? 1 : 2 + random.below(8),
      onDelivery: ({ driver, end, what, data, handleCount }) => {
        this.deliveries++;
        note(`${driver} ${end} ${what} ${data?.[2] ?? 0} ${data?.length ?? 0} ${handleCount}`);
      },
    });
    const nodes: SimNode[] = [];
    for (let index = 0; index < count; index++)
      nodes.push(this.addNode(index, index < brokers, random));
    this.nodes = nodes;
  }

  /** The node of this number if it lives. */
  alive(index: number): SimNode | null {
    const node = this.nodes[index];
    return node && !node.crashed ? node : null;
  }

  /** The process of `node` dies: others notice, what is left of it here is buried. */
  crash(node: SimNode, undelivered: Undelivered): void {
    node.crashed = true;
    node.driver.crash(undelivered);
    // The core under it lives on in this process; to it, its driver has stopped.
    for (const { listener, handler } of node.lines.values())
      handler(listener, null, 0, null, 0, IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED, null);
    this.api.Close(node.handle, 0, null);
  }

  /** Breaks one of the lines of `node`; false: it has none. */
  cut(node: SimNode, index: number, undelivered: Undelivered): "nothing" | "line" | "brokers" {
    const lines = [...node.lines.keys()];
    const line = lines[index % Math.max(1, lines.length)];
    if (line === undefined || !node.driver.cut(line, undelivered)) return "nothing";
    return this.brokerLines.has(line) ? "brokers" : "line";
  }

  private addNode(index: number, isBroker: boolean, random: SeededRandom): SimNode {
    const driver = this.world.driver(`n${String(index)}`);
    const lines = new Map<IpczDriverHandle, Line>();
    const features = random.chance(0.5) ? [IPCZ_FEATURE_MEM_V2] : [];
    const options = {
      size: IPCZ_CREATE_NODE_OPTIONS_SIZE,
      memoryFlags: random.chance(0.15) ? IPCZ_MEMORY_FIXED_PARCEL_CAPACITY : 0,
      enabledFeatures: features,
      numEnabledFeatures: features.length,
      disabledFeatures: null,
      numDisabledFeatures: 0,
    };
    const out = { value: IPCZ_INVALID_HANDLE };
    const flags = isBroker ? IPCZ_CREATE_NODE_AS_BROKER : 0;
    const result = this.api.CreateNode(this.watched(driver, lines), flags, options, out);
    promise(result === IPCZ_RESULT_OK, "result", () => `CreateNode: ${result}`);
    return {
      index,
      isBroker,
      driver,
      handle: out.value,
      lines,
      joined: false,
      crashed: false,
    };
  }

  /** The driver as its node sees it: lines are written down, and rules may be broken. */
  private watched(driver: MemDriver, lines: Map<IpczDriverHandle, Line>): IpczDriver {
    const { sabotage } = this;
    return {
      ...driver,
      ActivateTransport(transport, listener, handler, flags, options) {
        const watcher = watch(() => lines.delete(transport), handler, sabotage);
        lines.set(transport, { listener, handler: watcher });
        const result = driver.ActivateTransport(transport, listener, watcher, flags, options);
        if (result !== IPCZ_RESULT_OK) lines.delete(transport);
        return result;
      },
      Transmit(transport, data, numBytes, handles, numHandles, flags, options) {
        const send = (bytes: Uint8Array | null, byteCount: number): number =>
          driver.Transmit(transport, bytes, byteCount, handles, numHandles, flags, options);
        if (!data || numHandles > 0 || !sabotage?.transmit) return send(data, numBytes);
        const message = data.subarray(0, numBytes);
        return sabotage.transmit(message, (bytes) => send(bytes, bytes.length), transport);
      },
      Close(handle, flags, options) {
        const info = { size: 16, regionNumBytes: 0 };
        const isKept =
          sabotage?.keepsMemory === true &&
          driver.GetSharedMemoryInfo(handle, 0, null, info) === IPCZ_RESULT_OK;
        return isKept ? IPCZ_RESULT_OK : driver.Close(handle, flags, options);
      },
    };
  }
}

function watch(
  ended: () => void,
  handler: IpczTransportActivityHandler,
  sabotage: Sabotage | null,
): IpczTransportActivityHandler {
  const watched: IpczTransportActivityHandler = (
    listener,
    data,
    numBytes,
    handles,
    numHandles,
    flags,
    options,
  ) => {
    if ((flags & IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED) !== 0) ended();
    if ((flags & IPCZ_TRANSPORT_ACTIVITY_ERROR) !== 0 && sabotage?.hidesErrors === true)
      return IPCZ_RESULT_OK;
    return handler(listener, data, numBytes, handles, numHandles, flags, options);
  };
  return Object.assign(watched, { batch: handler.batch });
}
