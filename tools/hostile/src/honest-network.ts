/**
 * A broker and a node of its network over the driver of a system, with an honest link between them: the nodes that are attacked,
 * and what must not notice. Everything that this process holds is counted against a baseline.
 */
import {
  IPCZ_CONNECT_NODE_TO_BROKER,
  IPCZ_CREATE_NODE_AS_BROKER,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczHandle,
} from "@ipcz/api";
import { liveRouters, openHandles } from "@ipcz/core/inspect";
import { cell, close, connect, createNode, get, must, put } from "./calls.ts";
import { countDescriptors, countMappings } from "./growth.ts";
import type { SystemDriver } from "./open-driver.ts";
import { until } from "./turn.ts";

/** What comes and goes by itself: addresses wait for a collection, lanes for enough messages. */
const NOT_COUNTED: ReadonlySet<string> = new Set(["retired", "lanes"]);

/** A node that has joined, and the portals at both ends of its link. */
export interface Joined {
  readonly node: IpczHandle;
  /** The broker's. */
  readonly near: readonly IpczHandle[];
  readonly far: readonly IpczHandle[];
}

export class HonestNetwork<D extends SystemDriver = SystemDriver> {
  readonly driver: D;
  readonly broker: IpczHandle;
  readonly member: IpczHandle;
  private readonly nodesDriver: IpczDriver;
  private readonly pair: readonly [IpczHandle, IpczHandle];
  private number = 0;
  private baseline = "";

  /** Takes the driver. That of the nodes is what `wrap` makes of it. */
  constructor(driver: D, wrap: (driver: D) => IpczDriver = (same) => same) {
    this.driver = driver;
    this.nodesDriver = wrap(driver);
    this.broker = createNode(this.nodesDriver, IPCZ_CREATE_NODE_AS_BROKER);
    this.member = createNode(this.nodesDriver, 0);
    const [ours, theirs] = this.transports();
    const [a] = connect(this.broker, ours, 1, 0);
    const [b] = connect(this.member, theirs, 1, IPCZ_CONNECT_NODE_TO_BROKER);
    must(a !== undefined && b !== undefined, "honest nodes connect");
    this.pair = [a, b];
  }

  /** A pair of transports; the caller's. */
  transports(): [IpczDriverHandle, IpczDriverHandle] {
    const [ours, theirs] = [cell(), cell()];
    const none = 0 as IpczDriverHandle;
    const result = this.driver.CreateTransports(none, none, 0, null, ours, theirs);
    must(result === 0, "a driver makes transports");
    return [ours.value, theirs.value];
  }

  /** One more member, whose node is over `driver`, with `count` portals at each end. */
  join(count: number, driver: IpczDriver = this.nodesDriver): Joined {
    const node = createNode(driver, 0);
    const [ours, theirs] = this.transports();
    const near = connect(this.broker, ours, count, 0);
    return { node, near, far: connect(node, theirs, count, IPCZ_CONNECT_NODE_TO_BROKER) };
  }

  /** What is held now is what is held whenever nothing is attacked. */
  async begin(): Promise<void> {
    await this.check();
    this.baseline = this.level();
  }

  /** What is held whenever nothing is attacked. */
  get held(): string {
    return this.baseline;
  }

  /** One parcel each way over the honest link. */
  async check(): Promise<void> {
    const [a, b] = this.pair;
    await this.pass(a, b);
    await this.pass(b, a);
  }

  /** Resolves when nothing more is held than at the beginning. */
  async settle(): Promise<void> {
    // Asking the system is dear: only when it can be the last question.
    const [inDriver] = this.baseline.split(";");
    await until(
      () => this.levelInDriver() === inDriver && this.level() === this.baseline,
      () => `something is left behind: ${this.level()} instead of ${this.baseline}`,
    );
  }

  end(): void {
    for (const handle of [...this.pair, this.broker, this.member]) close(handle);
    this.driver.dispose();
  }

  private async pass(from: IpczHandle, to: IpczHandle): Promise<void> {
    this.number++;
    const bytes = new Uint8Array(Uint32Array.of(this.number).buffer);
    must(put(from, bytes) === 0, "an honest portal takes a parcel");
    let got = get(to);
    await until(() => {
      if (got.result !== 0) got = get(to);
      return got.result === 0;
    }, "an honest parcel arrives");
    must(Buffer.compare(got.bytes, bytes) === 0, "honest parcels arrive in order");
  }

  private level(): string {
    const { shared } = countMappings();
    return `${this.levelInDriver()}; ${countDescriptors()} open descriptors, ${shared} shared mappings`;
  }

  private levelInDriver(): string {
    const held = Object.entries(this.driver.liveObjects() as object)
      .filter(([what]) => !NOT_COUNTED.has(what))
      .map(([what, count]) => `${count} ${what}`);
    return `${held.join(", ")}, ${liveRouters()} routers, ${openHandles()} handles`;
  }
}
