/**
 * What the driver asks of Windows, and nothing else: the seam behind which the folder `win32` calls the system, and at which
 * tests put a system of their own.
 *
 * A call that answers a number answers less than 0 when it failed: the negative of `GetLastError`.
 */
import type { ChildProcess, SpawnOptions } from "node:child_process";

/** Who may open a pipe by its name as often as they like (`many`), or one client once. */
export type PipeInstances = "one" | "many";

/** How memory is mapped: shared, or so that what is written stays private to the mapping. */
export type MapMode = "shared" | "copy";

/** What a section is, whoever says so. */
export interface SectionFacts {
  /** Bytes that can be mapped; a whole number of pages. */
  readonly numBytes: number;
  /** All of it is there, in memory: no file behind it, nothing that could be missing when it is touched. */
  readonly isPlainMemory: boolean;
  readonly isReadable: boolean;
  readonly isWritable: boolean;
}

/** A mapped section. */
export interface MappedView {
  readonly buffer: ArrayBuffer;
  /** Gives the addresses back; does not refer to `buffer`, which nobody may touch any more. */
  readonly unmap: () => void;
}

/** What a stream tells: from the event loop, but for `broken`, which may come while something is written. */
export interface StreamEvents {
  /** Bytes that have arrived; lent for the call. */
  data(bytes: Uint8Array): void;
  /** Nothing more will arrive, and everything that came has been told. */
  end(): void;
  /**
   * Nothing can be sent any more; what has arrived may still be told. `isRefused`: of the write under way the system has
   * taken nothing.
   */
  broken(isRefused: boolean): void;
}

/** A pipe's end as a stream of bytes, which owns the handle. */
export interface ByteStream {
  /** Begins or stops to tell `data`. */
  read(wanted: boolean): void;
  /**
   * Sends bytes, which stay as they are until `done`. Called again only after that; `done` comes in any case, also
   * when the stream broke. Not called after `close`.
   */
  write(chunks: readonly Uint8Array[], done: () => void): void;
  /** Whether it keeps the process alive while it reads or writes. */
  refer(wanted: boolean): void;
  /** What has come and was not told, to be asked last: the system has it no more. */
  rest(): Uint8Array;
  /** Ends it at once, and closes the handle. */
  close(): void;
}

/** Waits for a client of a pipe; see {@link WinSystem.acceptClient}. */
export interface PendingAccept {
  /** Stops waiting. The handle may be closed afterwards. */
  cancel(): void;
}

/** The system. Handles are its own numbers; this process is where they are valid unless another is named. */
export interface WinSystem {
  readonly pid: number;
  /** Handles that drivers in this thread own; those of streams are the runtime's. */
  readonly owned: { handles: number };
  /** What this process was started with; an argument that was understood may be taken off. */
  readonly commandLine: string[];
  /** Starts a process, which gets the handles that can be inherited. Throws what `spawn` throws. */
  start(command: string, args: readonly string[], options: SpawnOptions): ChildProcess;

  /** Closes a handle of ours. */
  closeHandle(handle: number): number;
  /** A second handle of ours for the same object, with the same rights. */
  duplicateHandle(handle: number): number;
  /** A copy of a handle of ours in a process: its number there. */
  giveHandle(handle: number, process: number): number;
  /** Moves a handle of a process to us; on failure it may be gone there all the same. */
  takeHandle(value: number, process: number): number;
  /** Closes a handle in a process, if it has it. */
  closeHandleIn(value: number, process: number): void;
  /** Whether processes that are started get the handle. */
  setInheritable(handle: number, inheritable: boolean): number;

  /** Makes a pipe of that name, for this user alone, and not for other machines; who has it already keeps it. */
  createPipe(name: string, instances: PipeInstances, isFirst: boolean): number;
  /** Connects to a pipe by name; who serves it cannot act in our name. */
  openPipe(name: string): number;
  /** Whether a handle of ours is an end of a pipe. */
  isPipe(handle: number): boolean;
  /** The process that made a pipe, by the client's end; 0 when the system does not say. */
  serverOf(handle: number): number;
  /** The process that opened a pipe, by the server's end; 0 when the system does not say. */
  clientOf(handle: number): number;
  /** Whether the other end of a pipe is still there. */
  isConnected(handle: number): boolean;
  /** Waits for a client of an instance; `done` is told 0 or what failed, from the event loop and at most once. */
  acceptClient(handle: number, done: (answer: number) => void): PendingAccept | number;
  /** Makes a stream of a pipe's end; takes the handle unless it answers a number. */
  openStream(handle: number, events: StreamEvents): ByteStream | number;

  /** The handle behind a descriptor of the C runtime, still the descriptor's. */
  handleOfDescriptor(descriptor: number): number;
  /** Makes a descriptor of a handle, which is the descriptor's unless it answers less than 0. */
  openDescriptor(handle: number): number;

  /** Makes so many zero bytes of memory that can be shared. */
  createSection(numBytes: number): number;
  /** What a handle of ours is; less than 0 when it is no section that we may ask about. */
  sectionFacts(handle: number): SectionFacts | number;
  /** Maps the first bytes of a section. */
  mapSection(handle: number, numBytes: number, mode: MapMode): MappedView | number;

  /** A handle with which handles can be moved to and from a process. */
  openProcess(pid: number): number;
  /** Which process a handle of ours stands for; 0 when it stands for none. */
  processId(handle: number): number;
  /** Whether a process runs for the same user as this one; false when the system does not say. */
  isSameUser(pid: number): boolean;
}
