/**
 * Bytes one way through a stream, and a byte back for so many of them.
 */
import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";

/** The far end answers with a byte for so many; what is sent is a multiple of it. */
export const ACKNOWLEDGED_BYTES: number = 1024 * 1024;

/**
 * Writes `total` bytes, a multiple of {@link ACKNOWLEDGED_BYTES} and of `chunkBytes`, so many at a time, as fast as the
 * stream takes them; resolves when all have been read.
 */
export function transfer(stream: Duplex, chunkBytes: number, total: number): Promise<void> {
  const chunk = Buffer.alloc(chunkBytes, "abcdefgh");
  let [unsent, unread] = [total, total];
  const write = (): void => {
    while (unsent > 0) {
      unsent -= chunkBytes;
      if (!stream.write(chunk)) {
        if (unsent > 0) stream.once("drain", write);
        return;
      }
    }
  };
  return new Promise((resolve) => {
    const onAnswer = (bytes: Uint8Array): void => {
      unread -= bytes.length * ACKNOWLEDGED_BYTES;
      if (unread > 0) return;
      stream.off("data", onAnswer);
      resolve();
    };
    stream.on("data", onAnswer);
    write();
  });
}

/** The far end: reads and answers, until the other one ends. */
export function acknowledge(stream: Duplex): void {
  const answer = Buffer.alloc(1);
  let unanswered = 0;
  stream.on("data", (bytes: Uint8Array) => {
    unanswered += bytes.length;
    for (; unanswered >= ACKNOWLEDGED_BYTES; unanswered -= ACKNOWLEDGED_BYTES) stream.write(answer);
  });
  stream.once("end", () => stream.end());
}
