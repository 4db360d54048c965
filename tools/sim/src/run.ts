/**
 * One run from its first step to the last check: by seed, or along a story that was told before.
 */
import { createHash } from "node:crypto";
import { getAPI } from "@ipcz/core";
import { type Baseline, checkEnd, checkRest, checkRouters, takeBaseline } from "./checker.ts";
import { Model } from "./model.ts";
import { SimNetwork } from "./network.ts";
import { perform } from "./perform.ts";
import { comeToRest, deliverAll } from "./rest.ts";
import { beginSabotage } from "./sabotage.ts";
import { closeEnd, expectOk, type Scene } from "./scene.ts";
import { describeStep, type Setting, type Step } from "./story.ts";
import { Violation } from "./violation.ts";
import { Workload } from "./workload.ts";

/** What came of a run. */
export interface Outcome {
  readonly violation: Violation | null;
  /** The steps that were taken, up to the one that failed. */
  readonly story: readonly Step[];
  readonly nodes: number;
  /** Notifications that were delivered. */
  readonly deliveries: number;
  /** Of everything that was done, delivered and read, in order: equal for equal runs. */
  readonly hash: string;
}

/** Told of each line of the log: steps, deliveries, and parcels that were read. */
export type Listen = (line: string) => void;

/** Runs a seed; every step is chosen when it is taken. */
export function runSeed(setting: Setting, listen: Listen | null = null): Outcome {
  return runSteps(setting, null, listen);
}

/** Runs the steps of a story in the world of its seed. */
export function runStory(
  setting: Setting,
  story: readonly Step[],
  listen: Listen | null = null,
): Outcome {
  return runSteps(setting, story, listen);
}

function runSteps(setting: Setting, given: readonly Step[] | null, listen: Listen | null): Outcome {
  const hash = createHash("sha256");
  const note = (line: string): void => {
    hash.update(`${line}\n`);
    listen?.(line);
  };
  const story: Step[] = [];
  const baseline = takeBaseline();
  const model = new Model();
  const sabotage = setting.sabotage === null ? null : beginSabotage(setting.sabotage);
  const api = getAPI();
  const network = new SimNetwork(api, setting, sabotage, note);
  const scene: Scene = { api, network, model, note };
  const workload = new Workload(setting, network, model);
  const violation = caught((settle) => {
    const count = given?.length ?? setting.steps;
    for (let index = 0; index < count; index++) {
      const step = given?.[index] ?? workload.next();
      story.push(step);
      note(describeStep(step));
      perform(scene, step);
      settle();
    }
    finish(scene, baseline);
    settle();
  });
  const { deliveries, nodes } = network;
  return {
    violation,
    story,
    nodes: nodes.length,
    deliveries,
    hash: hash.digest("hex").slice(0, 16),
  };
}

/** The last checks, with everything closed between them. */
function finish(scene: Scene, baseline: Baseline): void {
  const { api, network, model } = scene;
  comeToRest(scene);
  checkRest(scene);
  const held = model.allHeld();
  checkRouters(scene, baseline, held.length);
  for (const end of held) {
    closeEnd(scene, end);
    if (end.id % 3 === 0) network.world.step();
  }
  deliverAll(scene);
  if (!model.relaxed) checkRouters(scene, baseline, 0);
  for (const node of network.nodes)
    if (!node.crashed) expectOk(api.Close(node.handle, 0, null), `Close of node ${node.index}`);
  deliverAll(scene);
  checkEnd(scene, baseline);
}

/**
 * Runs `body`; what it throws is the violation. What core throws where nobody can catch it, from a microtask, is
 * caught too, whenever `body` calls its argument.
 */
function caught(body: (settle: () => void) => void): Violation | null {
  const { queueMicrotask: later } = globalThis;
  const jobs: (() => void)[] = [];
  globalThis.queueMicrotask = (job) => void jobs.push(job);
  try {
    body(() => {
      for (let job = jobs.shift(); job; job = jobs.shift()) job();
    });
    return null;
  } catch (error) {
    if (error instanceof Violation) return error;
    return new Violation("threw", error instanceof Error ? (error.stack ?? error.message) : "?");
  } finally {
    globalThis.queueMicrotask = later;
  }
}
