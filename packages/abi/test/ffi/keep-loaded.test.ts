import { expect, test } from "vitest";
import { keepBackendLoaded } from "../../src/ffi/keep-loaded.ts";
import { foreign } from "../../src/ffi/koffi.ts";

test("finds the backend's library and takes a reference to it", () => {
  expect(keepBackendLoaded(foreign)).toBe(true);
});
