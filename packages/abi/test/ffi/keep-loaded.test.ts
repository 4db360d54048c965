import { expect, test } from "vitest";
import { isWindows, runsHere } from "../../../../tools/conformance/src/runs-here.ts";
import { keepBackendLoaded } from "../../src/ffi/keep-loaded.ts";
import { foreign } from "../../src/ffi/koffi.ts";

const canPoll = runsHere(!isWindows, "keeping a library for its polls, of which Windows has none");

test.runIf(canPoll)("finds the backend's library and takes a reference to it", () => {
  expect(keepBackendLoaded(foreign)).toBe(true);
});
