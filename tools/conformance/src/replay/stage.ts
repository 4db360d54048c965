/**
 * Where a capture is played again: nodes with the captured names, the connections between them, and the pauses.
 */
import {
  IPCZ_CONNECT_NODE_TO_BROKER,
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_NO_FLAGS,
  IPCZ_RESULT_OK,
  type IpczAPI,
  type IpczDriverHandle,
  type IpczHandle,
} from "@ipcz/api";
import { driverCell } from "../table/calls.ts";
import { checkResult } from "../table/expect.ts";
import type { Capture } from "./capture.ts";
import type { Happening } from "./line.ts";
import { type Image, Recorder } from "./recorder.ts";
import { type NodeSetup, ReplayNode } from "./replay-node.ts";

/** How two nodes connect; the numbers are their initial portals. */
export interface Connecting {
  readonly portals: number;
  /** What the second asks for, if that is another number. */
  readonly portalsOfSecond?: number;
  /** Added to the flags of the second. */
  readonly flagsOfSecond?: number;
  /** What to do with the initial portals before either node has heard of the other. */
  readonly atOnce?: (ofFirst: IpczHandle[], ofSecond: IpczHandle[]) => void;
}

function nothing(): void {
  // The usual case.
}

/** What a replay left to compare. */
export interface Replayed {
  readonly happenings: readonly Happening[];
  readonly announced: readonly Image[];
  readonly atEnd: readonly Image[];
  /** What the drivers still held when everything was closed. */
  readonly leaks: readonly string[];
}

/** What happened, as calls. Pauses are part of it: without one, calls follow each other at once. */
export type Story = (stage: Stage) => Promise<void>;

/** The nodes of one replay. */
export class Stage {
  readonly network: Recorder;
  private readonly api: IpczAPI;
  private readonly capture: Capture;
  private readonly nodes: ReplayNode[] = [];

  constructor(api: IpczAPI, capture: Capture) {
    this.api = api;
    this.capture = capture;
    this.network = new Recorder(capture.nodes);
  }

  /** Plays `story`, ends everything and answers with what was recorded. */
  async run(story: Story): Promise<Replayed> {
    const { network, nodes } = this;
    try {
      await story(this);
      const atEnd = network.finish();
      for (const node of nodes) node.closeAll();
      await network.quiet();
      const leaks = nodes.flatMap(({ label, recording }) =>
        recording.leaks().map((leak) => `${label}: ${leak}`),
      );
      return { happenings: network.happenings, announced: network.announced, atEnd, leaks };
    } finally {
      for (const node of nodes) node.recording.dispose();
    }
  }

  /** A pause: everything that is under way arrives, and what follows from it. */
  async quiet(): Promise<void> {
    await this.network.quiet();
  }

  /** Makes the node that the capture calls `label`. */
  node(label: string, setup: NodeSetup = {}): ReplayNode {
    const node = new ReplayNode(this.api, this.network, label, this.nameOf(label), setup);
    this.nodes.push(node);
    return node;
  }

  /** Makes a broker. */
  broker(label: string, setup: NodeSetup = {}): ReplayNode {
    return this.node(label, { ...setup, broker: true });
  }

  /** `broker` will give `node` its captured name. */
  christen(broker: ReplayNode, label: string): void {
    broker.recording.names.push(this.nameOf(label));
  }

  /** Two connected transports, one in each node's driver. */
  transports(one: ReplayNode, other: ReplayNode): [IpczDriverHandle, IpczDriverHandle] {
    const [left, right] = [driverCell(), driverCell()];
    const none = IPCZ_INVALID_DRIVER_HANDLE;
    const result = one.recording.posix.CreateTransports(none, none, 0, null, left, right);
    checkResult("CreateTransports", result, IPCZ_RESULT_OK);
    const descriptor = one.recording.posix.releaseDescriptor(right.value);
    const moved = other.recording.posix.transportFromDescriptor(descriptor);
    const { ends } = this.network.newLine(one.label, other.label);
    one.recording.own(left.value, { kind: "transport", end: ends[0] });
    other.recording.own(moved, { kind: "transport", end: ends[1] });
    return [left.value, moved];
  }

  /**
   * Connects a broker with a node, or with another broker. Answers with the initial portals.
   *
   * The greetings cross. Here the second node takes the first one's before its own is delivered, which some of the
   * captures show in the link state that goes with its greeting.
   */
  async connect(
    first: ReplayNode,
    second: ReplayNode,
    {
      portals,
      portalsOfSecond = portals,
      flagsOfSecond = IPCZ_NO_FLAGS,
      atOnce = nothing,
    }: Connecting,
  ): Promise<[IpczHandle[], IpczHandle[]]> {
    const [left, right] = this.transports(first, second);
    if (!second.isBroker) this.christen(first, second.label);
    const flags = second.isBroker ? IPCZ_CONNECT_NODE_TO_BROKER : IPCZ_NO_FLAGS;
    const toBroker = IPCZ_CONNECT_NODE_TO_BROKER | flagsOfSecond;
    const back = { from: second.label, to: first.label };
    const ofFirst = first.connect(left, portals, flags);
    this.network.hold(back);
    const ofSecond = second.connect(right, portalsOfSecond, toBroker);
    atOnce(ofFirst, ofSecond);
    await this.quiet();
    this.network.release(back);
    await this.quiet();
    return [ofFirst, ofSecond];
  }

  private nameOf(label: string): string {
    // Nodes that never got a name are not in the table.
    return this.capture.nodes[label] ?? "";
  }
}

/** The portal at `index` of a list that must have it. */
export function at(portals: readonly IpczHandle[], index: number): IpczHandle {
  const portal = portals[index];
  if (portal === undefined) throw new Error(`there is no portal ${String(index)}`);
  return portal;
}
