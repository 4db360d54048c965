/** Each kind of attack: how it is run by the command, and what is said about it. */
import type { Arguments } from "./arguments.ts";
import { Campaign } from "./campaign.ts";
import { refuseThings, throwInHandlers } from "./faults.ts";
import { everyKill, KillMatrix } from "./kill-matrix.ts";
import type { PartName } from "./part-names.ts";
import { ProcessVandalism } from "./process-vandal.ts";
import { StreamCampaign } from "./streams.ts";
import { Vandalism } from "./vandal.ts";
import type { Verdicts } from "./verdicts.ts";

export interface Part {
  readonly name: PartName;
  readonly linuxOnly: boolean;
  readonly run: (args: Arguments, verdicts: Verdicts) => Promise<void>;
}

const KILL_STEPS = 10;
const REFUSING_LINKS = 2000;
const THROWING_TRAPS = 20;

export const PARTS: readonly Part[] = [
  { name: "messages", linuxOnly: false, run: messages },
  { name: "streams", linuxOnly: true, run: streams },
  { name: "thread-vandal", linuxOnly: false, run: threadVandal },
  { name: "process-vandal", linuxOnly: true, run: processVandal },
  { name: "refusals", linuxOnly: false, run: refusals },
  { name: "handlers", linuxOnly: false, run: handlers },
  { name: "kills", linuxOnly: true, run: kills },
];

async function messages(args: Arguments, verdicts: Verdicts): Promise<void> {
  const { seed, first } = args;
  const { alive } = verdicts;
  const campaign = new Campaign({ seed, first, alive });
  const start = Date.now();
  await verdicts.flat("messages", (share) => {
    const report = campaign.run(args.messages * share);
    return Promise.resolve(`${report.messages} messages in ${report.attacks} attacks`);
  });
  const report = campaign.run(args.messages);
  const rate = Math.round((1000 * report.messages) / (Date.now() - start));
  verdicts.say(`       by scene ${JSON.stringify(report.byScene)}`);
  verdicts.say(`       by way ${JSON.stringify(report.byWay)}`);
  verdicts.say(`       routers left by rings of portals (a known fault): ${report.routersLeft}`);
  verdicts.conclude(`${report.messages} wrong messages, ${rate} a second`, report.failures);
}

async function streams(args: Arguments, verdicts: Verdicts): Promise<void> {
  const campaign = new StreamCampaign(args.seed, verdicts.alive);
  await verdicts.flat("streams", async (share) => {
    const report = await campaign.run(Math.round(args.streams * share));
    return `${report.streams} streams`;
  });
  const report = await campaign.run(args.streams);
  campaign.end();
  verdicts.say(`       by shape ${JSON.stringify(report.byShape)}`);
  verdicts.conclude(`${report.streams} hostile streams`, report.failures);
}

async function threadVandal({ seed, seconds }: Arguments, verdicts: Verdicts): Promise<void> {
  const report = await new Vandalism(seed).run(seconds, Infinity, verdicts.alive);
  const { links, steps, words, failures } = report;
  verdicts.conclude(
    `${words} words rewritten by a thread: ${links} links, ${steps} steps`,
    failures,
  );
}

async function processVandal({ seed, seconds }: Arguments, verdicts: Verdicts): Promise<void> {
  const vandalism = new ProcessVandalism(seed);
  let done = 0;
  await verdicts.flat("rewriting by a process", async (share) => {
    const { links, words } = await vandalism.run(
      seconds * (share - done),
      Infinity,
      verdicts.alive,
    );
    done = share;
    return `${links} links, ${words} words`;
  });
  const { links, steps, words, failures } = await vandalism.run(0);
  await vandalism.end();
  verdicts.conclude(
    `${words} words rewritten by another process: ${links} links, ${steps} steps`,
    failures,
  );
}

function refusals({ seed }: Arguments, verdicts: Verdicts): Promise<void> {
  verdicts.conclude(
    `${REFUSING_LINKS} links that run out of things`,
    refuseThings(seed, REFUSING_LINKS),
  );
  return Promise.resolve();
}

async function handlers(_args: Arguments, verdicts: Verdicts): Promise<void> {
  verdicts.conclude(`${THROWING_TRAPS} handlers that throw`, await throwInHandlers(THROWING_TRAPS));
}

async function kills(_args: Arguments, verdicts: Verdicts): Promise<void> {
  const matrix = new KillMatrix();
  const all = everyKill(KILL_STEPS);
  const failures = await matrix.run(all, verdicts.alive);
  matrix.end();
  verdicts.conclude(`${all.length} processes killed at their step`, failures);
}
