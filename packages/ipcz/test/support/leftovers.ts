/**
 * Nothing may be left over after a test: handles, routers, descriptors, mappings.
 */
import { liveRouters, openHandles } from "@ipcz/core/inspect";
import { afterEach, beforeEach, expect } from "vitest";
import {
  type Counters,
  openDescriptors,
  settle,
  sharedMappings,
} from "../../../../tools/conformance/src/table/leaks.ts";

function count(): Counters {
  return {
    ...openDescriptors(),
    ...sharedMappings(),
    handles: openHandles(),
    routers: liveRouters(),
  };
}

/** Checks each test of the file it is called in. */
export function expectNothingLeftOver(): void {
  let before: Counters = {};
  beforeEach(() => {
    before = count();
  });
  afterEach(async () => {
    expect(await settle(before, count)).toEqual([]);
  });
}
