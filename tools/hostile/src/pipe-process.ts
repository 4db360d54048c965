/** The process with bare ends of pipes, as seen by its victim: orders, and the answers to them. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { childScript } from "./child-script.ts";
import type { PipeAnswer, PipeOrder } from "./pipe-orders.ts";

/** How it is to be started: orders by its input, answers by its output. */
export const PIPE_PEER_STDIO: ["pipe", "pipe", "inherit"] = ["pipe", "pipe", "inherit"];

const GONE = "the process is gone";
const SILENT = "the process does not answer";
/** Whoever has not answered by then is taken for stuck; a process that is only slow is not missed. */
const SILENT_MS = 30_000;

export class PipeProcess {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, (how: string) => void>();
  private readonly gone: Promise<unknown>;
  private isGone = false;

  /** Takes a process that runs `pipe-peer`; without one, starts it. */
  constructor(
    child: ChildProcess = spawn(process.execPath, childScript("pipe-peer.js"), {
      stdio: PIPE_PEER_STDIO,
    }),
  ) {
    this.child = child;
    this.gone = once(child, "close");
    child.once("close", () => {
      this.isGone = true;
      for (const resolve of this.waiting.values()) resolve(GONE);
    });
    // It may be gone before it has read its orders.
    child.stdin?.on("error", () => undefined);
    if (!child.stdout) throw new Error("no output to read answers from");
    createInterface({ input: child.stdout }).on("line", (line) => {
      const { link, how } = JSON.parse(line) as PipeAnswer;
      this.waiting.get(link)?.(how);
    });
  }

  /**
   * Resolves with the answer: "ok", or what went wrong. One order for each link at a time. A process that sends numbers
   * of its own handles by chance loses them, and with them perhaps its streams.
   */
  order(order: PipeOrder): Promise<string> {
    if (this.isGone) return Promise.resolve(GONE);
    return new Promise((resolve) => {
      const end = (how: string): void => {
        clearTimeout(timer);
        this.waiting.delete(order.link);
        resolve(how);
      };
      const timer = setTimeout(() => end(SILENT), SILENT_MS);
      this.waiting.set(order.link, end);
      this.child.stdin?.write(`${JSON.stringify(order)}\n`);
    });
  }

  /** Ends it at once, in the middle of whatever it does. */
  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.gone;
  }
}
