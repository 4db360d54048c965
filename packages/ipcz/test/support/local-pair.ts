/** A node of this process and two portals of it, each the other's peer; made for each test, and closed after it. */
import { memDriver } from "@ipcz/driver-mem";
import { afterEach, beforeEach } from "vitest";
import { LocalNode, type Portal } from "../../src/index.ts";

export interface LocalPair {
  readonly node: LocalNode;
  readonly a: Portal;
  readonly b: Portal;
}

/** Hands the pair of each test to `take`. */
export function useLocalPair(take: (pair: LocalPair) => void): void {
  let close = (): void => undefined;
  beforeEach(() => {
    const node = new LocalNode(memDriver());
    const [a, b] = node.openPortals();
    close = () => {
      for (const each of [a, b, node]) each.close();
    };
    take({ node, a, b });
  });
  afterEach(() => close());
}
