/**
 * How the death of a thread is noticed where ports do not tell of it: by a lock that its thread holds.
 *
 * A browser gives the locks of a thread back when the thread ends, however it ends. So each end in use holds a lock,
 * and its peer, once told, asks for the same one: it gets it when the holder is gone.
 */
import { tellsClose } from "./port.ts";

/** The part of `navigator.locks` that is used here. */
export interface Locks {
  request(
    name: string,
    options: { readonly signal: AbortSignal },
    granted: () => Promise<void> | void,
  ): Promise<unknown>;
}

/** Ends a claim or a watch. */
export type LetGo = () => void;

/** Where lives are known by their locks. */
export class Lifeline {
  private readonly locks: Locks;

  constructor(locks: Locks) {
    this.locks = locks;
  }

  /** Holds `name` until the answer is called or the thread ends; `held` is called when that has begun. */
  hold(name: string, held: () => void): LetGo {
    let release: LetGo | null = null;
    const ended = new Promise<void>((resolve) => {
      release = resolve;
    });
    const cancel = this.request(name, () => {
      held();
      return ended;
    });
    return () => {
      cancel();
      release?.();
    };
  }

  /** Calls `gone` when nobody holds `name` any more, unless the answer is called before. */
  watch(name: string, gone: () => void): LetGo {
    return this.request(name, gone);
  }

  private request(name: string, granted: () => Promise<void> | void): LetGo {
    const waiting = new AbortController();
    const { signal } = waiting;
    this.locks
      .request(name, { signal }, () => (signal.aborted ? undefined : granted()))
      // Nobody waits for it any more, or this page may have no locks: then only a goodbye is noticed.
      .catch(() => {});
    return () => waiting.abort();
  }
}

/** How a host tells that the thread at the other end of a port has died. */
export interface Obituaries {
  /** By an event at its ports, after everything that it had posted. */
  readonly atPorts: boolean;
  /** By locks that are free; null: not at all. */
  readonly byLocks: Lifeline | null;
}

/** What this host does. */
export function hostObituaries(): Obituaries {
  if (tellsClose()) return { atPorts: true, byLocks: null };
  const { navigator } = globalThis as { readonly navigator?: { readonly locks?: Locks } };
  const locks = navigator?.locks;
  return { atPorts: false, byLocks: locks === undefined ? null : new Lifeline(locks) };
}
