/**
 * One end of a channel, whatever carries it: what a contestant supplies and the work is written against.
 *
 * A message is bytes whose first byte says what it is. A contestant may want its messages in a form of its own (text for
 * JSON), so a message is prepared once and sent many times; what is measured is sending and receiving.
 */

/** First byte of a message. */
export const CONTROL = 0x43;
export const PAYLOAD = 0x50;

export interface Port<M> {
  /** The form in which this contestant sends `bytes`. */
  prepare(bytes: Uint8Array): M;
  send(message: M): void;
  /** Called for every message; `bytes` gives its content, only when asked, and only during the call. */
  onMessage: (firstByte: number, bytes: () => Uint8Array) => void;
  close(): void;
}

/** A port and what is behind it, which may take time to end. */
export interface Channel<M> {
  readonly port: Port<M>;
  close(): Promise<void>;
}

/** How messages get from one process, or thread, to another. */
export interface Carrier<M, C extends Channel<M> = Channel<M>> {
  /** Starts a far end that runs {@link serve}; resolves when its greeting is here. */
  open(): Promise<C>;
}

/** Resolves with the next message: a far end begins by sending one. */
export function nextMessage<M>(port: Port<M>): Promise<Uint8Array> {
  return new Promise((resolve) => {
    port.onMessage = (_, bytes) => resolve(Uint8Array.from(bytes()));
  });
}

/** `numBytes` bytes of printable characters behind `firstByte`: every contestant can carry them as they are. */
export function makePayload(firstByte: number, numBytes: number): Uint8Array {
  const bytes = new Uint8Array(numBytes);
  for (let index = 0; index < numBytes; index++) bytes[index] = 0x61 + (index % 26);
  bytes[0] = firstByte;
  return bytes;
}

/** `value` as JSON behind `firstByte`. */
export function packJson(firstByte: number, value: unknown): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(value));
  const bytes = new Uint8Array(text.length + 1);
  bytes[0] = firstByte;
  bytes.set(text, 1);
  return bytes;
}

export function unpackJson(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes.subarray(1)));
}
