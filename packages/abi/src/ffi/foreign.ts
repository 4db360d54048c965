/**
 * The foreign function seam: what ipcz needs of a way to call C, and nothing else.
 *
 * Drivers and bridges are written against these interfaces; the backend behind them can be exchanged without
 * touching either. Everything here belongs to one thread: a `Foreign` and what it gives out stay on the thread
 * that imported it.
 */

/** A machine address. User space fits below 2^53, but a failure value such as `(void *)-1` does not. */
export type Address = bigint;

/** Bytes that native code may read or write for the time of one call. */
export type NativeBytes = ArrayBufferView | ArrayBuffer;

/** What a native function can be given. Null is a null pointer; a number or bigint may stand for a pointer. */
export type NativeArgument = number | bigint | boolean | string | null | NativeBytes;

/**
 * The shape of a bound native function; its author vouches that it fits the C signature. Pointer results arrive
 * as {@link Address} or null, 64-bit integers as a number where that is exact.
 */
export type NativeFunction = (...parameters: never[]) => unknown;

/** A native function that runs on another thread; keeps the process alive until `done` is called. */
export type ElsewhereFunction = (
  parameters: readonly (number | bigint | null)[],
  done: (result: unknown) => void,
) => void;

/** A C function type, made once by {@link Foreign.prototype} and used for any number of calls and callbacks. */
export interface NativePrototype {
  /** Type of the result in C: `"int"`, `"void *"`. */
  readonly result: string;
  /** Types of the parameters in C. */
  readonly parameters: readonly string[];
}

/** A JavaScript function that C can call. It must not throw: no exception may cross into native code. */
export interface NativeCallback {
  /** What to give to C as the function pointer; valid until {@link NativeCallback.release}. */
  readonly address: Address;
  /** Ends it. Native code that calls the address afterwards crashes the process. A second call does nothing. */
  release(): void;
}

/** A loaded native library; never unloaded. */
export interface ForeignLibrary {
  /**
   * Binds a function by its C prototype: `bind<(fd: number) => number>("int close(int fd)")`. A prototype that
   * ends in `...` takes further arguments as pairs of type name and value. Throws when the library has no such
   * function.
   */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller vouches for the C signature
  bind<F extends NativeFunction>(definition: string): F;
  /** Address of a function or variable. Throws when the library has none of that name. */
  symbol(name: string): Address;
}

/** What to wait for on a descriptor. */
export interface PollInterest {
  readonly readable: boolean;
  readonly writable: boolean;
}

/**
 * Called on the event loop while a descriptor is ready, again and again until the cause is gone.
 *
 * With `status` below 0 the event loop has stopped watching by itself and knows no more than that the
 * descriptor is in a bad way: read it, the read says what happened. An exception becomes an uncaught exception
 * of the process; watching goes on.
 */
export type PollListener = (status: number, readable: boolean, writable: boolean) => void;

/** Watches one descriptor; it stays alive, referenced or not, until it is closed. */
export interface PollHandle {
  /** Starts watching, or changes what is watched for; with neither interest it stops. Nothing after close. */
  watch(interest: PollInterest): void;
  /** Stops watching; a stopped handle does not keep the process alive. */
  stop(): void;
  /** While watching, keeps the process alive (the default). */
  ref(): void;
  /** Watching does not keep the process alive. */
  unref(): void;
  /** Ends it. Close the handle first, then at once the descriptor. A second call does nothing. */
  close(): void;
}

/** The seam. */
export interface Foreign {
  /**
   * Loads a library, which stays for as long as this thread lives; null stands for what is already loaded into the
   * process, the C library included.
   */
  load(path: string | null): ForeignLibrary;
  /** Describes a function type for {@link Foreign.call} and {@link Foreign.callback}. */
  prototype(result: string, parameters: readonly string[]): NativePrototype;
  /** The native function at an address, callable. A wrong address or prototype crashes the process. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller vouches for the C signature
  call<F extends NativeFunction>(address: Address, prototype: NativePrototype): F;
  /**
   * As {@link Foreign.call}, but the function runs on another thread, so that it may wait for this one; `done` is told
   * its result. Arguments are numbers, bigints and null.
   */
  callElsewhere(address: Address, prototype: NativePrototype): ElsewhereFunction;
  /** Makes a function callable from C, on any thread; calls from other threads wait for the event loop. */
  callback(prototype: NativePrototype, callee: NativeFunction): NativeCallback;
  /**
   * The `numBytes` bytes at `address` as an ArrayBuffer, not copied. Reading or writing it after the memory is
   * gone crashes the process; collecting it frees nothing.
   */
  view(address: Address, numBytes: number): ArrayBuffer;
  /** Where bytes live; valid while they are referenced and not transferred. 0 for no bytes at all. */
  address(bytes: NativeBytes): Address;
  /** The C `errno` left by the previous call; ask with the very next statement. */
  errno(): number;
  /**
   * Watches a socket, pipe, terminal or event descriptor; watching begins with {@link PollHandle.watch}.
   *
   * Throws for a descriptor that is not open, that cannot be polled (a file), or that has a handle already. It
   * cannot see descriptors the runtime watches on its own account (`net.Socket`): never poll those.
   *
   * A worker that polls must end by itself or by `process.exit`: `terminate` while a descriptor is ready aborts the
   * whole process.
   */
  poll(descriptor: number, listener: PollListener): PollHandle;
}
