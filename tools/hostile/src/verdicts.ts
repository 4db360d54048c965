/** What became of the attacks, said as soon as it is known. */
import process from "node:process";
import type { Failure } from "./failure.ts";
import { Growth } from "./growth.ts";

const STEPS = 20;

export class Verdicts {
  /** To be called whenever something was done; the watchdog waits for it. */
  readonly alive: () => void;
  failed = 0;
  private passed = 0;
  private skipped = 0;

  constructor(alive: () => void) {
    this.alive = alive;
  }

  get sum(): string {
    return `${this.passed} passed, ${this.failed} failed, ${this.skipped} skipped`;
  }

  say(text: string): void {
    process.stdout.write(`${text}\n`);
    this.alive();
  }

  conclude(what: string, failures: readonly Failure[]): void {
    if (failures.length === 0) this.passed++;
    else this.failed++;
    this.say(`${failures.length === 0 ? "ok    " : "FAILED"} ${what}`);
    for (const { attack, what: harm } of failures) this.say(`  attack ${attack}: ${harm}`);
  }

  skip(what: string): void {
    this.skipped++;
    this.say(`skip   ${what}`);
  }

  /**
   * Runs something long in equal steps, `share` growing to 1, with a line and a measurement after each; at the end the
   * memory is judged.
   */
  async flat(what: string, step: (share: number) => Promise<string>): Promise<void> {
    const growth = new Growth();
    for (let i = 1; i <= STEPS; i++) {
      this.say(`       ${await step(i / STEPS)}`);
      await growth.sample();
    }
    const failures = growth.harms().map((harm) => ({ attack: -1, what: harm }));
    this.conclude(`memory is flat over the ${what}: ${growth.toString()}`, failures);
  }
}
