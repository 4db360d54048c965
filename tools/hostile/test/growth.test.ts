/** The rule by which memory is judged can fail, and does not for noise. */
import { closeSync, openSync } from "node:fs";
import { expect, test } from "vitest";
import { isLinux, runsHere } from "../../conformance/src/runs-here.ts";
import { Growth, measure, type Sample } from "../src/growth.ts";

const LEVEL: Sample = {
  heapBytes: 10_000_000,
  bufferBytes: 5_000_000,
  descriptors: 30,
  sharedMappings: 3,
  mappings: 250,
};

function judge(sampleAt: (index: number) => Partial<Sample>): string[] {
  const growth = new Growth();
  for (let i = 0; i < 20; i++) growth.add({ ...LEVEL, ...sampleAt(i) });
  return growth.harms();
}

test("samples that go up and down are flat", () => {
  expect(judge((i) => ({ heapBytes: 10_000_000 + (i % 3) * 5_000_000 }))).toEqual([]);
});

test("warm-up is not growth", () => {
  expect(
    judge((i) => ({ heapBytes: Math.min(i, 4) * 20_000_000, descriptors: i < 2 ? 5 : 30 })),
  ).toEqual([]);
});

test.each([
  ["heapBytes", 600_000],
  ["bufferBytes", 600_000],
  ["descriptors", 1],
  ["sharedMappings", 1],
  ["mappings", 30],
] as const)("steady growth fails (%s, %i a step)", (name, step) => {
  const harms = judge((i) => ({ [name]: LEVEL[name] + i * step }));
  expect(harms).toHaveLength(1);
  expect(harms[0]).toContain(name);
});

test("a run with too few samples does not pass", () => {
  expect(new Growth().harms()).toEqual(["0 samples are too few to judge by"]);
});

test.runIf(runsHere(isLinux, "what /proc says of a process"))(
  "what is measured is what the process holds",
  async () => {
    const before = await measure();
    const held = { bytes: new Uint8Array(8_000_000), descriptor: openSync("/dev/null", "r") };
    const after = await measure();
    closeSync(held.descriptor);
    expect(after.bufferBytes - before.bufferBytes).toBeGreaterThan(held.bytes.length * 0.9);
    expect(after.descriptors - before.descriptors).toBe(1);
  },
);
