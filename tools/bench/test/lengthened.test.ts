// Streams are measured for a time, not for a number of messages; and after some of the same work.
import { expect, it } from "vitest";
import { leadInFor, lengthened } from "../src/conduct/run.ts";
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

it.each([
  ["a stream flows before it is measured", STREAM, 1000, { ...STREAM, bursts: 600 }],
  [
    "so do round trips",
    { work: "round-trip", bytes: 64, count: 10 },
    50_000,
    { work: "round-trip", bytes: 64, count: 3000 },
  ],
  ["not what is measured once for all", { work: "portals", count: 5 }, 1000, null],
  ["nor what is of unknown pace", STREAM, undefined, null],
] as const)("%s", (_what, request, pace, leadIn) => {
  expect(leadInFor(request, pace)).toEqual(leadIn);
});
