/**
 * Memory, ids 14, 64 and 65: more shared buffers for a link, and who allocates them (spec: wire 2.1, 3.9 and 4.4).
 */
import type { MessageOf, MessageSchema } from "../schema.ts";

/** Adds a shared buffer to the link. Sent before anything that refers to it, but relays may let it arrive later. */
export const AddBlockBuffer = {
  id: 14,
  v0: [
    ["id", "bufferId", "what we call the buffer from now on"],
    ["blockSize", "u32", "bytes of a block; the whole buffer is one allocator of such blocks"],
    ["buffer", "objectIndex", "the memory, initialised"],
  ],
} as const;
AddBlockBuffer satisfies MessageSchema;

/** A node asks its allocation delegate for memory. */
export const RequestMemory = {
  id: 64,
  v0: [
    ["size", "u32", "bytes I need"],
    ["padding", "zero(4)", "nothing"],
  ],
} as const;
RequestMemory satisfies MessageSchema;

/** An allocation delegate's answer. */
export const ProvideMemory = {
  id: 65,
  v0: [
    ["size", "u32", "bytes you asked for; answers to one size come in the order of the requests"],
    ["buffer", "objectIndex", "the memory; none: there is not enough"],
  ],
} as const;
ProvideMemory satisfies MessageSchema;

/** Bytes of the smallest block. */
const BLOCK_BYTES_MIN = 64;

/** An id of all ones is no id; its kind refuses it already. */
export function checkAddBlockBuffer(message: MessageOf<typeof AddBlockBuffer>): boolean {
  const { blockSize } = message;
  return blockSize >= BLOCK_BYTES_MIN && (blockSize & (blockSize - 1)) === 0;
}

export function checkRequestMemory(message: MessageOf<typeof RequestMemory>): boolean {
  return message.size > 0;
}
