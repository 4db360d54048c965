/** Bytes as recorded: hexadecimal digits, with spaces for the eye. */
export function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex.replaceAll(" ", ""), "hex"));
}

/** The same to be read in words. */
export function viewOf(hex: string): DataView {
  return new DataView(bytesOf(hex).buffer);
}
