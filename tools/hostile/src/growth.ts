/**
 * Does the process hold more and more? Measured at equal steps of a run, after a collection, and judged by a rule:
 *
 * The first quarter of the samples is warm-up. Of each quantity, the least of the last quarter may exceed the greatest
 * of the second quarter by the allowance, not more. So noise does not matter, and whatever grows steadily fails when
 * a third of the run adds more than the allowance.
 */
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { openDescriptors } from "@ipcz/conformance/scenario";
import { collectGarbage } from "./garbage.ts";

/** What is measured. Where there is no /proc, the last three are 0. */
export interface Sample {
  readonly heapBytes: number;
  /** Of array buffers, and whatever else lies outside the heap. */
  readonly bufferBytes: number;
  readonly descriptors: number;
  /** Mappings of shared memory. */
  readonly sharedMappings: number;
  /** All mappings. The engine's own come and go, so some more are allowed. */
  readonly mappings: number;
}

/** How much more there may be. */
export const ALLOWANCES: Sample = {
  heapBytes: 3_000_000,
  bufferBytes: 3_000_000,
  descriptors: 0,
  sharedMappings: 0,
  mappings: 150,
};

const NAMES = Object.keys(ALLOWANCES) as (keyof Sample)[];
const SAMPLES_MIN = 8;

/** Open descriptors of this process, or the handles that drivers make; 0 where nobody can tell. */
export function countDescriptors(): number {
  if (process.platform === "linux") return readdirSync("/proc/self/fd").length;
  return Object.values(openDescriptors()).reduce((sum, count) => sum + count, 0);
}

/** Mappings of this process, and those of them that are shared memory of ours. */
export function countMappings(): { readonly all: number; readonly shared: number } {
  if (process.platform !== "linux") return { all: 0, shared: 0 };
  const text = readFileSync("/proc/self/maps", "utf8");
  return { all: text.split("\n").length - 1, shared: text.split("/ipcz/mem").length - 1 };
}

export async function measure(): Promise<Sample> {
  await collectGarbage();
  const { heapUsed, arrayBuffers, external } = process.memoryUsage();
  const { all, shared } = countMappings();
  return {
    heapBytes: heapUsed,
    bufferBytes: arrayBuffers + external,
    descriptors: countDescriptors(),
    sharedMappings: shared,
    mappings: all,
  };
}

export class Growth {
  private readonly samples: Sample[] = [];

  /** To be called at equal steps of the run. */
  async sample(): Promise<void> {
    this.add(await measure());
  }

  add(sample: Sample): void {
    this.samples.push(sample);
  }

  /** What grew, by the rule above; or that there is too little to judge by. */
  harms(): string[] {
    const count = this.samples.length;
    if (count < SAMPLES_MIN) return [`${count} samples are too few to judge by`];
    return NAMES.flatMap((name) => {
      const { before, after } = this.ends(name);
      return after - before > ALLOWANCES[name] ? [`${name} grew from ${before} to ${after}`] : [];
    });
  }

  /** Greatest of the second quarter, least of the last one. */
  toString(): string {
    return NAMES.map((name) => {
      const { before, after } = this.ends(name);
      return `${name} ${before} > ${after}`;
    }).join(", ");
  }

  private ends(name: keyof Sample): { readonly before: number; readonly after: number } {
    const values = this.samples.map((sample) => sample[name]);
    const quarter = Math.floor(values.length / 4);
    return {
      before: Math.max(...values.slice(quarter, 2 * quarter)),
      after: Math.min(...values.slice(values.length - quarter)),
    };
  }
}
