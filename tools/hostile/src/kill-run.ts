/**
 * One performance: the victims of a cast in processes of their own, everybody else here. When the victims are gone, the
 * survivors see it, and what they still have works.
 */
import type { ChildProcess } from "node:child_process";
import process from "node:process";
import { IPCZ_CREATE_NODE_AS_BROKER, type IpczDriverHandle, type IpczHandle } from "@ipcz/api";
import { wasKilled } from "@ipcz/conformance/scenario";
import { inspectNode } from "@ipcz/core/inspect";
import { close, createNode, must } from "./calls.ts";
import { childScript } from "./child-script.ts";
import { giveTransports } from "./hand-over.ts";
import type { HonestNetwork } from "./honest-network.ts";
import { Actor, type End } from "./kill-actor.ts";
import { type Cast, isBroker } from "./kill-casts.ts";
import { isPeerClosed } from "./portal-state.ts";
import { until } from "./turn.ts";

/** Who dies, and when. */
export interface Kill {
  readonly cast: Cast;
  /** The step is one of the first's. */
  readonly victims: readonly string[];
  readonly direction: "sent" | "received";
  /** From 1; 0: nobody dies. */
  readonly step: number;
}

/** How many steps the first victim took; null: it was killed. */
export interface Steps {
  readonly sent: number;
  readonly received: number;
}

interface Victim {
  readonly child: ChildProcess;
  text: string;
  gone: boolean;
  /** It ended neither by a kill nor because it was told to. */
  crashed: boolean;
}

export class KillRun {
  private readonly network: HonestNetwork;
  private readonly kill: Kill;
  private readonly victims = new Map<string, Victim>();
  private readonly actors = new Map<string, Actor>();
  private readonly nodes: IpczHandle[] = [];

  constructor(network: HonestNetwork, kill: Kill) {
    this.network = network;
    this.kill = kill;
  }

  async run(): Promise<Steps | null> {
    this.raiseTheCurtain();
    for (const actor of this.actors.values()) actor.begin();
    await this.until(() => this.isPlayed, "everything is said, or somebody dies");
    for (const { child } of this.victims.values()) child.stdin?.end();
    await this.until(
      () => [...this.victims.values()].every(({ gone }) => gone),
      "processes end when they are told to",
    );
    must(![...this.victims.values()].some(({ crashed }) => crashed), "no process crashes");
    await this.until(() => {
      this.closeStranded();
      return this.sawClosure();
    }, "portals see that their peers are gone");
    await this.until(() => this.pairsAreHere(), "ends without a peer are told, the others arrive");
    for (const actor of this.actors.values()) actor.probe();
    await this.until(() => this.pairsAreWhole(), "pairs are connected, or both ends are told");
    for (const actor of this.actors.values()) actor.close();
    for (const node of this.nodes) close(node);
    return this.steps();
  }

  /** Takes down what a failed run has left. */
  abandon(): void {
    for (const { child } of this.victims.values()) child.kill("SIGKILL");
    for (const actor of this.actors.values()) actor.close();
    for (const node of this.nodes) close(node);
  }

  private raiseTheCurtain(): void {
    const { cast, victims } = this.kill;
    const transports = new Map<string, IpczDriverHandle[]>();
    for (const { ends } of cast.bonds) {
      const pair = this.network.transports();
      for (const side of [0, 1] as const)
        transports.set(ends[side], [...(transports.get(ends[side]) ?? []), pair[side]]);
    }
    // The first victim takes the others along, so these are there before it.
    for (const name of victims.toReversed()) this.startVictim(name, transports.get(name) ?? []);
    for (const name of [...cast.brokers, ...cast.members]) {
      if (victims.includes(name)) continue;
      const actor = new Actor(cast, name, this.nodeFor(name));
      this.actors.set(name, actor);
      actor.connect(transports.get(name) ?? []);
    }
  }

