/**
 * The system's monotonic clock.
 */
import { hrtime } from "node:process";

const [seconds, nanoseconds] = hrtime();
const clockOffsetMs = seconds * 1000 + nanoseconds / 1e6 - performance.now();

/** Microseconds, without an object for each look at the clock. */
export function monotonicMicros(): number {
  return (clockOffsetMs + performance.now()) * 1000;
}
