/**
 * Drivers that end with the test that made them.
 */
import { afterEach } from "vitest";
import { posixDriver, type PosixDriver, type PosixDriverOptions } from "../../src/index.ts";

/** To be called once, at the top of a test file; hooks that come later in the file run before the drivers end. */
export function driverMaker(
  defaults: PosixDriverOptions = {},
): (options?: PosixDriverOptions) => PosixDriver {
  const drivers: PosixDriver[] = [];
  afterEach(() => {
    for (const driver of drivers) driver.dispose();
    drivers.length = 0;
  });
  return (options = {}) => {
    const driver = posixDriver({ ...defaults, ...options });
    drivers.push(driver);
    return driver;
  };
}
