/**
 * Processes killed at every step of every handshake, and of portal transfers: whoever is left sees its portals closed,
 * its other links live on, and nothing is left behind.
 *
 * How many steps there are is counted in a performance in which nobody dies.
 */
import process from "node:process";
import { startFirstProcess } from "./child-script.ts";
import { type Failure, failureOf } from "./failure.ts";
import { HonestNetwork } from "./honest-network.ts";
import { victimsOn, type Cast } from "./kill-casts.ts";
import { openSystemDriver } from "./open-driver.ts";
import { type Kill, KillRun, type Steps } from "./kill-run.ts";

export interface KillReport {
  /** Steps at which somebody was to die. */
  readonly points: number;
  /** Performances in which somebody did; the others had fewer steps than the one that was counted. */
  readonly killed: number;
  readonly failures: readonly Failure[];
}

/** What became of one list of victims. */
export interface KillRow {
  readonly cast: string;
  readonly victims: readonly string[];
  /** Messages of the first victim in a performance in which nobody dies. */
  readonly sent: number;
  readonly received: number;
  readonly kills: number;
}

const FAILURES_MAX = 5;

export class KillMatrix {
  private readonly network = new HonestNetwork(openSystemDriver());
  private readonly failures: Failure[] = [];
  private readonly done: KillRow[] = [];
  private begun = false;
  private points = 0;
  private killed = 0;

  /** All victims of a cast at every step, or at `stepsMax` of them for each. */
  async run(
    cast: Cast,
    stepsMax: number = Infinity,
    alive: () => void = () => undefined,
  ): Promise<KillReport> {
    for (const victims of victimsOn(process.platform, cast)) {
      const counted = await this.perform({ cast, victims, direction: "sent", step: 0 });
      if (!counted) continue;
      const before = this.killed;
      for (const kill of spread(killsOf(cast, victims, counted), stepsMax)) {
        if (this.failures.length >= FAILURES_MAX) break;
        await this.strike(kill);
        alive();
      }
      const kills = this.killed - before;
      this.done.push({ cast: cast.name, victims, ...counted, kills });
    }
    return this.report;
  }

  /** One kill. */
  async strike(kill: Kill): Promise<void> {
    this.points++;
    if ((await this.perform(kill)) === null) this.killed++;
  }

  get report(): KillReport {
    const { points, killed, failures } = this;
    return { points, killed, failures };
  }

  /** One for each list of victims that was played. */
  get rows(): readonly KillRow[] {
    return this.done;
  }

  /** What this process holds before the first kill, and after each that did not fail. */
  get held(): string {
    return this.network.held;
  }

  end(): void {
    this.network.end();
  }

  private async begin(): Promise<void> {
    if (this.begun) return;
    this.begun = true;
    await startFirstProcess();
    await this.network.begin();
  }

  private async perform(kill: Kill): Promise<Steps | null> {
    await this.begin();
    const run = new KillRun(this.network, kill);
    try {
      const steps = await run.run();
      await this.network.settle();
      await this.network.check();
      return steps;
    } catch (error) {
      run.abandon();
      const { cast, victims, direction, step } = kill;
      const where = `${cast.name}, ${victims.join(" and ")}, ${direction} ${step}`;
      this.failures.push(failureOf(this.points, error, where));
      return null;
    }
  }
}

/** One for each message the first victim sends and receives. */
function killsOf(cast: Cast, victims: readonly string[], steps: Steps): Kill[] {
  return (["sent", "received"] as const).flatMap((direction) =>
    Array.from({ length: steps[direction] }, (_none, index) => ({
      cast,
      victims,
      direction,
      step: index + 1,
    })),
  );
}

/** At most `count` of them, evenly. */
function spread<T>(all: readonly T[], count: number): readonly T[] {
  if (all.length <= count) return all;
  const step = all.length / count;
  const wanted = new Set(Array.from({ length: count }, (_none, k) => Math.floor((k + 0.3) * step)));
  return all.filter((_one, index) => wanted.has(index));
}
