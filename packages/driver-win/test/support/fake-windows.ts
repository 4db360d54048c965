/**
 * A Windows made of objects, with several processes: what the driver asks of the system, so that it can be tested
 * anywhere. Handles are numbers that begin anew in each process, so one in the wrong process means something else.
 */
import { EventEmitter } from "node:events";
import type { ChildProcess } from "node:child_process";
import { winErrors } from "../../src/os-error.ts";
import type { PipeInstances, SectionFacts, WinSystem } from "../../src/system.ts";
import { FakePipe, streamOver, type PipeSide } from "./fake-pipe.ts";

/** Memory, and what can be wrong with it. */
export interface FakeSection {
  readonly kind: "section";
  readonly bytes: ArrayBuffer;
  readonly isPlainMemory: boolean;
}

/** What a handle names. */
export type Handle =
  | { readonly kind: "pipe"; readonly side: PipeSide }
  | { readonly kind: "process"; readonly process: FakeProcess }
  | { readonly kind: "file" }
  | FakeSection;

interface Slot {
  readonly object: Handle;
  isInheritable: boolean;
  readonly isWritable: boolean;
}

interface Served {
  readonly user: string;
  readonly waiting: PipeSide[];
  readonly connected: Map<PipeSide, () => void>;
}

const pageBytes = 4096;

/** The machine. */
export class FakeWindows {
  readonly names = new Map<string, Served>();
  private readonly processes = new Map<number, FakeProcess>();
  private nextPid = 100;

  /** Starts a process from nowhere. */
  boot(user = "me"): FakeProcess {
    const started = new FakeProcess(this, (this.nextPid += 4), user, []);
    this.processes.set(started.pid, started);
    return started;
  }

  find(pid: number): FakeProcess | null {
    return this.processes.get(pid) ?? null;
  }

  /** Ends a process: all its handles are closed. */
  kill(process: FakeProcess): void {
    this.processes.delete(process.pid);
    process.end();
  }
}

/** One process, as the driver in it sees the system. */
export class FakeProcess implements WinSystem {
  readonly pid: number;
  readonly owned = { handles: 0 };
  readonly user: string;
  readonly commandLine: string[];
  /** Answers to give instead of doing what is asked, by the name of the call. */
  readonly failures = new Map<keyof WinSystem, number>();
  /** Processes started by this one, the latest last. */
  readonly children: FakeProcess[] = [];
  private readonly machine: FakeWindows;
  private readonly table = new Map<number, Slot>();
  private nextHandle = 0;
  private dead = false;

  constructor(machine: FakeWindows, pid: number, user: string, commandLine: string[]) {
    this.machine = machine;
    this.pid = pid;
    this.user = user;
    this.commandLine = commandLine;
  }

  /** Open handles. */
  get handleCount(): number {
    return this.table.size;
  }

  get isDead(): boolean {
    return this.dead;
  }

  /** Everything it has is closed. */
  end(): void {
    for (const handle of this.table.keys()) this.closeHandle(handle);
    this.dead = true;
  }

  /** Makes a handle for an object. */
  open(object: Handle, isWritable = true): number {
    return this.failed("open") ?? this.put(object, isWritable);
  }

  start(command: string, args: readonly string[]): ChildProcess {
    const child = this.machine.boot(this.user);
    child.commandLine.push(command, ...args);
    for (const [handle, slot] of this.table) {
      if (!slot.isInheritable) continue;
      child.table.set(handle, { ...slot });
      if (slot.object.kind === "pipe") slot.object.side.handles++;
    }
    child.nextHandle = this.nextHandle;
    this.children.push(child);
    return Object.assign(new EventEmitter(), { pid: child.pid }) as ChildProcess;
  }

  closeHandle(handle: number): number {
    const slot = this.table.get(handle);
    if (!slot) return -winErrors.ERROR_INVALID_HANDLE;
    this.table.delete(handle);
    if (slot.object.kind === "pipe") slot.object.side.release();
    return 0;
  }

  duplicateHandle(handle: number): number {
    return this.failed("duplicateHandle") ?? this.copy(handle, this);
  }

  giveHandle(handle: number, to: number): number {
    const process = this.processOf(to);
    if (!process || process.isDead) return -winErrors.ERROR_ACCESS_DENIED;
    return this.failed("giveHandle") ?? this.copy(handle, process);
  }

  takeHandle(value: number, from: number): number {
    const process = this.processOf(from);
    if (!process || process.isDead) return -winErrors.ERROR_ACCESS_DENIED;
    const taken = process.copy(value, this);
    process.closeHandle(value);
    return taken;
  }

  closeHandleIn(value: number, from: number): void {
    this.processOf(from)?.closeHandle(value);
  }

  setInheritable(handle: number, inheritable: boolean): number {
    const slot = this.table.get(handle);
    if (!slot) return -winErrors.ERROR_INVALID_HANDLE;
    slot.isInheritable = inheritable;
    return 0;
  }

