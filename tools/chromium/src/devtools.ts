/**
 * A browser's own protocol for tools, over two pipes: just enough to open a page and look at it.
 */
import type { Readable, Writable } from "node:stream";

interface Answer {
  readonly id?: number;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

interface Waiting {
  readonly resolve: (result: Readonly<Record<string, unknown>>) => void;
  readonly reject: (error: Error) => void;
}

/** Messages are JSON, each ended by a zero byte. */
export class DevTools {
  readonly #input: Writable;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #rest = "";

  constructor(input: Writable, output: Readable) {
    this.#input = input;
    // Whoever waits learns of the end from the output.
    input.on("error", () => undefined);
    output.on("data", (chunk: Buffer) => this.#take(chunk.toString()));
    output.on("close", () => {
      for (const { reject } of this.#waiting.values()) reject(new Error("the browser has gone"));
      this.#waiting.clear();
    });
  }

  /** Calls a method, of the browser or of one of its pages. */
  call(
    method: string,
    params: Readonly<Record<string, unknown>> = {},
    sessionId?: string,
  ): Promise<Readonly<Record<string, unknown>>> {
    const id = this.#nextId++;
    this.#input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  /** Opens a page; answers what evaluates expressions in it. */
  async open(url: string): Promise<(expression: string) => Promise<unknown>> {
    const { targetId } = await this.call("Target.createTarget", { url });
    const { sessionId } = await this.call("Target.attachToTarget", { targetId, flatten: true });
    return async (expression) => {
      const params = { expression, returnByValue: true, awaitPromise: true };
      const { result } = await this.call("Runtime.evaluate", params, String(sessionId));
      return (result as { readonly value?: unknown } | undefined)?.value;
    };
  }

  #take(text: string): void {
    const messages = (this.#rest + text).split("\0");
    this.#rest = messages.pop() ?? "";
    for (const message of messages) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the browser's form
      const { id = 0, result, error } = JSON.parse(message) as Answer;
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) waiting?.reject(new Error(error.message));
      else waiting?.resolve(result ?? {});
    }
  }
}
