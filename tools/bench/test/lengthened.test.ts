// Streams are measured for a time, not for a number of messages.
import { expect, it } from "vitest";
import { lengthened } from "../src/conduct/run.ts";
import type { Request } from "../src/protocol.ts";

const STREAM: Request = { work: "one-way", bytes: 64, burst: 250, bursts: 100, ahead: 16 };

it.each([
  ["a fast one gets more bursts", 500, 1600],
  ["a slow one those it was to have", 10_000, 100],
  ["one of unknown pace, too", undefined, 100],
])("%s", (_what, pace, bursts) => {
  expect(lengthened(STREAM, pace)).toEqual({ ...STREAM, bursts });
});

it("other work stays what it is", () => {
  const request: Request = { work: "round-trip", bytes: 64, count: 10 };
  expect(lengthened(request, 100)).toBe(request);
});
