/**
 * Listeners in the style of Node's `EventEmitter`, as few as are needed, on any host.
 *
 * Events are told in a microtask: a listener never runs inside a call of its own program.
 */

/** Event names to the arguments of their listeners. */
export type EventMap = Readonly<Record<string, readonly unknown[]>>;

/** A listener of one event. */
export type Listener<Arguments extends readonly unknown[]> = (...values: Arguments) => void;

interface Entry<Arguments extends readonly unknown[]> {
  readonly listener: Listener<Arguments>;
  readonly once: boolean;
}

type Entries<Events extends { [K in keyof Events]: readonly unknown[] }> = {
  [K in keyof Events]?: readonly Entry<Events[K]>[] | undefined;
};

/** An object that emits the events of `Events`. */
export abstract class Emitter<Events extends { [K in keyof Events]: readonly unknown[] }> {
  #entries: Entries<Events> = {};

  /** Calls `listener` for each event of that name. */
  on<K extends keyof Events>(name: K, listener: Listener<Events[K]>): this {
    return this.#add(name, { listener, once: false });
  }

  /** Calls `listener` for the next event of that name. */
  once<K extends keyof Events>(name: K, listener: Listener<Events[K]>): this {
    return this.#add(name, { listener, once: true });
  }

  /** As {@link Emitter.on}; what `EventEmitter` calls it too. */
  addListener<K extends keyof Events>(name: K, listener: Listener<Events[K]>): this {
    return this.on(name, listener);
  }

  /** Undoes one `on` or `once`. */
  off<K extends keyof Events>(name: K, listener: Listener<Events[K]>): this {
    const entries = this.#entries[name];
    if (!entries) return this;
    const index = entries.findLastIndex((entry) => entry.listener === listener);
    if (index === -1) return this;
    this.#entries[name] = entries.toSpliced(index, 1);
    this.listenersChanged(name, entries.length - 1);
    return this;
  }

  /** As {@link Emitter.off}; what `EventEmitter` calls it too. */
  removeListener<K extends keyof Events>(name: K, listener: Listener<Events[K]>): this {
    return this.off(name, listener);
  }

  /** How many listeners an event has. */
  listenerCount(name: keyof Events): number {
    return this.#entries[name]?.length ?? 0;
  }

  /**
   * Tells the listeners there are when the microtask comes. One that throws is reported as uncaught, and the others are
   * told all the same.
   *
   * @internal
   */
  protected emitSoon<K extends keyof Events>(name: K, ...values: Events[K]): void {
    if (this.listenerCount(name) === 0) return;
    queueMicrotask(() => {
      for (const { listener, once } of this.#entries[name] ?? []) {
        if (once) this.off(name, listener);
        try {
          listener(...values);
        } catch (error) {
          reportUncaught(error);
        }
      }
    });
  }

  /**
   * As {@link Emitter.emitSoon}, for an event that comes once: its listeners are let go.
   *
   * @internal
   */
  protected emitLast<K extends keyof Events>(name: K, ...values: Events[K]): void {
    this.emitSoon(name, ...values);
    queueMicrotask(() => {
      if (this.listenerCount(name) === 0) return;
      this.#entries[name] = [];
      this.listenersChanged(name, 0);
    });
  }

  /**
   * An event has so many listeners now.
   *
   * @internal
   */
  protected abstract listenersChanged(name: keyof Events, count: number): void;

  #add<K extends keyof Events>(name: K, entry: Entry<Events[K]>): this {
    const entries = [...(this.#entries[name] ?? []), entry];
    this.#entries[name] = entries;
    this.listenersChanged(name, entries.length);
    return this;
  }
}

/** Reports what a program's function threw, and goes on. */
export function reportUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
