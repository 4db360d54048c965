import { IPCZ_RESULT_INTERNAL, IPCZ_RESULT_OK, IPCZ_RESULT_UNAVAILABLE } from "@ipcz/api";
import { expect, test } from "vitest";
import { barrier } from "../src/border/barrier.ts";
import { contextFromNative, contextToNative } from "../src/border/context.ts";

test("the barrier passes results, and answers INTERNAL for what is none", () => {
  expect(barrier(() => IPCZ_RESULT_OK)).toBe(IPCZ_RESULT_OK);
  expect(barrier(() => IPCZ_RESULT_UNAVAILABLE)).toBe(IPCZ_RESULT_UNAVAILABLE);
  expect(barrier(() => undefined as unknown as number)).toBe(IPCZ_RESULT_INTERNAL);
});

test("contexts keep all 64 bits, though the backend gives the uppermost as negative", () => {
  for (const context of [0, 1, 2 ** 53 - 1, 2n ** 63n, 2n ** 64n - 1n]) {
    expect(contextToNative(context)).toBe(context);
  }
  expect(contextFromNative(-1)).toBe(2n ** 64n - 1n);
  expect(contextFromNative(5)).toBe(5);
  for (const none of [-1, 0.5, 2n ** 64n, -1n, "text", {}])
    expect(contextToNative(none)).toBeNull();
});
