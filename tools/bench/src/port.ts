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
  /** Called for every message; `bytes` gives its content, only when asked. */
  onMessage: (firstByte: number, bytes: () => Uint8Array) => void;
  close(): void;
}

/** A port and what is behind it, which may take time to end. */
export interface Channel<M> {
  readonly port: Port<M>;
  close(): Promise<void>;
}

export interface Contestant<M> {
  readonly name: string;
  open(): Promise<Channel<M>>;
}

/** `numBytes` bytes of printable characters behind `firstByte`: every contestant can carry them as they are. */
export function makePayload(firstByte: number, numBytes: number): Uint8Array {
  const bytes = new Uint8Array(numBytes);
  for (let index = 0; index < numBytes; index++) bytes[index] = 0x61 + (index % 26);
  bytes[0] = firstByte;
  return bytes;
}
