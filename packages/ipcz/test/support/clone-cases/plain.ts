/**
 * One value of each kind that arrives as it does on Node's own channel.
 */
import type { CloneCase } from "./case.ts";
import { bufferCases } from "./plain-buffers.ts";
import { errorCases } from "./plain-errors.ts";
import { objectCases } from "./plain-objects.ts";

export const plainCases: readonly CloneCase[] = [...objectCases, ...errorCases, ...bufferCases];
