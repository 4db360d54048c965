import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { openHandles } from "@ipcz/core/inspect";
import { memDriver } from "@ipcz/driver-mem";
import { describe, expect, it } from "vitest";
import { LocalNode, type Portal } from "../../src/index.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Collects until `done`, as long as the test may take. */
async function collectUntil(done: () => boolean): Promise<void> {
  while (!done()) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("objects that were dropped", () => {
  it("are closed: portals, boxes, parcels and what is in them", async () => {
    const node = new LocalNode(memDriver());
    const before = openHandles();
    const [a, b] = node.openPortals();
    let destroyed = 0;
    (() => {
      const [c, d] = node.openPortals();
      c.put({ handles: [node.openPortals()[0], node.box(1, { destroy: () => destroyed++ })] });
      d.get();
      node.box(2, { destroy: () => destroyed++ });
      a.put("x");
      b.get({ rejectable: true });
    })();
    await collectUntil(() => openHandles() === before + 2 && destroyed === 2);
    a.close();
    b.close();
    node.close();
    expect(openHandles()).toBe(before - 1);
  });

  it("stay while somebody waits for them", async () => {
    const node = new LocalNode(memDriver());
    const [a, events] = [wait(node), [] as string[]];
    for (let round = 0; round < 20; round++) {
      collect();
      await new Promise((resolve) => setImmediate(resolve));
    }
    a.portal.put("after all");
    events.push((await a.received) ?? "");
    expect(events).toEqual(["after all"]);
    a.portal.close();
    node.close();

    function wait(of: LocalNode): { portal: Portal; received: Promise<string | undefined> } {
      const [near, far] = of.openPortals();
      return { portal: near, received: far.receive().then((parcel) => parcel?.text()) };
    }
  });
});
