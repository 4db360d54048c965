/**
 * A native ipcz library built elsewhere, if the environment names one.
 */
import process from "node:process";
import { describe } from "vitest";
import { runsHere } from "../../../../tools/conformance/src/runs-here.ts";

/** Its path. */
export const realLibrary: string | null = process.env["IPCZ_NATIVE_LIB"] ?? null;

const hasLibrary = runsHere(
  realLibrary !== null,
  "tests against a native ipcz library; IPCZ_NATIVE_LIB names none",
);

/** Tests that need it. */
// oxlint-disable-next-line vitest/valid-title, vitest/valid-describe-callback -- a condition, not a title
export const describeWithRealLibrary: typeof describe.skip = describe.runIf(hasLibrary);

/** Tests of the table that libraries until 2024 do not pass, each with what they do instead. */
export const differencesUntil2024: ReadonlyMap<string, string> = new Map([
  ["ConnectNode.DriverThatFails", "a transport that cannot be activated keeps its link's memory"],
  [
    "TrapTest.SyncTransportWithinAPICall",
    "what a driver delivers within an API call does not count as within it",
  ],
  ["Trap.PortalMerged", "traps of a merged portal are not removed"],
]);
