/**
 * A far end in a process of its own. It may end only when told so: anything else ends this process too, with a message.
 */
import type { ChildProcess } from "node:child_process";

/** Standard output belongs to the answers of the near end; far ends have none. */
export const FAR_STDIO = ["ignore", "ignore", "inherit"] as const;

export class FarProcess {
  readonly pid: number;
  private readonly ended: Promise<void>;
  private mayEnd = false;

  constructor(child: ChildProcess) {
    this.pid = child.pid ?? 0;
    this.ended = new Promise((resolve) => {
      child.once("exit", (code, signal) => {
        if (!this.mayEnd) throw new Error(`the far end ended by itself: ${signal ?? code ?? "?"}`);
        resolve();
      });
    });
  }

  /** Resolves when it has ended, which `end` brings about. */
  end(end: () => void): Promise<void> {
    this.mayEnd = true;
    end();
    return this.ended;
  }
}
