/**
 * A node, its connections, the memory it shares, and what its driver holds of the system.
 */
import type { IpczHandle } from "@ipcz/api";
import {
  type ConnectionView,
  inspectConnections,
  inspectNode as inspectCoreNode,
  nodeDriver,
} from "@ipcz/core/inspect";
import type { LocalNode } from "../node/local-node.ts";
import type { DescriptorDriver } from "../objects/context.ts";

/** Shared memory of all connections of a node. Either side of a connection can make it look as it likes. */
export interface MemorySum {
  /** Buffers that are shared with other nodes. */
  readonly buffers: number;
  /** Their bytes. */
  readonly bytes: number;
  /** Fragments in use: parcels on their way or unread, and the states of links. */
  readonly usedFragments: number;
  /** Bytes of these. */
  readonly usedBytes: number;
}

/**
 * What a driver holds, by its own names. Of `@ipcz/driver-posix`: transports, memories, mappings and more, with
 * `openDescriptors` and `mappedBytes` for all of them together; `@ipcz/driver-win` has `openHandles` instead.
 */
export type DriverCounts = Readonly<Record<string, number>>;

/** A node from outside. */
export interface NodeInspection {
  /** Its handle in the table. */
  readonly handle: IpczHandle;
  /** The name its broker gave it, 32 hex digits; null: none yet. */
  readonly name: string | null;
  /** Whether it is a broker. */
  readonly isBroker: boolean;
  /** Handshakes, referrals and introductions without an outcome. */
  readonly pending: number;
  /** Connections to other nodes, the oldest first. */
  readonly connections: readonly ConnectionView[];
  /** What these share, summed up. */
  readonly memory: MemorySum;
  /** What its driver holds, for all nodes that use it; null when the driver cannot tell. */
  readonly driver: DriverCounts | null;
}

/** What a node looks like now; null when it is closed, or not of this implementation. */
export function inspectNode(node: LocalNode | IpczHandle): NodeInspection | null {
  if (typeof node === "object" && node.closed) return null;
  const handle = typeof node === "object" ? node.handle : node;
  const view = inspectCoreNode(handle);
  if (!view) return null;
  const { name, isBroker, pending } = view;
  const connections = inspectConnections(handle) ?? [];
  const driver = driverCounts(nodeDriver(handle));
  return { handle, name, isBroker, pending, connections, memory: memorySum(connections), driver };
}

function memorySum(connections: readonly ConnectionView[]): MemorySum {
  const sum = { buffers: 0, bytes: 0, usedFragments: 0, usedBytes: 0 };
  for (const { memory } of connections) {
    sum.buffers += memory.buffers;
    sum.bytes += memory.bytes;
    for (const { blockSize, count, free } of memory.blocks) {
      sum.usedFragments += count - free;
      sum.usedBytes += (count - free) * blockSize;
    }
  }
  return sum;
}

function driverCounts(driver: DescriptorDriver | null): DriverCounts | null {
  const counts = driver?.liveObjects?.();
  if (counts === undefined) return null;
  const numbers = Object.entries(counts).filter(([, count]) => typeof count === "number");
  return Object.fromEntries(numbers);
}
