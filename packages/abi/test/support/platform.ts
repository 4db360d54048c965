/**
 * Tests that need Linux; elsewhere they are skipped, with a reason printed.
 */
import { describe } from "vitest";
import { isLinux, runsHere } from "../../../../tools/conformance/src/runs-here.ts";

const hasLinux = runsHere(isLinux, "tests with system call numbers of Linux");

// oxlint-disable-next-line vitest/valid-title, vitest/valid-describe-callback -- a condition, not a title
export const describeOnLinux: typeof describe.skip = describe.runIf(hasLinux);
