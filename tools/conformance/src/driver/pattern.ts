/** Bytes that can be recognised: numbered messages, patterns, and random ones by seed. */

/** A message of `byteCount` bytes, at least 4, that begins with `index`. */
export function numbered(index: number, byteCount = 4): Uint8Array {
  const bytes = new Uint8Array(byteCount);
  new DataView(bytes.buffer).setUint32(0, index, true);
  return bytes;
}

/** The number of a {@link numbered} message; -1 when it is too short to be one. */
export function numberOf(bytes: Uint8Array): number {
  if (bytes.length < 4) return -1;
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(0, true);
}

/** The numbers of messages. */
export function numbersOf(messages: readonly { readonly bytes: Uint8Array }[]): number[] {
  return messages.map(({ bytes }) => numberOf(bytes));
}

/** 0, 1, ... `count` - 1. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** `byteCount` bytes that differ from place to place and from `salt` to `salt`. */
export function pattern(byteCount: number, salt: number): Uint8Array {
  const bytes = new Uint8Array(byteCount);
  for (let i = 0; i < byteCount; i++) bytes[i] = (i * 31 + (i >>> 8) * 7 + salt) & 0xff;
  return bytes;
}

/** Whether these are the bytes of {@link pattern}. */
export function isPattern(bytes: Uint8Array, byteCount: number, salt: number): boolean {
  if (bytes.length !== byteCount) return false;
  for (let i = 0; i < byteCount; i++)
    if (bytes[i] !== ((i * 31 + (i >>> 8) * 7 + salt) & 0xff)) return false;
  return true;
}

/** A source of numbers 0 to `end` - 1 that depends on `seed` only. */
export function seededBelow(seed: number): (end: number) => number {
  let state = seed >>> 0;
  return (end) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 4_294_967_296) * end);
  };
}
