/**
 * A contestant as a process: started, asked, ended. What it prints to standard error is passed on and remembered, to be
 * named when it fails.
 */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Answer, parseAnswer, type Request } from "../protocol.ts";

// From the sources, too, it is the built one that runs.
const OURS = fileURLToPath(new URL("../../dist/contestant-main.js", import.meta.url));

/** Longest time without an answer. */
const ANSWER_MS_MAX = 300_000;
/** Longest time a contestant may take to end when it is told to. */
const END_MS_MAX = 10_000;
const REMEMBERED_CHARACTERS = 2000;

export interface Entry {
  readonly name: string;
  /** Given to a shell; null: one of ours, by its name. */
  readonly command: string | null;
}

/** `flags`: for Node, where it is one of ours. `launcher`: words before the command that starts it. */
export class Contestant {
  readonly name: string;
  private readonly child: ChildProcess;
  private readonly ended: Promise<void>;
  private hasEnded = false;
  private lastWords = "";
  private waiting: { resolve(line: string): void; reject(error: Error): void } | null = null;

  constructor(
    { name, command }: Entry,
    flags: readonly string[],
    launcher: readonly string[] = [],
  ) {
    this.name = name;
    // A group of its own, so that none of its processes outlives it.
    const options = { stdio: ["pipe", "pipe", "pipe"] as ["pipe", "pipe", "pipe"], detached: true };
    const own = command === null ? [process.execPath, ...flags, OURS, name] : ["sh", "-c", command];
    const [program = "", ...args] = [...launcher, ...own];
    const child = spawn(program, args, options);
    this.child = child;
    this.ended = new Promise((resolve) => {
      child.once("error", (error) => this.end(error.message, resolve));
      child.once("close", (code, signal) =>
        this.end(`it ended: ${signal ?? code ?? "?"}`, resolve),
      );
    });
    // Writing to one that has ended is reported by its end.
    child.stdin.on("error", () => {});
    child.stderr.on("data", (chunk: Buffer) => {
      this.lastWords = (this.lastWords + chunk.toString()).slice(-REMEMBERED_CHARACTERS);
    });
    createInterface({ input: child.stdout }).on("line", (line) => {
      this.waiting?.resolve(line);
      this.waiting = null;
    });
  }

  /** Rejects, saying why, when the contestant ends, answers nonsense or does not answer. */
  async ask(request: Request): Promise<Answer> {
    const stalled = setTimeout(() => {
      this.fail(`no answer in ${ANSWER_MS_MAX / 1000} s`);
      this.kill();
    }, ANSWER_MS_MAX);
    try {
      const line = await new Promise<string>((resolve, reject) => {
        this.waiting = { resolve, reject };
        if (this.hasEnded) this.fail("it has ended");
        this.child.stdin?.write(`${JSON.stringify(request)}\n`);
      });
      return parseAnswer(line);
    } finally {
      clearTimeout(stalled);
    }
  }

  /** Resolves when it has ended. */
  async close(): Promise<void> {
    this.child.stdin?.end();
    const killer = setTimeout(() => this.kill(), END_MS_MAX);
    await this.ended;
    clearTimeout(killer);
  }

  kill(): void {
    const { pid } = this.child;
    if (this.hasEnded || pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }

  private end(how: string, resolve: () => void): void {
    this.hasEnded = true;
    this.fail(how);
    resolve();
  }

  private fail(how: string): void {
    const words = this.lastWords.trim();
    this.waiting?.reject(new Error(words === "" ? how : `${how}\n${words}`));
    this.waiting = null;
  }
}
