/** A fixed share of the attacks, so that every change meets them. */
import { expect, test } from "vitest";
import { isLinux, runsHere } from "../../conformance/src/runs-here.ts";
import { Campaign, type CampaignReport } from "../src/campaign.ts";
import { wantLanes } from "../src/open-driver.ts";
import { StreamCampaign } from "../src/streams.ts";

const SEED = 20_261_124;

test(
  "wrong messages do no harm to the victim, and its other links do not notice",
  { timeout: 60_000 },
  () => {
    const report = new Campaign({ seed: SEED }).run(6000);
    expect(report.failures, `seed ${SEED}`).toEqual([]);
    expect(report.messages).toBeGreaterThanOrEqual(6000);
    // A share of nothing in one scene would be a hole.
    for (const count of Object.values(report.byScene)) expect(count).toBeGreaterThan(250);
    expect(Object.keys(report.byScene)).toHaveLength(5);
  },
);

const run = (): CampaignReport => new Campaign({ seed: SEED + 1 }).run(500);

test("the same seed makes the same attacks", () => {
  expect(run()).toEqual(run());
});

test
  .runIf(runsHere(isLinux, "hostile streams, whose sockets are made with numbers of Linux"))
  .each([
    ["", false, "reference"],
    [" (lanes)", true, "reference"],
    [" (frames of Chromium's)", false, "mojo"],
  ] as const)(
  "hostile streams do no harm, and leave nothing behind%s",
  { timeout: 60_000 },
  async (_name, lanes, codec) => {
    wantLanes(lanes);
    const campaign = new StreamCampaign(SEED, undefined, codec);
    const report = await campaign.run(640);
    campaign.end();
    expect(report.failures, `seed ${SEED}`).toEqual([]);
    expect(report.streams).toBe(640);
  },
);
