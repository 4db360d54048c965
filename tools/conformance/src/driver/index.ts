/**
 * What `IpczDriver` promises, as a suite that every driver runs.
 *
 * It knows the contract and nothing else of the driver: no test depends on when a message is delivered, only on what
 * is, in which order, and what must never happen.
 */
import type { IpczDriver } from "@ipcz/api";
import { backlogSuite } from "./backlog.suite.ts";
import { deliverySuite } from "./delivery.suite.ts";
import { handlesSuite } from "./handles.suite.ts";
import { hostileSuite } from "./hostile.suite.ts";
import { lifeSuite } from "./life.suite.ts";
import { memorySuite } from "./memory.suite.ts";
import { objectsSuite } from "./objects.suite.ts";
import type { DriverConformanceOptions } from "./options.ts";
import { randomBytesSuite } from "./random-bytes.suite.ts";
import { trials } from "./trial.ts";

export type { DriverConformanceOptions } from "./options.ts";
export type { Expect, Expectation } from "./options.ts";

/** Declares the suite for one driver, with the `describe`, `it` and `expect` of the test runner in use. */
export function driverConformance<D extends IpczDriver>(
  options: DriverConformanceOptions<D>,
): void {
  const { describe, name } = options;
  const trial = trials(options);
  describe(`driver conformance: ${name}`, () => {
    describe("delivery", () => deliverySuite(trial, options));
    describe("backlog", () => backlogSuite(trial, options));
    describe("life of a transport", () => lifeSuite(trial, options));
    describe("handles in messages", () => handlesSuite(trial, options));
    describe("memory", () => memorySuite(trial, options));
    describe("objects as bytes and handles", () => objectsSuite(trial, options));
    describe("hostile bytes and handles", () => hostileSuite(trial, options));
    describe("random bytes", () => randomBytesSuite(trial, options));
  });
}
