/** Each kind of attack: how it is run by the command, and what is said about it. */
import type { Arguments } from "./arguments.ts";
import { Campaign } from "./campaign.ts";
import { greedyPeers } from "./greedy-peer.ts";
import { CASTS } from "./kill-casts.ts";
import { KillMatrix } from "./kill-matrix.ts";
import { PipeAttacks } from "./pipe-attacks.ts";
import type { PartName } from "./part-names.ts";
import { ProcessVandalism } from "./process-vandal.ts";
import { RESOURCE_NAMES } from "./process-limits.ts";
import { refuseThings } from "./refusals.ts";
import { runAlone } from "./run-alone.ts";
import { byteByByte, neverRead, overflow, standStill } from "./slow-peers.ts";
import { StreamCampaign } from "./streams.ts";
import { throwInHandlers, throwOverLink } from "./throwing-handlers.ts";
import { Vandalism } from "./vandal.ts";
import type { Verdicts } from "./verdicts.ts";

export interface Part {
  readonly name: PartName;
  /** What it needs is there on these systems only. */
  readonly systems?: readonly NodeJS.Platform[];
  readonly run: (args: Arguments, verdicts: Verdicts) => Promise<void>;
}

const REFUSING_LINKS = 2000;

export const PARTS: readonly Part[] = [
  { name: "messages", run: messages },
  { name: "streams", systems: ["linux"], run: streams },
  { name: "pipes", systems: ["win32"], run: pipes },
  { name: "thread-vandal", run: threadVandal },
  { name: "process-vandal", systems: ["linux"], run: processVandal },
  { name: "refusals", run: refusals },
  { name: "exhaustion", systems: ["linux"], run: exhaustion },
  { name: "slow-peers", systems: ["linux"], run: slowPeers },
  { name: "handlers", systems: ["linux", "win32"], run: handlers },
  { name: "kills", systems: ["linux", "win32"], run: kills },
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
  for (const codec of ["reference", "mojo"] as const) {
    const campaign = new StreamCampaign(args.seed, verdicts.alive, codec);
    await runStreams(`streams of ${codec} frames`, campaign, args.streams, verdicts);
    campaign.end();
  }
}

async function pipes(args: Arguments, verdicts: Verdicts): Promise<void> {
  const attacks = new PipeAttacks(args.seed, verdicts.alive);
  await attacks.begin();
  await runStreams("streams over pipes", attacks, args.streams, verdicts);
  await attacks.end();
}

async function runStreams(
  what: string,
  source: StreamCampaign | PipeAttacks,
  count: number,
  verdicts: Verdicts,
): Promise<void> {
  await verdicts.flat(what, async (share) => {
    const report = await source.run(Math.round(count * share));
    return `${report.streams} ${what}`;
  });
  const report = await source.run(count);
  verdicts.say(`       by shape ${JSON.stringify(report.byShape)}`);
  verdicts.conclude(`${report.streams} hostile ${what}`, report.failures);
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

async function exhaustion({ rounds }: Arguments, verdicts: Verdicts): Promise<void> {
  for (const resource of RESOURCE_NAMES)
    verdicts.conclude(
      `${rounds} rounds without ${resource}`,
      await runAlone("exhaustion-peer.js", [resource, String(rounds)], verdicts.alive),
    );
}

async function slowPeers({ rounds, seconds }: Arguments, verdicts: Verdicts): Promise<void> {
  const { alive } = verdicts;
  verdicts.conclude(
    `${rounds} peers that take one byte at a time`,
    await byteByByte(rounds, alive),
  );
  verdicts.conclude(`${rounds} peers that never read`, await neverRead(rounds, alive));
  verdicts.conclude(`${rounds} peers for whom too much waits`, await overflow(rounds, alive));
  verdicts.conclude(`${rounds} peers that ask and never read`, await greedyPeers(rounds, alive));
  const failures = await standStill(seconds, alive);
  verdicts.conclude(`a peer that stands still for ${seconds} s`, failures);
}

async function handlers({ rounds }: Arguments, verdicts: Verdicts): Promise<void> {
  verdicts.conclude(`${rounds} handlers that throw`, await throwInHandlers(rounds));
  const parcels = 10 * rounds;
  verdicts.conclude(`${parcels} parcels whose handlers throw`, await throwOverLink(parcels));
}

async function kills(args: Arguments, verdicts: Verdicts): Promise<void> {
  const matrix = new KillMatrix();
  for (const cast of CASTS) {
    const told = matrix.rows.length;
    await matrix.run(cast, args.kills, verdicts.alive);
    for (const { cast: name, victims, sent, received, kills: count } of matrix.rows.slice(told))
      verdicts.say(
        `       ${name}, ${victims.join(" and ")}: ${sent} sent, ${received} received, ${count} kills`,
      );
  }
  const { points, killed, failures } = matrix.report;
  const lists = matrix.rows.length;
  verdicts.say(`       held before the first kill and after each: ${matrix.held}`);
  matrix.end();
  verdicts.conclude(`${killed} kills at ${points} steps of ${lists} lists of victims`, failures);
}
