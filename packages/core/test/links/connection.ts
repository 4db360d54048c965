/**
 * A connection of two nodes, with memory that they share, as if a handshake had been made.
 */
import { IPCZ_RESULT_OK, type IpczDriverHandle } from "@ipcz/api";
import { DriverMemory } from "../../src/driver/driver-memory.ts";
import { DriverObject } from "../../src/driver/driver-object.ts";
import { DriverTransport } from "../../src/driver/driver-transport.ts";
import { NodeLink } from "../../src/links/node-link.ts";
import { LinkMemory } from "../../src/memory/link-memory.ts";
import { type LinkSide, NODE_TYPE_NORMAL, SIDE_A, SIDE_B } from "../../src/wire/ids.ts";
import { AddBlockBuffer } from "../../src/wire/messages/memory.ts";
import type { KeptBlocks } from "./blocks.ts";
import type { NetNode } from "./net-node.ts";

/** What each connection is like. */
export interface LinkChoices {
  readonly memV2: boolean;
  /** How many of the 64-byte blocks are free at first; null: all. */
  readonly freeBlocks: number | null;
}

/** What a connection gets of its network. */
export interface ConnectionParts {
  readonly choices: LinkChoices;
  readonly keptBlocks: KeptBlocks;
  readonly clock: () => number;
}

/** Both ends of a new connection, A and B, as functions that let their node know of it. */
export function makeEnds(a: NetNode, b: NetNode, parts: ConnectionParts): [() => void, () => void] {
  const { choices, keptBlocks, clock } = parts;
  const { memV2, freeBlocks } = choices;
  const both = { memV2, clock };
  const queue = a.driver.world;
  const [transportA, transportB] = queue.connect(a.driver, b.driver);
  const primary = LinkMemory.createPrimary(a.driver);
  if (!primary) throw new Error("no primary buffer");
  const moved = queue.take(primary.memory.release().release(), a.driver);
  const handle = queue.add(moved, b.driver);
  const memoryB = DriverMemory.adopt(new DriverObject(b.driver, handle));
  const mappingB = memoryB && LinkMemory.adoptPrimary(memoryB);
  if (!mappingB) throw new Error("no primary buffer");
  const one = makeLink({
    ...both,
    node: a,
    remote: b,
    side: SIDE_A,
    primary: primary.mapping,
    transport: transportA,
  });
  if (freeBlocks !== null) keptBlocks.allBut(one.memory, freeBlocks);
  const other = makeLink({
    ...both,
    node: b,
    remote: a,
    side: SIDE_B,
    primary: mappingB,
    transport: transportB,
  });
  return [one.join, other.join];
}

interface EndParts {
  readonly node: NetNode;
  readonly remote: NetNode;
  readonly side: LinkSide;
  readonly primary: ConstructorParameters<typeof LinkMemory>[0]["primary"];
  readonly transport: IpczDriverHandle;
  readonly memV2: boolean;
  readonly clock: () => number;
}

function makeLink(parts: EndParts): { memory: LinkMemory; join: () => void } {
  const { node, remote, side, primary, transport, memV2, clock } = parts;
  const memory = new LinkMemory({
    side,
    memV2,
    fixedCapacity: false,
    primary,
    source: node,
    announce: (id, blockSize, buffer) => {
      link.send(AddBlockBuffer, { id, blockSize, buffer: 0 }, [buffer.release()]);
    },
  });
  const link = new NodeLink({
    driver: node.driver,
    transport: new DriverTransport(new DriverObject(node.driver, transport), node.listeners),
    localName: node.name,
    remoteName: remote.name,
    remoteType: NODE_TYPE_NORMAL,
    side,
    memory,
    directory: node,
    inbox: node.inbox,
    arrivals: node.arrivals,
    turn: node.world.turn,
    events: node.world.events,
    clock,
  });
  const join = (): void => {
    node.event(() => {
      node.allLinks.push(link);
      // The node does not know yet that the old connection is lost; of two it keeps the first.
      if (node.links.has(remote.name)) {
        link.deactivate();
        return;
      }
      node.links.set(remote.name, link);
      if (link.start() !== IPCZ_RESULT_OK) throw new Error("no start");
      node.answer(remote.name);
    });
  };
  return { memory, join };
}
