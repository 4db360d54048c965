/**
 * Hostile bytes over named pipes between processes: a process without a node writes what it likes to nodes over
 * driver-win. After each attack the honest link works, and the handles of this process are as many as before.
 */
import process from "node:process";
import { SeededRandom } from "@ipcz/driver-mem";
import { must } from "./calls.ts";
import { childScript } from "./child-script.ts";
import { type Failure, failureOf } from "./failure.ts";
import { pick } from "./knowledge.ts";
import { pipeFraming } from "./mojo-objects.ts";
import { HEARD, type PipeCase } from "./pipe-cases.ts";
import type { PipeAttack } from "./pipe-orders.ts";
import { PIPE_PEER_STDIO, PipeProcess } from "./pipe-process.ts";
import { attack, newPipeName, obeyed, type PipeLink, PipeVictim } from "./pipe-victim.ts";
import { shapesOf } from "./stream-shapes.ts";
import type { StreamReport } from "./streams.ts";

const BATCH = 8;
const PORTALS = 2;
const FAILURES_MAX = 5;
const SHAPES = shapesOf(pipeFraming([]));

export class PipeAttacks {
  private readonly seed: number;
  private readonly alive: () => void;
  private readonly victim = new PipeVictim();
  private peer = new PipeProcess();
  private readonly failures: Failure[] = [];
  private readonly byShape: Record<string, number> = {};
  private streams = 0;

  constructor(seed: number, alive: () => void = () => undefined) {
    this.seed = seed;
    this.alive = alive;
  }

  begin(): Promise<void> {
    return this.victim.begin(this.peer);
  }

  async end(): Promise<void> {
    await this.peer.kill();
    this.victim.end();
  }

  /** One case; throws what harm was done, as all of these do. */
  async strike({ name, outcome }: PipeCase): Promise<void> {
    const { victim, peer } = this;
    const link = await victim.open(peer);
    await attack(peer, link, this.attackOf(name));
    await victim.expect(link, outcome);
    if (outcome === "dropped") {
      await victim.gone(link);
      // Nothing is held for it any more, though the other end is still there.
      await victim.settle();
      await obeyed(peer, { do: "leave", link: link.number });
    } else await victim.leave(peer, link);
    await victim.settle();
  }

  /** One case over the pipe that a process was started with, which is killed afterwards. */
  async strikeAsChild({ name, outcome }: PipeCase): Promise<void> {
    const { victim } = this;
    const { child, transport } = victim.driver.spawnWithTransport(
      process.execPath,
      childScript("pipe-peer.js"),
      { stdio: PIPE_PEER_STDIO },
    );
    const peer = new PipeProcess(child);
    const link = victim.join(0, transport);
    await attack(peer, link, this.attackOf(name));
    await victim.expect(link, outcome);
    await peer.kill();
    await victim.gone(link);
    await victim.settle();
  }

  /** A process with several links is killed, some of them in the middle of something. */
  async vanish(cases: readonly PipeCase[]): Promise<void> {
    const { victim } = this;
    const peer = new PipeProcess();
    const links: PipeLink[] = [];
    for (const { name } of cases) {
      const link = await victim.open(peer);
      links.push(link);
      await attack(peer, link, this.attackOf(name));
    }
    await peer.kill();
    for (const link of links) await victim.gone(link);
    await victim.settle();
  }

  /** Clients that are gone before anybody could look at them; then one that stays is let in. */
  async passBy(count: number): Promise<void> {
    const { victim, peer } = this;
    for (let client = 0; client < count; client++)
      await obeyed(peer, { do: "pass by", path: victim.path, link: victim.newNumber() });
    await victim.admit(peer, this.attackOf(HEARD));
    await victim.settle();
  }

  /** A process that serves the name as well, if the system lets it, while clients come; then it stops. */
  async serveToo(): Promise<void> {
    const { victim, peer } = this;
    const link = victim.newNumber();
    const how = await peer.order({ do: "serve", path: victim.path, link });
    // Wine 8 does not heed that the first instance was to be the only one.
    must(how === "ok" || how === "EADDRINUSE" || how === "EACCES", `a taken name: ${how}`);
    for (let client = 0; client < 3; client++)
      await peer.order({ do: "pass by", path: victim.path, link: victim.newNumber() });
    await obeyed(peer, { do: "leave", link });
    await this.passBy(1);
  }

  /**
   * A name that the hostile process serves: it cannot be listened at, and a node that connects there is its victim. Who
   * serves has power over this process, and is believed when it names handles of it; so it knows of none.
   */
  async joinServer(shape: string): Promise<void> {
    const { victim, peer } = this;
    const path = newPipeName();
    const number = victim.newNumber();
    await obeyed(peer, { do: "serve", link: number, path });
    must(this.isRefused(path), "a name that is taken is refused");
    const transport = await victim.driver.connectTo(path);
    const link = victim.join(number, transport, { asBroker: true, portals: PORTALS });
    await attack(peer, link, { ...this.streamOf(shape, true), numbers: [] });
    await victim.network.check();
    await victim.leave(peer, link);
    await victim.settle();
  }

  /** The ways of streams, by name. */
  get shapes(): readonly string[] {
    return SHAPES;
  }

  /** Streams in every wrong form, until there have been so many. */
  async run(streams: number): Promise<StreamReport> {
    const { failures } = this;
    while (this.streams < streams && failures.length < FAILURES_MAX) {
      const first = this.streams;
      try {
        await this.batch(Math.min(BATCH, streams - first));
      } catch (error) {
        failures.push(failureOf(first, error));
        // What is left of it is no basis for more.
        break;
      }
      this.alive();
    }
    return { streams: this.streams, byShape: this.byShape, failures };
  }

  private async batch(count: number): Promise<void> {
    const { victim } = this;
    const random = new SeededRandom(this.seed * 65_536 + this.streams, 13);
    const links: PipeLink[] = [];
    for (let stream = 0; stream < count; stream++) {
      const asBroker = random.chance(0.5);
      const shape = pick(random, SHAPES) ?? "noise";
      const link = await victim.open(this.peer, { asBroker, portals: PORTALS });
      links.push(link);
      const what = this.streamOf(shape, asBroker);
      const how = await this.peer.order({ do: "attack", link: link.number, attack: what });
      if (how === "ok") continue;
      await this.replacePeer(how);
      break;
    }
    await victim.network.check();
    for (const link of links) {
      // One that was replaced knows nothing of it.
      await this.peer.order({ do: "leave", link: link.number });
      await victim.gone(link);
    }
    await victim.settle();
  }

  /** It has harmed itself, which is nothing to its victims. */
  private async replacePeer(how: string): Promise<void> {
    console.log(`another hostile process after stream ${this.streams - 1}: ${how}`);
    await this.peer.kill();
    this.peer = new PipeProcess();
  }

  private isRefused(path: string): boolean {
    try {
      this.victim.driver.listen(path, {}, () => undefined).close();
      return false;
    } catch (error) {
      return String(error).includes("ERROR_ACCESS_DENIED");
    }
  }

  private attackOf(name: string): PipeAttack {
    return { name, seed: this.seed, numbers: this.victim.stolen };
  }

  private streamOf(shape: string, asBroker: boolean): PipeAttack {
    this.byShape[shape] = (this.byShape[shape] ?? 0) + 1;
    const seed = this.seed * 65_536 + this.streams++;
    return { shape, asBroker, seed, numbers: this.victim.stolen };
  }
}
