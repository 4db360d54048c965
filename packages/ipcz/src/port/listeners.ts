/**
 * Listeners in both dialects, as Node's own ports have them: `addEventListener` gives them an event, `on` what the
 * event is about. They are called in the order in which they came.
 */

/** A listener as `EventTarget` takes it. */
export type EventListenerLike = TypedListener<Event>;

/** As {@link EventListenerLike}, for one type of event. */
export type TypedListener<Kind extends Event> = ((event: Kind) => unknown) | EventHandler<Kind>;

/** An object that listens. */
export interface EventHandler<Kind extends Event> {
  /** Called with each event. */
  handleEvent(event: Kind): unknown;
}

/** A listener as `EventEmitter` takes it. */
export type EmitterListener = (value: never) => void;

/** How an `EventTarget` listener is added. */
export interface ListenerOptions {
  /** For the next event only. */
  readonly once?: boolean;
  /** Told apart from the same listener without; it has no other effect. */
  readonly capture?: boolean;
  /** Removes the listener when it is aborted. */
  readonly signal?: AbortSignal;
}

interface EntryState {
  readonly once: boolean;
  readonly capture: boolean;
  removed: boolean;
}

type Entry = EntryState &
  (
    | { readonly takesEvent: true; readonly listener: EventListenerLike }
    | { readonly takesEvent: false; readonly listener: (value: unknown) => void }
  );

/** What is told to the listeners of one type: an event, made only if one of them wants it, or what it is about. */
export interface Occurrence {
  /** What it is about. */
  readonly value: unknown;
  /** Makes the event; called once at most. */
  makeEvent(): Event;
}

/** An event target that Node programs can also use as an emitter. */
export abstract class DualEventTarget<
  Events extends { [K in keyof Events]: Event },
  Values extends { [K in keyof Values]: unknown },
