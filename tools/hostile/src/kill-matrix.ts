/**
 * Processes killed at every step of every handshake, and of portal transfers: the side that is left sees its portals
 * closed, its other links live on, and nothing is left behind.
 */
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import {
  IPCZ_CONNECT_NODE_SHARE_BROKER,
  IPCZ_CONNECT_NODE_TO_BROKER,
  IPCZ_CREATE_NODE_AS_BROKER,
  IPCZ_PORTAL_STATUS_PEER_CLOSED,
  IPCZ_PORTAL_STATUS_SIZE,
  type IpczDriverHandle,
  type IpczHandle,
  type Out,
} from "@ipcz/api";
import { getAPI } from "@ipcz/core";
import { liveRouters } from "@ipcz/core/inspect";
import { posixDriver, type PosixDriver } from "@ipcz/driver-posix";
import { close, connect, createNode, get, must, openPortals, put } from "./calls.ts";
import type { Failure } from "./campaign.ts";
import { collectGarbage } from "./garbage.ts";

/** What the process is that will be killed. */
export const ROLES = ["member", "broker", "other broker", "newcomer"] as const;
export type Role = (typeof ROLES)[number];

/** When it is killed. */
export interface Kill {
  readonly role: Role;
  readonly direction: "sent" | "received";
  readonly step: number;
}

/** Every role, both directions, steps 1 to `stepsMax`. */
export function everyKill(stepsMax: number): Kill[] {
  const kills: Kill[] = [];
  for (const role of ROLES)
    for (const direction of ["sent", "received"] as const)
      for (let step = 1; step <= stepsMax; step++) kills.push({ role, direction, step });
  return kills;
}

const ROUNDS = 4;
const TURNS_MAX = 200_000;

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function peerScript(): string[] {
  const isSource = import.meta.url.endsWith(".ts");
  const script = fileURLToPath(
    new URL(isSource ? "kill-peer.ts" : "kill-peer.js", import.meta.url),
  );
  return isSource ? ["--import", "tsx", "--conditions=@ipcz/source", script] : [script];
}

function isPeerClosed(portal: IpczHandle): boolean {
  const status = { size: IPCZ_PORTAL_STATUS_SIZE, flags: 0, numLocalParcels: 0, numLocalBytes: 0 };
  getAPI().QueryPortalStatus(portal, 0, null, status);
  return (status.flags & IPCZ_PORTAL_STATUS_PEER_CLOSED) !== 0;
}

/** Survivors: a broker and a member of its network, with an honest link between them. */
export class KillMatrix {
  private readonly driver: PosixDriver = posixDriver();
  private readonly broker: IpczHandle;
  private readonly member: IpczHandle;
  private readonly pair: readonly [IpczHandle, IpczHandle];
  private number = 0;

  constructor() {
    this.broker = createNode(this.driver, IPCZ_CREATE_NODE_AS_BROKER);
    this.member = createNode(this.driver, 0);
    const [ours, theirs]: Out<IpczDriverHandle>[] = [
      { value: 0 as IpczDriverHandle },
      { value: 0 as IpczDriverHandle },
    ];
    const none = 0 as IpczDriverHandle;
    must(ours !== undefined && theirs !== undefined, "two cells");
    this.driver.CreateTransports(none, none, 0, null, ours, theirs);
    const [a] = connect(this.broker, ours.value, 1, 0);
    const [b] = connect(this.member, theirs.value, 1, IPCZ_CONNECT_NODE_TO_BROKER);
    must(a !== undefined && b !== undefined, "honest nodes connect");
    this.pair = [a, b];
  }

  /** Runs all of them; `alive` is called after each. */
  async run(kills: readonly Kill[], alive: () => void = () => undefined): Promise<Failure[]> {
    const failures: Failure[] = [];
    await this.checkHonest();
    const baseline = await this.level();
    for (const [index, kill] of kills.entries()) {
      try {
        await this.one(kill);
        await this.settle(baseline);
      } catch (error) {
        const what = error instanceof Error ? error.message : String(error);
        failures.push({
          attack: index,
          what: `${kill.role}, ${kill.direction} ${kill.step}: ${what}`,
        });
      }
      alive();
    }
    return failures;
  }

