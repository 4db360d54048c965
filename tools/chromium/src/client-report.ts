/**
 * What the program that a browser starts tells the one that started the browser: a file, written anew again and again,
 * since a browser ends its children without a word.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { TrafficCounts } from "./traffic.ts";

/** How things are with it. */
export interface ClientReport {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Pings that the browser has answered. */
  readonly pings: number;
  /** The version of ChildProcessHost; -1 before it is known. */
  readonly hostVersion: number;
  /** What a second node has heard that it brought into the browser's network; null before it has. */
  readonly referred: string | null;
  /** Why it ended, or null. */
  readonly ended: string | null;
  /** Nodes it is connected to. */
  readonly connections: number;
  /** Portals that came, and parcels that came over them. */
  readonly portals: number;
  readonly parcels: number;
  readonly traffic: TrafficCounts;
}

/** What the program is told. */
export interface ClientOrders {
  readonly report: string;
  /** As `chromium --version` prints it. */
  readonly version: string;
  readonly memV2: boolean;
}

/** Writes the report as a whole. */
export function writeReport({ report }: ClientOrders, content: ClientReport): void {
  const draft = `${report}.draft`;
  writeFileSync(draft, JSON.stringify(content));
  renameSync(draft, report);
}

/** The last report; null when there was none. */
export function readReport(path: string): ClientReport | null {
  if (!existsSync(path)) return null;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by this package
  return JSON.parse(readFileSync(path, "utf8")) as ClientReport;
}
