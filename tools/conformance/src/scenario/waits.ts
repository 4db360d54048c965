/**
 * What the nodes of a story wait for at this moment, so that a stalled story can say so.
 */
import { turnsUntil } from "../table/turns.ts";

/** One open wait; `end` it when it is over, however it ended. */
export interface Wait {
  end(): void;
}

interface OpenWait {
  readonly node: string;
  readonly what: string;
  readonly detail: () => string;
}

/** Thrown into the bodies of a story that is over before they are. */
export class StoryOver extends Error {
  override readonly name: string = "StoryOver";
}

const ACCOUNT_LINES_MAX = 40;

/** The open waits of one story in one process. */
export class Waits {
  readonly #open = new Set<OpenWait>();
  #over = false;

  /** Notes that `node` waits for `what`; `detail` is asked only when an account is written. */
  begin(node: string, what: string, detail: () => string): Wait {
    this.assertNotOver();
    const wait: OpenWait = { node, what, detail };
    this.#open.add(wait);
    return { end: () => void this.#open.delete(wait) };
  }

  /** Waits until `holds` answers true, looking again after each turn. */
  async until(
    node: string,
    what: string,
    holds: () => boolean,
    detail: () => string,
  ): Promise<void> {
    const wait = this.begin(node, what, detail);
    try {
      await turnsUntil(() => this.#over || holds());
    } finally {
      wait.end();
    }
    this.assertNotOver();
  }

  /** One line for each wait: who, for what, and how it looks there. */
  account(): string[] {
    const lines: string[] = [];
    for (const { node, what, detail } of this.#open) {
      if (lines.length === ACCOUNT_LINES_MAX) {
        lines.push(`… and ${String(this.#open.size - lines.length)} more`);
        break;
      }
      lines.push(`${node} waits for ${what} (${detail()})`);
    }
    return lines;
  }

  /** Ends the story: nothing may be waited for any more. */
  abandon(): void {
    this.#over = true;
  }

  /** Throws when the story is over. */
  assertNotOver(): void {
    if (this.#over) throw new StoryOver("the story is over");
  }
}
