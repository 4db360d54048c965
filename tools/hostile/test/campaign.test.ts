/** A fixed share of the attacks, so that every change meets them. */
import { expect, test } from "vitest";
import { Campaign, type CampaignReport } from "../src/campaign.ts";
import { StreamCampaign } from "../src/streams.ts";

const SEED = 20_261_124;

test(
  "wrong messages do no harm to the victim, and its other links do not notice",
  { timeout: 60_000 },
  () => {
    const report = new Campaign({ seed: SEED, messages: 6000 }).run();
    expect(report.failures, `seed ${SEED}`).toEqual([]);
    expect(report.messages).toBeGreaterThanOrEqual(6000);
    // A share of nothing in one scene would be a hole.
    for (const count of Object.values(report.byScene)) expect(count).toBeGreaterThan(250);
    expect(Object.keys(report.byScene)).toHaveLength(5);
  },
);

const run = (): CampaignReport => new Campaign({ seed: SEED + 1, messages: 500 }).run();

test("the same seed makes the same attacks", () => {
  expect(run()).toEqual(run());
});

test.runIf(process.platform === "linux")(
  "hostile streams do no harm, and leave nothing behind",
  { timeout: 60_000 },
  async () => {
    const report = await new StreamCampaign({ seed: SEED, streams: 640 }).run();
    expect(report.failures, `seed ${SEED}`).toEqual([]);
    expect(report.streams).toBe(640);
  },
);
