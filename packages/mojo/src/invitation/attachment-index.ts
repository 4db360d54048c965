/**
 * Attachments of an invitation by name: a name is some bytes, and of most of them only one exists (spec: mojo 5).
 */

/** Attachments that an invitation can have. */
export const attachmentsMax = 7;

/** A name: a number, as most are, or bytes. */
export type AttachmentName = number | bigint | Uint8Array | string;

/**
 * Which of the attachments a name means. Names of four or eight bytes are little-endian numbers, and those below the
 * greatest number of attachments mean themselves; all others mean the first.
 */
export function attachmentIndex(name: AttachmentName): number {
  const value = typeof name === "number" || typeof name === "bigint" ? BigInt(name) : valueOf(name);
  return value >= 0n && value < BigInt(attachmentsMax) ? Number(value) : 0;
}

function valueOf(name: Uint8Array | string): bigint {
  const bytes = typeof name === "string" ? new TextEncoder().encode(name) : name;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length === 4) return BigInt(view.getUint32(0, true));
  return bytes.length === 8 ? view.getBigUint64(0, true) : 0n;
}
