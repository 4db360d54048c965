/**
 * Says on standard error how far a run is: one line that changes on a terminal, a line now and then elsewhere.
 */
import process from "node:process";

export interface Step {
  readonly measurement: string;
  /** 0 while warming up. */
  readonly round: number;
  readonly rounds: number;
  readonly name: string;
}

export interface Progress {
  next(step: Step): void;
}

const LINE_MS = 5000;

export class LineProgress implements Progress {
  private readonly steps: number;
  private readonly startedAt = Date.now();
  private done = 0;
  private saidAt = 0;

  /** `steps`: how often {@link LineProgress.next} will be called. */
  constructor(steps: number) {
    this.steps = steps;
  }

  next({ measurement, round, rounds, name }: Step): void {
    this.done++;
    const isTerminal = process.stderr.isTTY;
    if (!isTerminal && Date.now() - this.saidAt < LINE_MS) return;
    this.saidAt = Date.now();
    const seconds = ((this.saidAt - this.startedAt) / 1000).toFixed(0);
    const part = `${Math.floor((100 * (this.done - 1)) / this.steps)} %`.padStart(5);
    const when = round <= 0 ? "warming up" : `round ${round} of ${rounds}`;
    const text = `${part}, ${seconds} s: ${measurement}, ${when}, ${name}`;
    process.stderr.write(isTerminal ? `\r\u001b[2K${text}` : `${text}\n`);
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write("\r\u001b[2K");
  }
}
