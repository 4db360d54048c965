/**
 * A listener that notes what it is told, and lets a test wait for it.
 */
import {
  IPCZ_RESULT_OK,
  IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED,
  IPCZ_TRANSPORT_ACTIVITY_ERROR,
  type IpczDriverHandle,
  type IpczHandle,
  type IpczResult,
  type IpczTransportActivityHandler,
} from "@ipcz/api";
import { expect } from "vitest";
import type { PosixDriver } from "../../src/index.ts";

export interface Notification {
  /** `message`, `error` or `deactivated`. */
  readonly what: string;
  /** The bytes, copied. */
  readonly bytes: Buffer;
  readonly handles: readonly IpczDriverHandle[];
}

type Answer = (notification: Notification) => IpczResult | void;

export class Listener {
  readonly notifications: Notification[] = [];
  /** What to do and answer; `OK` when it answers nothing. */
  answer: Answer = () => undefined;
  /** Whether bytes are kept; off for floods. */
  keep = true;
  count = 0;
  private running = false;
  private waiting: (() => void)[] = [];

  readonly handler: IpczTransportActivityHandler = (
    _listener,
    data,
    numBytes,
    handles,
    numHandles,
    flags,
    options,
  ) => {
    expect(this.running, "notifications do not nest").toBe(false);
    expect(options).toBeNull();
    expect(handles?.length ?? 0).toBe(numHandles);
    expect(data?.length ?? 0).toBe(numBytes);
    this.running = true;
    const notification = { what: nameOf(flags), bytes: copy(data), handles: handles ?? [] };
    if (this.keep) this.notifications.push(notification);
    this.count++;
    try {
      return this.answer(notification) ?? IPCZ_RESULT_OK;
    } finally {
      this.running = false;
      for (const check of this.waiting) check();
    }
  };

  /** What happened, as words: messages as their text. */
  get story(): string[] {
    return this.notifications.map(({ what, bytes }) =>
      what === "message" ? bytes.toString() : what,
    );
  }

  /** Resolves as soon as `condition` holds after a notification, or at once. */
  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => {
      const check = (): void => {
        if (!condition()) return;
        this.waiting = this.waiting.filter((other) => other !== check);
        resolve();
      };
      this.waiting.push(check);
    });
  }

  /** Resolves when there have been `count` notifications. */
  total(count: number): Promise<void> {
    return this.until(() => this.count >= count);
  }

  /** Resolves when `word` is the last one of the story. */
  last(word: string): Promise<void> {
    return this.until(() => this.story.at(-1) === word);
  }
}

/** Activates `transport` with a new listener. */
export function listen(
  driver: PosixDriver,
  transport: IpczDriverHandle,
  answer?: Answer,
): Listener {
  const listener = new Listener();
  if (answer) listener.answer = answer;
  const name = 99 as IpczHandle;
  expect(driver.ActivateTransport(transport, name, listener.handler, 0, null)).toBe(IPCZ_RESULT_OK);
  return listener;
}

function nameOf(flags: number): string {
  if (flags === IPCZ_TRANSPORT_ACTIVITY_ERROR) return "error";
  if (flags === IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED) return "deactivated";
  expect(flags).toBe(0);
  return "message";
}

function copy(data: Uint8Array | null): Buffer {
  return Buffer.from(data ?? []);
}