  end(): void {
    for (const handle of [...this.pair, this.broker, this.member]) close(handle);
    this.driver.dispose();
  }

  private async one({ role, direction, step }: Kill): Promise<void> {
    const args = [...peerScript(), role, direction, String(step)];
    const options = { stdio: ["ignore", "ignore", "inherit"] as ("ignore" | "inherit")[] };
    const { child, transport } = this.driver.spawnWithTransport(process.execPath, args, options);
    let gone = false;
    const exit = new Promise<void>((resolve) => {
      child.once("exit", () => {
        gone = true;
        resolve();
      });
    });
    const own = role === "broker" ? createNode(this.driver, 0) : null;
    const portals = this.connectTo(role, transport, own);
    must(portals.length > 0, "a node connects");
    const extra: IpczHandle[] = [];
    await this.talk(
      own ?? (role === "newcomer" ? this.member : this.broker),
      portals,
      extra,
      () => gone,
    );
    // A process that was not killed at its step ends by itself when its portals are closed.
    if (gone) await this.sawClosure([...portals, ...extra]);
    for (const portal of [...portals, ...extra]) close(portal);
    await exit;
    if (own !== null) close(own);
    await this.checkHonest();
  }

  private connectTo(role: Role, transport: IpczDriverHandle, own: IpczHandle | null): IpczHandle[] {
    if (role === "member") return connect(this.broker, transport, 2, 0);
    if (role === "other broker")
      return connect(this.broker, transport, 2, IPCZ_CONNECT_NODE_TO_BROKER);
    if (role === "newcomer")
      return connect(this.member, transport, 2, IPCZ_CONNECT_NODE_SHARE_BROKER);
    return connect(own ?? this.member, transport, 2, IPCZ_CONNECT_NODE_TO_BROKER);
  }

  /** Sends portals and takes what comes back, until the other process is gone or has answered enough. */
  private async talk(
    node: IpczHandle,
    portals: readonly IpczHandle[],
    extra: IpczHandle[],
    isGone: () => boolean,
  ): Promise<void> {
    const [first] = portals;
    must(first !== undefined, "a node connects");
    for (let round = 0; round < ROUNDS && !isGone(); round++) {
      const [kept, given] = openPortals(node);
      extra.push(kept);
      if (put(first, new Uint8Array(100), [given]) !== 0) close(given);
      let got = get(first);
      while (got.result !== 0 && !isGone()) {
        await turn();
        got = get(first);
      }
      extra.push(...got.handles);
    }
  }

  private async sawClosure(portals: readonly IpczHandle[]): Promise<void> {
    for (const portal of portals) {
      for (let i = 0; !isPeerClosed(portal); i++) {
        must(i < TURNS_MAX, "a portal sees that its peer is gone");
        await turn();
      }
    }
  }

  private async checkHonest(): Promise<void> {
    const [a, b] = this.pair;
    this.number++;
    const bytes = Uint8Array.of(this.number & 0xff);
    must(put(a, bytes) === 0, "an honest portal takes a parcel");
    let got = get(b);
    for (let i = 0; got.result !== 0; i++) {
      must(i < TURNS_MAX, "an honest parcel arrives");
      await turn();
      got = get(b);
    }
    must(got.bytes[0] === (this.number & 0xff), "honest parcels arrive in order");
  }

  private async settle(baseline: string): Promise<void> {
    for (let i = 0; ; i++) {
      const now = await this.level(i % 20 === 0);
      if (now === baseline) return;
      must(i < 2000, `something is left behind: ${now} instead of ${baseline}`);
      await turn();
    }
  }

  private async level(collect = true): Promise<string> {
    if (collect) await collectGarbage();
    const { transports, memories, mappings, descriptors, lingering } = this.driver.liveObjects();
    const open = readdirSync("/proc/self/fd").length;
    const maps = readFileSync("/proc/self/maps", "utf8").split("/ipcz/mem").length - 1;
    const held = `${transports} transports, ${memories} memories, ${mappings} mappings`;
    return `${held}, ${descriptors} carried, ${lingering} lingering, ${open} open descriptors, ${maps} maps, ${liveRouters()} routers`;
  }
}
