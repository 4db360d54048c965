/**
 * Results of several runs of the command, kept in a file: repeats under the same setting belong together.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { CaseResult } from "@ipcz/conformance/table";

/** All repeats that were made under one setting. */
export interface Campaign {
  /** Where and how, as a sentence. */
  readonly setting: string;
  /** Each with all its cases. */
  readonly runs: CaseResult[][];
}

/** What the file at `path` holds; nothing when there is none. */
export function readCampaigns(path: string): Campaign[] {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Campaign[]) : [];
}

export function writeCampaigns(path: string, campaigns: readonly Campaign[]): void {
  writeFileSync(path, JSON.stringify(campaigns));
}

/** The one with this setting; a new one at the end of the list when there is none. */
export function campaignOf(campaigns: Campaign[], setting: string): Campaign {
  const known = campaigns.find((each) => each.setting === setting);
  if (known !== undefined) return known;
  const created: Campaign = { setting, runs: [] };
  campaigns.push(created);
  return created;
}