  /** A broker that lives has other members too. */
  private nodeFor(name: string): IpczHandle {
    const { cast } = this.kill;
    if (cast.brokers[0] === name) return this.network.broker;
    const flags = isBroker(cast, name) ? IPCZ_CREATE_NODE_AS_BROKER : 0;
    const node = createNode(this.network.driver, flags);
    this.nodes.push(node);
    return node;
  }

  private startVictim(name: string, transports: readonly IpczDriverHandle[]): void {
    const { cast, victims, direction, step } = this.kill;
    const isFirst = victims[0] === name;
    const others = isFirst ? [...this.victims.values()].map(({ child }) => String(child.pid)) : [];
    const at = isFirst ? String(step) : "0";
    const args = childScript("kill-peer.js", cast.name, name, direction, at, ...others);
    const { driver } = this.network;
    const { child, transport } = driver.spawnWithTransport(process.execPath, args, {
      stdio: ["pipe", "pipe", "inherit"],
    });
    giveTransports(driver, transport, transports);
    const victim: Victim = { child, text: "", gone: false, crashed: false };
    this.victims.set(name, victim);
    // It may die before it has read its input.
    child.stdin?.on("error", () => undefined);
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      victim.text += text;
    });
    child.once("close", (code, signal) => {
      victim.gone = true;
      victim.crashed = code !== 0 && !wasKilled(code, signal);
    });
  }

  private get isPlayed(): boolean {
    const victims = [...this.victims.values()];
    if (victims.some(({ gone }) => gone)) return true;
    const actors = [...this.actors.values()];
    return victims.every(({ text }) => text !== "") && actors.every(({ isDone }) => isDone);
  }

  private async until(condition: () => boolean, what: string): Promise<void> {
    await until(() => {
      for (const actor of this.actors.values()) actor.step();
      return condition();
    }, what);
  }

  private sawClosure(): boolean {
    for (const { bonds } of this.actors.values())
      for (const [neighbour, portal] of bonds)
        if (!this.actors.has(neighbour) && !isPeerClosed(portal)) return false;
    return true;
  }

  /**
   * A node that could not inherit a broker keeps those waiting that it refers itself, since it may still find one (spec:
   * api 4.6). These have given up, so they close.
   */
  private closeStranded(): void {
    for (const [name, actor] of this.actors) {
      const pending = inspectNode(actor.node)?.pending ?? 0;
      const uplink = actor.uplink;
      if (pending === 0 || uplink === undefined || !isPeerClosed(uplink)) continue;
      this.actors.delete(name);
      actor.close();
      close(actor.node);
      this.nodes.splice(this.nodes.indexOf(actor.node), 1);
    }
  }

  /** Pairs that have an end here. */
  private pairs(): (readonly [End | undefined, End | undefined])[] {
    const actors = [...this.actors.values()];
    const held = new Map(actors.flatMap((actor) => Array.from(actor.held)));
    const kept = new Map(actors.flatMap((actor) => Array.from(actor.kept)));
    return [...new Set([...held.keys(), ...kept.keys()])].map((name) => [
      kept.get(name),
      held.get(name),
    ]);
  }

  /** Of each pair both ends are here, or the one that is knows that it is alone. */
  private pairsAreHere(): boolean {
    return this.pairs().every(
      ([kept, held]) => (kept !== undefined && held !== undefined) || isAlone(kept ?? held),
    );
  }

  /** Two ends hear each other, or both know that they are alone. */
  private pairsAreWhole(): boolean {
    return this.pairs().every(([kept, held]) => {
      if (!kept || !held) return true;
      return (kept.heard && held.heard) || (isAlone(kept) && isAlone(held));
    });
  }

  private steps(): Steps | null {
    const [first = ""] = this.kill.victims;
    const counts = /(\d+) (\d+)\n$/.exec(this.victims.get(first)?.text ?? "");
    return counts && { sent: Number(counts[1]), received: Number(counts[2]) };
  }
}

function isAlone(end: End | undefined): boolean {
  return end !== undefined && isPeerClosed(end.portal);
}
