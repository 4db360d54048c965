/**
 * One telling of a story in one process: its nodes, how each is started, and the first thing that went wrong.
 *
 * The main process tells the main node and, unless the environment starts processes, all others. A process started
 * for one node tells that node alone, and starts further ones in the same way.
 */
import {
  IPCZ_CREATE_NODE_AS_BROKER,
  IPCZ_CREATE_NODE_OPTIONS_SIZE,
  IPCZ_NO_FLAGS,
  IPCZ_RESULT_OK,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczHandle,
} from "@ipcz/api";
import { handleCell } from "../table/calls.ts";
import { checkResult, ContractFailure } from "../table/expect.ts";
import type {
  Environment,
  FeatureSet,
  NodeEnd,
  NodeRole,
  ProcessEnd,
  StartedProcess,
  World,
} from "./environment.ts";
import { killProcess } from "./process-end.ts";
import { declarationOf, type CompleteNode, type NodeBody, type Scenario } from "./scenario.ts";
import { TestNode, type NodeHost, type SpawnedNode } from "./test-node.ts";
import { turn } from "../table/turns.ts";
import { StoryOver, Waits } from "./waits.ts";

/** How a story is told. */
export interface Telling {
  readonly scenario: Scenario;
  readonly environment: Environment;
  readonly features: FeatureSet;
  readonly scale: number;
  /** When the story is taken for stalled, in milliseconds since the epoch. */
  readonly deadline: number;
  /** This process was started for one node and may be killed by its body. */
  readonly ownProcess: boolean;
}

/** Who a node of this process is, and where it comes from. */
export interface NodeIdentity {
  readonly label: string;
  readonly role: NodeRole;
  readonly body: NodeBody;
  readonly driver: IpczDriver;
  readonly parent: { readonly role: NodeRole; readonly transport: IpczDriverHandle } | null;
}

/** Time that a started process has, after the deadline or a failure elsewhere, to tell its part. */
const LAST_WORDS_MS = 2000;

/** Runs nodes and is over at the first failure. */
export class StoryRun implements NodeHost {
  readonly environment: Environment;
  readonly waits: Waits = new Waits();
  /** Never resolves; rejects at the first failure of any node, or when the deadline has passed. */
  readonly failure: Promise<never>;
  readonly #telling: Telling;
  readonly #world: World;
  readonly #nodes: TestNode[] = [];
  readonly #processes = new Map<string, StartedProcess>();
  readonly #spawnCounts = new Map<string, number>();
  #fail: (reason: unknown) => void = () => {};
  #watchdog: ReturnType<typeof setTimeout>;

