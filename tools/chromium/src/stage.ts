/**
 * What one run of a rung has: a broker of ours, children of Chromium, and the duty to leave nothing over.
 */
import type { ChildProcess as OsProcess } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { liveRouters, openHandles } from "@ipcz/core/inspect";
import { posixDriver, type PosixDriver } from "@ipcz/driver-posix";
import {
  ChildProcess,
  DataDecoderService,
  dataDecoderServiceName,
  type Invitation,
  invite,
  launchChild,
  type MojoEndpoint,
  mojoNodeOver,
  type OtherHostRequest,
  serveChildProcessHost,
} from "@ipcz/mojo";
import type { Browser } from "./find-browser.ts";
import type { Member } from "./members.ts";
import { Traffic } from "./traffic.ts";

/** A child, as its broker has it. */
export interface StartedChild {
  readonly os: OsProcess;
  readonly exit: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  readonly invitation: Invitation;
  /** What we ask of it. */
  readonly process: ChildProcess;
  /** What it asks of us. */
  readonly host: MojoEndpoint;
  /** Resolves when its first ping has been answered. */
  readonly pinged: Promise<void>;
  /** What it has written to its error output. */
  readonly errors: () => string;
}

/** How a child is started. */
export interface StartOptions {
  /** Who invites it; the broker by default. */
  readonly by?: Member;
  /** The inviter is no broker. */
  readonly inheritBroker?: boolean;
  /** Given what the child asks of its host beside pings; closes it by default. */
  readonly other?: OtherHostRequest;
}

/** One run's world. */
export class Stage {
  readonly browser: Browser;
  readonly traffic: Traffic;
  readonly broker: Member;
  readonly folder: string;
  readonly #members: Member[] = [];
  readonly #children: StartedChild[] = [];

  constructor(browser: Browser, log: ((line: string) => void) | null) {
    this.browser = browser;
    this.traffic = new Traffic(log);
    this.folder = mkdtempSync(joinPath(tmpdir(), "ipcz-chromium-"));
    this.broker = this.member({ broker: true });
  }

  /** One more node; `alter` may put something between it and its driver. */
  member(
    { broker }: { readonly broker: boolean },
    alter: (driver: PosixDriver) => PosixDriver = (driver) => driver,
  ): Member {
    const driver = alter(this.traffic.watch(posixDriver({ codec: "mojo" })));
    const member = { node: mojoNodeOver(driver, { broker }), driver };
    this.#members.push(member);
    return member;
  }

  /** Starts a child that runs the data decoder, and invites it. */
  start({ by = this.broker, inheritBroker = false, other }: StartOptions = {}): StartedChild {
    const { program, version } = this.browser;
    const { child, transport } = launchChild(by.driver, {
      program,
      service: dataDecoderServiceName,
      dataDirectory: joinPath(this.folder, "profile"),
      inheritBroker,
      output: "pipe",
    });
    let errors = "";
    child.stdout?.resume();
    child.stderr?.on(
      "data",
      (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-9000)),
    );
    const exit = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
      child.once("exit", (code, signal) => resolve({ code, signal }));
    });
    const invitation = invite(by.node, transport, { attachments: 2, shareBroker: inheritBroker });
    let pinged: (() => void) | null = null;
    const firstPing = new Promise<void>((resolve) => (pinged = resolve));
    const started = {
      os: child,
      exit,
      invitation,
      process: new ChildProcess(invitation.attachment(0), version),
      host: serveChildProcessHost(invitation.attachment(1), version, {
        pinged: () => pinged?.(),
        ...(other ? { other } : {}),
      }),
      pinged: firstPing,
      errors: () => errors,
    };
    this.#children.push(started);
    return started;
  }

  /** The data decoder of a child. */
  dataDecoder({ process }: StartedChild, { node }: Member = this.broker): DataDecoderService {
    const [ours, theirs] = node.openPortals();
    process.bindServiceInterface(dataDecoderServiceName, theirs);
    return new DataDecoderService(ours, this.browser.version, node);
  }

  /** Ends every connection, waits for the children, and checks that nothing is left; throws what is. */
  async finish(): Promise<void> {
    for (const { invitation, process, host } of this.#children) {
      process.endpoint.close();
      host.close();
      invitation.close();
    }
    for (const { node } of this.#members) node.close();
    await Promise.all(this.#children.map(({ exit }) => exit));
    await until(
      "nothing is left over",
      () => this.#left() === "",
      () => this.#left(),
    );
  }

  /** After a failure, or at the end: kills and closes what there is. */
  async dispose(): Promise<void> {
    for (const { os } of this.#children) os.kill("SIGKILL");
    await Promise.all(this.#children.map(({ exit }) => exit));
    for (const { node } of this.#members) node.close();
    for (const { driver } of this.#members) driver.dispose();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #left(): string {
    const counts: Record<string, number> = { routers: liveRouters(), handles: openHandles() };
    for (const { driver } of this.#members) {
      // Addresses are given back when their views are collected, which is nobody's fault.
      const { retired: _retired, ...live } = driver.liveObjects();
      for (const [what, count] of Object.entries(live)) counts[what] = (counts[what] ?? 0) + count;
    }
    return Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([what, count]) => `${count} ${what}`)
      .join(", ");
  }
}

/** How many descriptors this process has open. */
export function openDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

/** The machine may have much else to do. */
const patienceMs = 60_000;

/**
 * Waits until something holds; throws, saying how things are, when it does not for long. `look` is awaited before each
 * new try.
 */
export async function until(
  what: string,
  holds: () => boolean,
  state: () => string = () => "not yet",
  look: () => Promise<unknown> = () => Promise.resolve(),
): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`${what}: ${state()}`);
    // oxlint-disable-next-line no-await-in-loop -- looks again and again
    await look();
    // oxlint-disable-next-line no-await-in-loop -- likewise
    await sleep(5);
  }
}

/** Throws unless `condition` holds. */
export function check(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}
