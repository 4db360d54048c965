/**
 * Replays of recorded traffic: the same calls, over our nodes, must give the messages that the C library gave.
 */
import type { IpczAPI } from "@ipcz/api";
import type { Capture } from "./capture.ts";
import { compare, type Comparison } from "./compare.ts";
import { Stage, type Story } from "./stage.ts";
import { networkStories } from "./stories-networks.ts";
import { twoNodeStories } from "./stories-two-nodes.ts";

export type { Capture } from "./capture.ts";
export type { Comparison } from "./compare.ts";

/** What to do for each capture, by its name. */
export const stories: Readonly<Record<string, Story>> = { ...twoNodeStories, ...networkStories };

/** Plays `capture` again with nodes of `api`, and compares. */
export async function replay(api: IpczAPI, capture: Capture): Promise<Comparison> {
  const story = stories[capture.scenario];
  if (!story) throw new Error(`there is no story for ${capture.scenario}`);
  return compare(capture, await new Stage(api, capture).run(story));
}
