import { describe, expect, it } from "vitest";
import { laterTurn } from "../src/later-turn.ts";

/** Runs a request through a host and tells when its turn came. */
async function turnsOf(host: Parameters<typeof laterTurn>[1]): Promise<string[]> {
  const log: string[] = [];
  await new Promise<void>((resolve) => {
    const request = laterTurn(() => {
      log.push("turn");
      if (log.length > 4) resolve();
    }, host);
    request();
    log.push("requested");
    queueMicrotask(() => log.push("microtask"));
    request();
    setTimeout(request, 0);
  });
  return log;
}

/** Channels whose ports do not keep the test's process alive. */
class QuietChannel extends MessageChannel {
  constructor() {
    super();
    this.port1.unref();
  }
}

describe("a later turn", () => {
  const expected = ["requested", "microtask", "turn", "turn", "turn"];

  it("comes through setImmediate where there is one", async () => {
    expect(await turnsOf(globalThis)).toEqual(expected);
  });

  it("comes through a MessageChannel, as in a browser", async () => {
    const { setTimeout } = globalThis;
    expect(await turnsOf({ MessageChannel: QuietChannel, setTimeout })).toEqual(expected);
  });

  it("comes through a timer where there is nothing else", async () => {
    const { setTimeout } = globalThis;
    expect(await turnsOf({ setTimeout })).toEqual(expected);
  });
});