  createPipe(name: string, instances: PipeInstances, isFirst: boolean): number {
    const failure = this.failed("createPipe");
    if (failure !== null) return failure;
    const { names } = this.machine;
    let served = names.get(name);
    if (served && (isFirst || served.user !== this.user)) return -winErrors.ERROR_ACCESS_DENIED;
    if (!served) {
      served = { user: this.user, waiting: [], connected: new Map() };
      names.set(name, served);
    }
    const [server] = new FakePipe(this.pid).sides;
    served.waiting.push(server);
    server.onClosed = () => {
      const index = served.waiting.indexOf(server);
      if (index !== -1) served.waiting.splice(index, 1);
      if (instances === "one" || served.waiting.length === 0) names.delete(name);
    };
    return this.put({ kind: "pipe", side: server }, true);
  }

  openPipe(name: string): number {
    const served = this.machine.names.get(name);
    if (!served) return -winErrors.ERROR_FILE_NOT_FOUND;
    const server = served.waiting.shift();
    if (!server) return -winErrors.ERROR_PIPE_BUSY;
    server.pipe.clientPid = this.pid;
    served.connected.get(server)?.();
    return this.put({ kind: "pipe", side: server.other }, true);
  }

  isPipe(handle: number): boolean {
    return this.table.get(handle)?.object.kind === "pipe";
  }

  serverOf(handle: number): number {
    return this.sideOf(handle)?.pipe.serverPid ?? 0;
  }

  clientOf(handle: number): number {
    return this.sideOf(handle)?.pipe.clientPid ?? 0;
  }

  isConnected(handle: number): boolean {
    return (this.sideOf(handle)?.other.handles ?? 0) > 0;
  }

  acceptClient(handle: number, done: (answer: number) => void): { cancel(): void } | number {
    const failure = this.failed("acceptClient");
    const side = this.sideOf(handle);
    if (failure !== null || !side) return failure ?? -winErrors.ERROR_INVALID_HANDLE;
    let wanted = true;
    const tell = (): void => {
      setImmediate(() => {
        if (wanted) done(0);
      });
    };
    if (side.other.handles > 0) tell();
    else for (const served of this.machine.names.values()) served.connected.set(side, tell);
    return { cancel: () => (wanted = false) };
  }

  openStream(handle: number, events: Parameters<WinSystem["openStream"]>[1]) {
    const failure = this.failed("openStream");
    const side = this.sideOf(handle);
    if (failure !== null || !side) return failure ?? -winErrors.ERROR_INVALID_HANDLE;
    return streamOver(side, events, () => void this.closeHandle(handle));
  }

  /** Descriptors are handles here. */
  handleOfDescriptor(descriptor: number): number {
    return this.table.has(descriptor) ? descriptor : -winErrors.ERROR_INVALID_HANDLE;
  }

  openDescriptor(handle: number): number {
    return this.failed("openDescriptor") ?? handle;
  }

  createSection(numBytes: number): number {
    const bytes = new ArrayBuffer(numBytes);
    return this.open({ kind: "section", bytes, isPlainMemory: true });
  }

  sectionFacts(handle: number): SectionFacts | number {
    const slot = this.table.get(handle);
    if (slot?.object.kind !== "section") return -winErrors.ERROR_INVALID_HANDLE;
    const { bytes, isPlainMemory } = slot.object;
    const { isWritable } = slot;
    const numBytes = Math.ceil(bytes.byteLength / pageBytes) * pageBytes;
    return { numBytes, isPlainMemory, isReadable: true, isWritable };
  }

  mapSection(handle: number, numBytes: number, mode: "shared" | "copy") {
    const failure = this.failed("mapSection");
    const slot = this.table.get(handle);
    if (failure !== null || slot?.object.kind !== "section") {
      return failure ?? -winErrors.ERROR_INVALID_HANDLE;
    }
    const { bytes } = slot.object;
    if (numBytes > bytes.byteLength) return -winErrors.ERROR_ACCESS_DENIED;
    const buffer = mode === "shared" ? bytes : bytes.slice(0);
    return { buffer, unmap: () => undefined };
  }

  openProcess(pid: number): number {
    const process = this.machine.find(pid);
    if (!process) return -winErrors.ERROR_INVALID_PARAMETER;
    if (process.user !== this.user) return -winErrors.ERROR_ACCESS_DENIED;
    return this.open({ kind: "process", process });
  }

  processId(handle: number): number {
    return this.processOf(handle)?.pid ?? 0;
  }

  isSameUser(pid: number): boolean {
    return this.machine.find(pid)?.user === this.user;
  }

  private failed(call: keyof WinSystem | "open"): number | null {
    return this.failures.get(call as keyof WinSystem) ?? null;
  }

  private put(object: Handle, isWritable: boolean): number {
    const handle = (this.nextHandle += 4);
    this.table.set(handle, { object, isInheritable: false, isWritable });
    if (object.kind === "pipe") object.side.handles++;
    return handle;
  }

  private copy(handle: number, to: FakeProcess): number {
    const slot = this.table.get(handle);
    return slot ? to.put(slot.object, slot.isWritable) : -winErrors.ERROR_INVALID_HANDLE;
  }

  private sideOf(handle: number): PipeSide | null {
    const object = this.table.get(handle)?.object;
    return object?.kind === "pipe" ? object.side : null;
  }

  private processOf(handle: number): FakeProcess | null {
    const object = this.table.get(handle)?.object;
    return object?.kind === "process" ? object.process : null;
  }
}