  constructor(telling: Telling, world: World) {
    this.environment = telling.environment;
    this.#telling = telling;
    this.#world = world;
    this.failure = new Promise((_resolve, reject) => {
      this.#fail = reject;
    });
    // Whoever tells the story looks at this promise; it must not count as unhandled when nobody does so in time.
    this.failure.catch(() => {});
    const start = Date.now();
    const span = Math.max(0, telling.deadline - start);
    this.#watchdog = setTimeout(() => {
      this.#fail(new ContractFailure(`stalled: no end after ${String(Math.round(span / 1000))} s`));
    }, span);
    process.on("uncaughtException", this.#onUncaught);
  }

  readonly #onUncaught = (error: unknown): void => {
    this.#fail(error);
  };

  /** Creates a node, runs its body to the end and closes the node. */
  async tell(identity: NodeIdentity): Promise<void> {
    try {
      this.waits.assertNotOver();
      const node = this.#createNode(identity);
      await identity.body(node);
      await node.finish();
    } catch (error) {
      if (!(error instanceof StoryOver)) this.#fail(labelled(identity.label, error));
      throw error;
    }
  }

  #createNode({ label, role, driver, parent }: NodeIdentity): TestNode {
    const { features, scale } = this.#telling;
    const options = {
      size: IPCZ_CREATE_NODE_OPTIONS_SIZE,
      memoryFlags: IPCZ_NO_FLAGS,
      enabledFeatures: features.enabled,
      numEnabledFeatures: features.enabled.length,
      disabledFeatures: null,
      numDisabledFeatures: 0,
    };
    const flags = role === "broker" ? IPCZ_CREATE_NODE_AS_BROKER : IPCZ_NO_FLAGS;
    const cell = handleCell();
    const result = this.environment.api.CreateNode(driver, flags, options, cell);
    checkResult("CreateNode", result, IPCZ_RESULT_OK);
    const handle: IpczHandle = cell.value;
    const node = new TestNode(this, { label, role, driver, handle, scale, parent });
    this.#nodes.push(node);
    return node;
  }

  async spawn(parent: TestNode, name: string): Promise<SpawnedNode> {
    this.waits.assertNotOver();
    const declared = declarationOf(this.#telling.scenario, name);
    const label = this.#labelFor(parent, name);
    const spawned =
      this.environment.processes === null
        ? this.#spawnHere(parent, label, declared)
        : this.#spawnProcess(parent, name, label, declared);
    // Watched here as well as by the parent, which looks at it only at its own end.
    spawned.done.catch((error: unknown) => this.#fail(error));
    return spawned;
  }

  #labelFor(parent: TestNode, name: string): string {
    const path = parent.label === "main" ? name : `${parent.label}/${name}`;
    const count = (this.#spawnCounts.get(path) ?? 0) + 1;
    this.#spawnCounts.set(path, count);
    return count === 1 ? path : `${path}#${String(count)}`;
  }

  #spawnHere(parent: TestNode, label: string, { role, body }: CompleteNode): SpawnedNode {
    const driver = this.#world.openDriver(role);
    // Our end is used by a broker in any case: a parent that is none refers the child to its own.
    const near: NodeEnd = { driver: parent.driver, role: "broker" };
    const [ours, theirs] = this.#world.createTransports(near, { driver, role });
    const identity: NodeIdentity = {
      label,
      role,
      body,
      driver,
      parent: { role: parent.role, transport: theirs },
    };
    const done = turn().then(() => this.tell(identity));
    return { role, transport: ours, done };
  }

  #spawnProcess(
    parent: TestNode,
    node: string,
    label: string,
    { role, vanishes }: CompleteNode,
  ): SpawnedNode {
    const { scenario, environment, features, scale, deadline } = this.#telling;
    const { processes } = environment;
    if (processes === null) throw new Error("this environment starts no processes");
    const started = processes.start(parent, {
      environment: environment.name,
      features: features.name,
      scenario: scenario.name,
      node,
      label,
      role,
      parentRole: parent.role,
      scale,
      deadline,
    });
    this.#processes.set(label, started);
    const done = this.#untilEnded(label, started, vanishes);
    return { role, transport: started.transport, done };
  }

  async #untilEnded(label: string, started: StartedProcess, vanishes: boolean): Promise<void> {
    const end = await started.ended;
    this.#processes.delete(label);
    if (end.code === 0 || (vanishes && end.signal === "SIGKILL")) return;
    throw new ContractFailure(describeEnd(label, started.pid, end));
  }

  createTransports(
    node: TestNode,
    remote: NodeRole,
  ): readonly [IpczDriverHandle, IpczDriverHandle] {
    return this.#world.createTransports(node, { driver: node.driver, role: remote });
  }

  killOwnProcess(): boolean {
    if (!this.#telling.ownProcess) return false;
    this.environment.processes?.vanish?.();
    killProcess(process.pid);
    return true;
  }

  /** Who waits for what in this process, and which processes still run. */
  account(): string[] {
    const running = [...this.#processes].map(
      ([label, { pid }]) => `${label} still runs in process ${String(pid)}`,
    );
    return [...this.waits.account(), ...running];
  }

  /** After a failure: waits a little for started processes to report, ends those that do not, closes everything. */
  async abandon(): Promise<string[]> {
    const reports: string[] = [];
    const ending = [...this.#processes].map(async ([label, started]) => {
      const timer = setTimeout(() => {
        started.kill();
      }, LAST_WORDS_MS);
      const end = await started.ended;
      clearTimeout(timer);
      if (end.output.trim() !== "") reports.push(describeEnd(label, started.pid, end));
    });
    this.waits.abandon();
    for (const node of this.#nodes) {
      try {
        node.abandon();
      } catch (error) {
        reports.push(`${node.label} cannot even be closed: ${String(error)}`);
      }
    }
    await Promise.all(ending);
    return reports;
  }

  /** Lets go of the process; the last thing to call. */
  end(): void {
    clearTimeout(this.#watchdog);
    process.off("uncaughtException", this.#onUncaught);
  }
}

function describeEnd(label: string, pid: number, { code, signal, output }: ProcessEnd): string {
  const how = signal === null ? `code ${String(code)}` : signal;
  const text = output.trim().split("\n").join("\n    ");
  return `${label} (process ${String(pid)}) ended with ${how}${text === "" ? "" : `:\n    ${text}`}`;
}

/** The error itself, its message preceded by who met it. */
function labelled(label: string, error: unknown): Error {
  if (!(error instanceof Error)) return new ContractFailure(`${label}: ${String(error)}`);
  const named = new ContractFailure(`${label}: ${error.message}`, { cause: error });
  if (error.stack !== undefined) named.stack = `${label}: ${error.stack}`;
  return named;
}
