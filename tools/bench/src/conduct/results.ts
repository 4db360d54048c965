/**
 * What one run measured: for each request and contestant, the figures of each round.
 */
import type { Figures, Request } from "../protocol.ts";

/** Something that could not be measured. */
export interface Failure {
  readonly contestant: string;
  readonly request: Request;
  readonly reason: string;
}

export class Results {
  /** In the order of the tables' columns. */
  readonly contestants: readonly string[];
  readonly failures: Failure[] = [];
  private readonly figures = new Map<string, Figures[]>();

  constructor(contestants: readonly string[]) {
    this.contestants = contestants;
  }

  add(request: Request, contestant: string, figures: Figures): void {
    const key = keyOf(request, contestant);
    const rounds = this.figures.get(key);
    if (rounds) rounds.push(figures);
    else this.figures.set(key, [figures]);
  }

  /** Round by round; empty when this contestant does not do that work. */
  of(request: Request, contestant: string): readonly Figures[] {
    return this.figures.get(keyOf(request, contestant)) ?? [];
  }
}

function keyOf(request: Request, contestant: string): string {
  return `${contestant}\n${JSON.stringify(request)}`;
}
