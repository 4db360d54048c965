/**
 * Two nodes with drivers of their own in one process, and transports between them.
 */
import { IPCZ_INVALID_DRIVER_HANDLE, IPCZ_RESULT_OK, type IpczDriverHandle } from "@ipcz/api";
import { liveRouters, openHandles } from "@ipcz/core/inspect";
import { afterEach, expect } from "vitest";
import { mojoNode, type MojoNode, type MojoNodeOptions } from "../../src/index.ts";

const made: MojoNode[] = [];

afterEach(() => {
  for (const { node, driver } of made) {
    node.close();
    driver.dispose();
  }
  made.length = 0;
});

/** A node that ends with the test. */
export function newNode(options: MojoNodeOptions = {}): MojoNode {
  const node = mojoNode(options);
  made.push(node);
  return node;
}

/** A connection: one end for each driver. */
export function transportsBetween(
  one: MojoNode,
  other: MojoNode,
): [IpczDriverHandle, IpczDriverHandle] {
  const none = IPCZ_INVALID_DRIVER_HANDLE;
  const [first, second] = [{ value: none }, { value: none }];
  const result = one.driver.CreateTransports(none, none, 0, null, first, second);
  expect(result).toBe(IPCZ_RESULT_OK);
  const moved = one.driver.releaseDescriptor(second.value);
  return [first.value, other.driver.transportFromDescriptor(moved)];
}

/** Resolves when nothing is open in any driver or node of this process. */
export async function nothingLeft(): Promise<void> {
  for (const { node } of made) node.close();
  const left = (): number => {
    let count = liveRouters() + openHandles();
    for (const { driver } of made) {
      const { retired: _retired, ...live } = driver.liveObjects();
      for (const each of Object.values(live)) count += each;
    }
    return count;
  };
  // oxlint-disable-next-line no-await-in-loop -- turns of the event loop, one after the other
  while (left() > 0) await new Promise((resolve) => setImmediate(resolve));
}
