/**
 * The control message that every interface answers, whatever its methods: which version is it? (spec: mojo 7)
 */
import { PayloadWriter } from "./payload-writer.ts";
import { StructReader } from "./payload-reader.ts";

/** The method number of control messages with an answer. */
export const runMethod = 0xffff_ffff;
/** The method number of control messages without one. */
export const runOrClosePipeMethod = 0xffff_fffe;

/** A union, in place: its length, what it holds, and a pointer to that. */
const unionBytes = 16;
const queryVersionTag = 0;

/** Asks. */
export function queryVersionRequest(): Uint8Array {
  const writer = new PayloadWriter();
  const union = writer.struct(unionBytes);
  writeUnion(writer, union);
  writer.structAt(union + 8, 0);
  return writer.finish();
}

/** Whether a payload asks. */
export function isQueryVersion(payload: Uint8Array): boolean {
  const params = StructReader.first(payload);
  return params?.u32(0) === unionBytes && params.u32(4) === queryVersionTag;
}

/** Answers. */
export function queryVersionReply(version: number): Uint8Array {
  const writer = new PayloadWriter();
  const union = writer.struct(unionBytes);
  writeUnion(writer, union);
  const result = writer.structAt(union + 8, 8);
  writer.setU32(result, version);
  return writer.finish();
}

/** The version in an answer; null when it is none. */
export function readVersion(payload: Uint8Array): number | null {
  return isQueryVersion(payload) ? (StructReader.first(payload)?.struct(8)?.u32(0) ?? null) : null;
}

function writeUnion(writer: PayloadWriter, at: number): void {
  writer.setU32(at, unionBytes);
  writer.setU32(at + 4, queryVersionTag);
}
