/**
 * Tests that need Linux (system call numbers, /proc); elsewhere they are skipped, with a reason printed.
 */
import process from "node:process";
import { describe } from "vitest";

const isLinux = process.platform === "linux";
if (!isLinux) console.log(`skipped: tests that need Linux's /proc (${process.platform})`);

// oxlint-disable-next-line vitest/valid-title, vitest/valid-describe-callback -- a condition, not a title
export const describeOnLinux: typeof describe.skip = describe.skipIf(!isLinux);
