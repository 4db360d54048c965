/**
 * Whatever ways of reading are mixed, each parcel comes once, and in order.
 */
import { SeededRandom } from "@ipcz/driver-mem";
import { describe, expect, it } from "vitest";
import type { Parcel, Portal } from "../../src/index.ts";
import { expectNothingLeftOver } from "../support/leftovers.ts";
import { connectedNodes, links } from "../support/networks.ts";

expectNothingLeftOver();

const total = 300;

/** Reads in a way chosen by `random`; the texts of what came, in the order in which it was asked for. */
async function readSome(portal: Portal, random: SeededRandom): Promise<string[]> {
  const textOf = (parcel: Parcel | null): string[] => (parcel ? [parcel.text()] : []);
  switch (random.below(5)) {
    case 0:
      return textOf(portal.get());
    case 1:
      return textOf(await portal.receive());
    case 2: {
      const several = await Promise.all([portal.receive(), portal.receive(), portal.receive()]);
      return several.flatMap(textOf);
    }
    case 3: {
      const controller = new AbortController();
      const aborted = portal.receive({ signal: controller.signal });
      const waits = portal.receive();
      controller.abort();
      // It may have come before.
      const first = await aborted.then(textOf, () => []);
      return [...first, ...textOf(await waits)];
    }
    default: {
      const got = portal.beginGet({ overlapped: random.below(2) === 0 });
      const texts = got ? [new TextDecoder().decode(got.bytes)] : [];
      got?.commit();
      return texts;
    }
  }
}

describe.each(links)("over %s", (_name, makeLink) => {
  it.each([1, 2, 3, 4, 5])("nothing is lost or swapped (seed %i)", async (seed) => {
    const network = connectedNodes(makeLink);
    const random = new SeededRandom(seed, 0);
    const { near, far } = network;
    const seen: string[] = [];
    let sent = 0;
    while (seen.length < total) {
      for (let burst = random.below(12); burst > 0 && sent < total + 20; burst--)
        near.put(String(sent++));
      // A wait needs something that will come.
      while (sent < seen.length + 3) near.put(String(sent++));
      seen.push(...(await readSome(far, random)));
      if (random.below(4) === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(seen).toEqual(seen.map((_text, index) => String(index)));
    network.close();
  });
});