> extends EventTarget {
  readonly #entries = new Map<string, Entry[]>();
  #listenersMax = 10;

  /** Calls `listener` with each event of that type. */
  override addEventListener<K extends keyof Events & string>(
    type: K,
    listener: TypedListener<Events[K]> | null,
    options?: boolean | ListenerOptions,
  ): void;
  /** Calls `listener` with each event of that type. */
  override addEventListener(
    type: string,
    listener: EventListenerLike | null,
    options?: boolean | ListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    listener: EventListenerLike | null,
    options: boolean | ListenerOptions = {},
  ): void {
    if (listener === null) return;
    const {
      once = false,
      capture = false,
      signal,
    } = typeof options === "boolean" ? { capture: options } : options;
    if (signal?.aborted === true) return;
    const known = this.#entries
      .get(type)
      ?.some(
        (entry) => entry.takesEvent && entry.listener === listener && entry.capture === capture,
      );
    if (known === true) return;
    const entry: Entry = { listener, takesEvent: true, once, capture, removed: false };
    this.#add(type, entry);
    signal?.addEventListener("abort", () => this.#remove(type, entry), { once: true });
  }

  /** Undoes `addEventListener` with the same `capture`. */
  override removeEventListener<K extends keyof Events & string>(
    type: K,
    listener: TypedListener<Events[K]> | null,
    options?: boolean | { readonly capture?: boolean },
  ): void;
  /** Undoes `addEventListener` with the same `capture`. */
  override removeEventListener(
    type: string,
    listener: EventListenerLike | null,
    options?: boolean | { readonly capture?: boolean },
  ): void;
  override removeEventListener(
    type: string,
    listener: EventListenerLike | null,
    options: boolean | { readonly capture?: boolean } = {},
  ): void {
    const capture = typeof options === "boolean" ? options : (options.capture ?? false);
    const entry = this.#entries
      .get(type)
      ?.find((each) => each.takesEvent && each.listener === listener && each.capture === capture);
    if (entry) this.#remove(type, entry);
  }

  /** Calls the listeners of an event of the program's own. */
  override dispatchEvent(event: Event): boolean {
    Object.defineProperty(event, "target", { value: this, configurable: true });
    this.dispatch(event.type, { value: event, makeEvent: () => event });
    return !event.defaultPrevented;
  }

  /** Calls `listener` with what each event of that type is about: a message, an error, or for `close` the event. */
  on<K extends keyof Values & string>(type: K, listener: (value: Values[K]) => void): this;
  on(type: string, listener: EmitterListener): this;
  on(type: string, listener: EmitterListener): this {
    return this.#addEmitter(type, listener, false);
  }

  /** As {@link DualEventTarget.on}, for the next event only. */
  once<K extends keyof Values & string>(type: K, listener: (value: Values[K]) => void): this;
  once(type: string, listener: EmitterListener): this;
  once(type: string, listener: EmitterListener): this {
    return this.#addEmitter(type, listener, true);
  }

  /** As {@link DualEventTarget.on}. */
  addListener<K extends keyof Values & string>(type: K, listener: (value: Values[K]) => void): this;
  addListener(type: string, listener: EmitterListener): this;
  addListener(type: string, listener: EmitterListener): this {
    return this.on(type, listener);
  }

  /** Undoes `on` and `once`. */
  off<K extends keyof Values & string>(type: K, listener: (value: Values[K]) => void): this;
  off(type: string, listener: EmitterListener): this;
  off(type: string, listener: EmitterListener): this {
    const entry = this.#entries
      .get(type)
      ?.find((each) => !each.takesEvent && each.listener === listener);
    if (entry) this.#remove(type, entry);
    return this;
  }

  /** As {@link DualEventTarget.off}. */
  removeListener<K extends keyof Values & string>(
    type: K,
    listener: (value: Values[K]) => void,
  ): this;
  removeListener(type: string, listener: EmitterListener): this;
  removeListener(type: string, listener: EmitterListener): this {
    return this.off(type, listener);
  }

  /** Removes all listeners, of both dialects. */
  removeAllListeners(type?: string): this {
    const types = type === undefined ? this.eventNames() : [type];
    for (const each of types)
      for (const entry of this.#entries.get(each) ?? []) this.#remove(each, entry);
    return this;
  }

  /** Calls the listeners of that type with `value`; those that take events get one of that type. */
  emit(type: string, value?: unknown): boolean {
    const some = this.listenerCount(type) > 0;
    this.dispatch(type, {
      value,
      makeEvent: () => Object.assign(new Event(type), { data: value }),
    });
    return some;
  }

  /** How many listeners a type has, of both dialects. */
  listenerCount(type: string): number {
    return this.#entries.get(type)?.length ?? 0;
  }

  /** The types that have listeners. */
  eventNames(): string[] {
    return [...this.#entries.keys()];
  }

  /** Has no effect but on {@link DualEventTarget.getMaxListeners}: nothing warns here. */
  setMaxListeners(count: number): void {
    this.#listenersMax = count;
  }

  /** As set; 10 at first. */
  getMaxListeners(): number {
    return this.#listenersMax;
  }

  /** A type has so many listeners now, and had one more or less before. */
  protected abstract listenersChanged(type: string, count: number): void;

  /** Calls the listeners there are now; one that throws stops nobody, and is reported as uncaught. */
  protected dispatch(type: string, occurrence: Occurrence): void {
    const entries = this.#entries.get(type);
    if (!entries) return;
    let event: Event | null = null;
    // A listener may add and remove others meanwhile.
    for (const entry of entries.slice()) {
      if (entry.removed) continue;
      if (entry.once) this.#remove(type, entry);
      if (entry.takesEvent) event ??= stoppable(occurrence.makeEvent());
      this.#call(entry, event, occurrence.value);
      if (event !== null && stopped.has(event)) return;
    }
  }

  #call(entry: Entry, event: Event | null, value: unknown): void {
    try {
      let result: unknown;
      if (!entry.takesEvent) entry.listener.call(this, value);
      else if (event === null) return;
      else if (typeof entry.listener === "function") result = entry.listener.call(this, event);
      else result = entry.listener.handleEvent(event);
      // A promise of a listener that rejects is as uncaught as an exception.
      if (result instanceof Promise) result.catch(reportUncaught);
    } catch (error) {
      reportUncaught(error);
    }
  }

  #addEmitter(type: string, listener: EmitterListener, once: boolean): this {
    if (typeof listener !== "function") throw new TypeError("a listener is a function");
    const entry = { takesEvent: false, once, capture: false, removed: false } as const;
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the program knows what its listeners take
    this.#add(type, { ...entry, listener: listener as (value: unknown) => void });
    return this;
  }

  #add(type: string, entry: Entry): void {
    const entries = this.#entries.get(type);
    if (entries) entries.push(entry);
    else this.#entries.set(type, [entry]);
    this.listenersChanged(type, this.listenerCount(type));
  }

  #remove(type: string, entry: Entry): void {
    if (entry.removed) return;
    entry.removed = true;
    const left = this.#entries.get(type)?.filter((each) => each !== entry) ?? [];
    if (left.length > 0) this.#entries.set(type, left);
    else this.#entries.delete(type);
    this.listenersChanged(type, left.length);
  }
}

const stopped = new WeakSet<Event>();

/** The event, whose `stopImmediatePropagation` is heard here. */
function stoppable(event: Event): Event {
  event.stopImmediatePropagation = () => {
    stopped.add(event);
    Event.prototype.stopImmediatePropagation.call(event);
  };
  return event;
}

/** As an exception in a listener of the platform's own. */
export function reportUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
