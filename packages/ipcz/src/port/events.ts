/**
 * The events of a port, as `EventTarget` listeners see them.
 *
 * The platform's own `MessageEvent` takes only the platform's own ports, so these are like it.
 */

/** What an event of a port knows beside its type. */
abstract class PortEvent extends Event {
  readonly #target: EventTarget;

  constructor(type: string, target: EventTarget) {
    super(type);
    this.#target = target;
  }

  /** The port. */
  override get target(): EventTarget {
    return this.#target;
  }

  /** The port. */
  override get currentTarget(): EventTarget {
    return this.#target;
  }

  /** The port. */
  override get srcElement(): EventTarget {
    return this.#target;
  }

  /** The port and nothing else: events of ports do not bubble. */
  override composedPath(): [EventTarget] {
    return [this.#target];
  }
}

/** `message` and `messageerror`: like the platform's `MessageEvent`. */
export class PortalMessageEvent<Port = unknown> extends PortEvent {
  /** The message; for `messageerror` what was wrong with it, an Error. */
  readonly data: unknown;
  /** Ports that were transferred with the message, in order. */
  readonly ports: readonly Port[];
  /** Always empty: whoever has the other end is known by how it was got. */
  readonly origin: string = "";
  /** Always empty. */
  readonly lastEventId: string = "";
  /** Always null. */
  readonly source: null = null;

  /** @internal */
  constructor(
    type: "message" | "messageerror",
    target: EventTarget,
    data: unknown,
    ports: readonly Port[] = [],
  ) {
    super(type, target);
    this.data = data;
    this.ports = ports;
  }
}

/** `close`: one of the two ends is closed, and every message before that was delivered. */
export class PortalCloseEvent extends PortEvent {
  /** @internal */
  constructor(target: EventTarget) {
    super("close", target);
  }
}
