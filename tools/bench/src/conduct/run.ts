/**
 * One run: for each measurement all contestants by turns, round after round, so that all of them meet the same weather.
 * Nothing but the contestant whose turn it is has anything to do.
 */
import process from "node:process";
import type { Figures, Request } from "../protocol.ts";
import type { Measurement } from "../tables/table.ts";
import { Contestant, type Entry } from "./contestant.ts";
import type { Progress } from "./progress.ts";
import { flagsFor, flagsForAll } from "./flags.ts";
import { Results } from "./results.ts";
import { oneProcessor } from "./one-processor.ts";
import { countWakeUps } from "./wake-ups.ts";

/** It takes some 100 000 messages until all code on their way is compiled for speed: so much work, whatever the scale. */
const WARM_UP_MS = 600;
/**
 * A stream is measured for so long at least, whatever it carries meanwhile: of one that is over in ten milliseconds a
 * fifth is the waking of processes that had nothing to do before.
 */
const STREAM_MS_MIN = 200;
/**
 * Before it is measured a contestant works for so long: it was at rest while others had their turns, and V8 uses that to
 * collect garbage and to forget compiled code, the system to forget where the processes ran well.
 */
const LEAD_IN_MS = 150;
/** A warm-up has at least so many goes. */
const WARM_UPS_MIN = 2;

export interface RunOptions {
  readonly rounds: number;
  /** One process for all that a contestant measures, and no warming up: quick, and good for tests only. */
  readonly inOneGo?: boolean;
  readonly progress: Progress;
}

export async function run(
  measurements: readonly Measurement[],
  entries: readonly Entry[],
  { rounds, inOneGo = false, progress }: RunOptions,
): Promise<Results> {
  const results = new Results(entries.map(({ name }) => name));
  const lineUp = new LineUp(results, inOneGo);
  // A contestant that is busy does not see that nobody waits for it any more.
  const killAll = (): void => lineUp.kill();
  process.once("exit", killAll);
  for (const measurement of measurements) {
    const { label, request, freshProcesses } = measurement;
    const planned = roundsOf(measurement, rounds);
    const { last } = planned;
    lineUp.begin(request);
    for (let round = inOneGo ? 1 : planned.first; round <= last; round++) {
      for (const entry of entriesFor(measurement, entries)) {
        progress.next({ measurement: label, round, rounds: last, name: entry.name });
        const figures = await (round > 0 ? lineUp.measure(entry) : lineUp.warmUp(entry));
        if (figures && round > 0) results.add(request, entry.name, figures);
      }
      if (freshProcesses && !inOneGo) await lineUp.close();
    }
    if (!inOneGo) await lineUp.close();
  }
  await lineUp.close();
  process.off("exit", killAll);
  return results;
}

/** How often {@link run} says what is next. */
export function countSteps(
  measurements: readonly Measurement[],
  entries: readonly Entry[],
  rounds: number,
): number {
  let steps = 0;
  for (const measurement of measurements) {
    const { first, last } = roundsOf(measurement, rounds);
    steps += (last - first + 1) * entriesFor(measurement, entries).length;
  }
  return steps;
}

/** Round 0 warms up; there is none where each round has processes of its own. */
function roundsOf(
  { freshProcesses, roundsMax }: Measurement,
  rounds: number,
): { first: number; last: number } {
  return { first: freshProcesses ? 1 : 0, last: Math.min(rounds, roundsMax ?? rounds) };
}

function entriesFor({ mayBeDoneBy }: Measurement, entries: readonly Entry[]): Entry[] {
  return entries.filter(({ name }) => mayBeDoneBy(name));
}

/** The contestants: started when their turn comes, out of a measurement once they fail or do not do such work. */
class LineUp {
  private readonly results: Results;
  private readonly inOneGo: boolean;
  private readonly running = new Map<Entry, Contestant>();
  private readonly out = new Set<Entry>();
  private request: Request = { work: "start-up" };
  /** Nanoseconds per message, of those that are warm. */
  private readonly pace = new Map<Entry, number>();

  constructor(results: Results, inOneGo: boolean) {
    this.results = results;
    this.inOneGo = inOneGo;
  }

  begin(request: Request): void {
    this.request = request;
    this.out.clear();
    this.pace.clear();
  }

  /** Works until it is warm. Null: this contestant has no figures to give. */
  async warmUp(entry: Entry): Promise<Figures | null> {
    const end = performance.now() + WARM_UP_MS;
    let figures: Figures | null = null;
    for (let goes = 0; goes < WARM_UPS_MIN || performance.now() < end; goes++) {
      figures = await this.measure(entry);
      if (!figures) break;
    }
    if (figures?.["nanoseconds"] !== undefined) this.pace.set(entry, figures["nanoseconds"]);
    return figures;
  }

  /** Null: this contestant has no figures to give. */
  async measure(entry: Entry): Promise<Figures | null> {
    if (this.out.has(entry)) return null;
    const contestant = this.running.get(entry) ?? this.start(entry);
    const pace = this.pace.get(entry);
    const leadIn = leadInFor(this.request, pace);
    try {
      if (leadIn) await contestant.ask(leadIn);
      const answer = await contestant.ask(lengthened(this.request, pace));
      if ("figures" in answer) return answer.figures;
      if ("watch" in answer && this.request.work === "idle")
        return await countWakeUps(answer.watch, this.request.seconds);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.results.failures.push({ contestant: entry.name, request: this.request, reason });
      contestant.kill();
      this.running.delete(entry);
    }
    this.out.add(entry);
    return null;
  }

  async close(): Promise<void> {
    const contestants = [...this.running.values()];
    this.running.clear();
    await Promise.all(contestants.map((contestant) => contestant.close()));
  }

  kill(): void {
    for (const contestant of this.running.values()) contestant.kill();
  }

  private start(entry: Entry): Contestant {
    const flags = this.inOneGo ? flagsForAll() : flagsFor(this.request);
    const { request } = this;
    const isPinned = request.work === "round-trip" && request.onOneProcessor === true;
    const contestant = new Contestant(entry, flags, isPinned ? (oneProcessor() ?? []) : []);
    this.running.set(entry, contestant);
    return contestant;
  }
}

/** Some of the same work, at `pace` nanoseconds a message; null: it is work that is not measured in the flow. */
export function leadInFor(request: Request, pace: number | undefined): Request | null {
  if (pace === undefined || pace <= 0) return null;
  const messages = (LEAD_IN_MS * 1e6) / pace;
  switch (request.work) {
    case "one-way":
      return { ...request, bursts: Math.ceil(messages / request.burst) };
    case "round-trip":
      return { ...request, count: Math.ceil(messages) };
    case "allocation":
    case "idle":
    case "pairs":
    case "portals":
    case "routes":
    case "start-up":
      return null;
  }
}

/** With as many bursts as it takes to be long enough at `pace` nanoseconds a message. */
export function lengthened(request: Request, pace: number | undefined): Request {
  if (request.work !== "one-way" || pace === undefined || pace <= 0) return request;
  const needed = Math.ceil((STREAM_MS_MIN * 1e6) / (pace * request.burst));
  return { ...request, bursts: Math.max(request.bursts, needed) };
}
