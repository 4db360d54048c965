/**
 * Tests that need Linux; elsewhere they are skipped, with a reason printed.
 */
import process from "node:process";
import { describe } from "vitest";

const isLinux = process.platform === "linux";
if (!isLinux) console.log(`skipped: tests with system call numbers of Linux (${process.platform})`);

// oxlint-disable-next-line vitest/valid-title, vitest/valid-describe-callback -- a condition, not a title
export const describeOnLinux: typeof describe.skip = describe.skipIf(!isLinux);
