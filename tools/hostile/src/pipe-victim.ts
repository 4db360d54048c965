/**
 * Nodes over driver-win whose links lead to a bare pipe in a hostile process, beside an honest link that must not notice.
 */
import process from "node:process";
import { IPCZ_CONNECT_NODE_TO_BROKER, type IpczDriverHandle, type IpczHandle } from "@ipcz/api";
import { countedHandles } from "@ipcz/conformance/scenario";
import { winDriver, type WinDriver, type WinListener } from "@ipcz/driver-win";
import { close, connect, createNode, get, must, portalAt } from "./calls.ts";
import { startFirstProcess } from "./child-script.ts";
import { HonestNetwork } from "./honest-network.ts";
import { type Outcome, PARCEL } from "./pipe-cases.ts";
import type { PipeAttack, PipeOrder } from "./pipe-orders.ts";
import type { PipeProcess } from "./pipe-process.ts";
import { isPeerClosed } from "./portal-state.ts";
import { until } from "./turn.ts";

/** Of each kind of handles, so many are named by who does not have them. */
const STOLEN_PER_KIND = 2;

let names = 0;

/** A name that nobody else has. */
export function newPipeName(): string {
  return String.raw`\\.\pipe\ipcz-hostile-${process.pid}-${names++}`;
}

/** A link with a bare pipe at its other end. */
export interface PipeLink {
  readonly number: number;
  readonly portals: readonly IpczHandle[];
  /** The node, if it is not the broker. */
  readonly node: IpczHandle | null;
}

/** What a link is to be. */
export interface PipeLinkOptions {
  /** The hostile process is taken for a broker, not for a member. */
  readonly asBroker?: boolean;
  readonly portals?: number;
}

export class PipeVictim {
  readonly driver: WinDriver = winDriver({ lingerMs: 0 });
  readonly network: HonestNetwork<WinDriver> = new HonestNetwork(this.driver);
  /** Where it listens. */
  readonly path: string = newPipeName();
  /** Who has connected and is no link yet. */
  readonly arrived: IpczDriverHandle[] = [];
  private listener: WinListener | null = null;
  private links = 1;

  /** What is held after the first link is what is held whenever nobody attacks. */
  async begin(peer: PipeProcess): Promise<void> {
    this.listener = this.driver.listen(this.path, {}, (transport) => {
      this.arrived.push(transport);
    });
    await startFirstProcess();
    // The first client costs the runtime handles that it keeps.
    await this.leave(peer, await this.open(peer));
    await this.network.begin();
  }

  end(): void {
    this.listener?.close();
    this.network.end();
  }

  /** Numbers of handles of this process, some of each kind. */
  get stolen(): readonly string[] {
    const byKind = new Map<string, string[]>();
    for (const { handle, kind } of countedHandles())
      byKind.set(kind, [...(byKind.get(kind) ?? []), String(handle)]);
    return [...byKind.values()].flatMap((handles) => handles.slice(-STOLEN_PER_KIND));
  }

  newNumber(): number {
    return this.links++;
  }

  /** The hostile process connects. */
  async open(peer: PipeProcess, options: PipeLinkOptions = {}): Promise<PipeLink> {
    const number = this.newNumber();
    await obeyed(peer, { do: "connect", link: number, path: this.path });
    await until(() => this.arrived.length > 0, "a listener tells of a client");
    const transport = this.arrived.shift();
    must(transport !== undefined, "a client has a transport");
    return this.join(number, transport, options);
  }

  /** Takes the transport to a bare pipe. */
  join(
    number: number,
    transport: IpczDriverHandle,
    { asBroker = false, portals = 1 }: PipeLinkOptions = {},
  ): PipeLink {
    const node = asBroker ? createNode(this.driver, 0) : null;
    const flags = asBroker ? IPCZ_CONNECT_NODE_TO_BROKER : 0;
    const connected = connect(node ?? this.network.broker, transport, portals, flags);
    return { number, node, portals: connected };
  }

  /** What has to become of a link that was attacked, while the other end is still there. */
  async expect({ portals }: PipeLink, outcome: Outcome): Promise<void> {
    const portal = portalAt(portals, 0);
    if (outcome === "dropped") {
      await until(() => isPeerClosed(portal), "the link is dropped");
      return;
    }
    if (outcome === "heard") await expectParcel(portal);
    await this.network.check();
    must(!isPeerClosed(portal), "the link is not dropped");
  }

  /** Somebody connects, and writes this, among others who connect and go; they too are told of, or not. */
  async admit(peer: PipeProcess, heard: PipeAttack): Promise<void> {
    const number = this.newNumber();
    await obeyed(peer, { do: "connect", link: number, path: this.path });
    await obeyed(peer, { do: "attack", link: number, attack: heard });
    const links: PipeLink[] = [];
    await until(() => {
      for (const transport of this.arrived.splice(0)) links.push(this.join(number, transport));
      return links.some(({ portals }) => get(portalAt(portals, 0)).result === 0);
    }, "who stays is let in");
    await obeyed(peer, { do: "leave", link: number });
    for (const link of links) await this.gone(link);
  }

  /** The other end goes away, and that is seen. */
  async leave(peer: PipeProcess, link: PipeLink): Promise<void> {
    await obeyed(peer, { do: "leave", link: link.number });
    await this.gone(link);
  }

  /** The other end is gone, or about to be. */
  async gone(link: PipeLink): Promise<void> {
    await until(
      () => link.portals.every(isPeerClosed),
      "portals see that nobody is there any more",
    );
    this.release(link);
  }

  /** The honest link works, and nothing is held that was not held before. */
  async settle(): Promise<void> {
    await this.network.check();
    await this.network.settle();
  }

  private release({ portals, node }: PipeLink): void {
    for (const portal of portals) close(portal);
    if (node !== null) close(node);
  }
}

async function expectParcel(portal: IpczHandle): Promise<void> {
  let got = get(portal);
  await until(() => {
    if (got.result !== 0) got = get(portal);
    return got.result === 0;
  }, "a parcel arrives");
  for (const handle of got.handles) close(handle);
  must(Buffer.compare(got.bytes, PARCEL) === 0, "a parcel arrives as it was sent");
}

/** The hostile process does what it is told. */
export async function obeyed(peer: PipeProcess, order: PipeOrder): Promise<void> {
  const how = await peer.order(order);
  must(how === "ok", `a hostile process is told to ${order.do}: ${how}`);
}

/** The hostile process writes. */
export async function attack(
  peer: PipeProcess,
  { number }: PipeLink,
  what: PipeAttack,
): Promise<void> {
  await obeyed(peer, { do: "attack", link: number, attack: what });
}
