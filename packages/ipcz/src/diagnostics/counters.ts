/**
 * How often things have happened, since somebody began to count.
 */
import { addTap, type DiagnosticsMessages, type DiagnosticsName } from "./channels.ts";

/** Counts by channel and step: `connect.connected`, `bypass.finished`, `reject.message`. */
export type DiagnosticsCounts = Readonly<Record<string, number>>;

/** Counts what happens between the nodes of this process and others, from when it is made until it is closed. */
export class DiagnosticsCounters {
  readonly #counts = new Map<string, number>();
  readonly #stop: () => void;

  /** Begins to count, from 0. */
  constructor() {
    this.#stop = addTap((name, message) => {
      const key = `${name}.${stepOf(message)}`;
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    });
  }

  /** The counts so far; what has not happened is not listed. */
  get counts(): DiagnosticsCounts {
    return Object.fromEntries(this.#counts);
  }

  /** Stops counting; the counts stay. */
  close(): void {
    this.#stop();
  }

  /** As {@link DiagnosticsCounters.close}. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** What a message says has happened, in one word. */
export function stepOf(message: DiagnosticsMessages[DiagnosticsName]): string {
  return "what" in message ? message.what : message.step;
}
