/**
 * A message on its way out: its bytes, and the handles that go with them.
 */
import {
  IPCZ_END_PUT_ABORT,
  IPCZ_NO_FLAGS,
  IPCZ_RESULT_NOT_FOUND,
  IPCZ_RESULT_OK,
  type IpczAPI,
  type IpczHandle,
  type IpczResult,
  type IpczTransaction,
} from "@ipcz/api";
import { BytesOut } from "../clone/bytes-out.ts";
import { CLONE_VERSION } from "../clone/format.ts";
import type { PendingBlob } from "../clone/contract.ts";
import { ValueWriter } from "../clone/write-value.ts";
import { MessageKind, writeHeader } from "./message-format.ts";
import type { TransferList } from "./transfer-list.ts";

// Cells for the calls below; nothing happens between setting and reading them.
const data: { value: Uint8Array | null } = { value: null };
const numBytes = { value: 0 };
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- filled in by the call
const transaction = { value: 0 as IpczTransaction };

/** What goes with a message. */
export interface Cargo {
  readonly handles: readonly IpczHandle[];
  /** Detaches what is detached; throws with nothing changed. */
  detach(): void;
  /** The handles are the message's now. */
  leave(): void;
}

/** Bytes of a message. They may lie in the program's own buffers until {@link EncodedMessage.own} is called. */
export class EncodedMessage {
  private readonly out: BytesOut;
  private readonly pieces: Uint8Array[];
  /** What is still to be read. */
  readonly blobs: readonly PendingBlob[];

  private constructor(out: BytesOut, blobs: readonly PendingBlob[]) {
    this.out = out;
    this.pieces = out.chunks();
    this.blobs = blobs;
  }

  /** Throws what the value raises; then nothing has happened. */
  static of(value: unknown, { departures, buffers }: TransferList): EncodedMessage {
    const out = new BytesOut();
    writeHeader(
      out,
      departures.map(({ kind }) => kind),
    );
    const indices = new Map<object, number>(departures.map(({ object }, index) => [object, index]));
    const writer = new ValueWriter(out, { indices, buffers: new Set(buffers) });
    writer.write(value);
    return new EncodedMessage(out, writer.blobs);
  }

  /** In the place of a message that could not be completed. */
  static failure(): EncodedMessage {
    const out = new BytesOut();
    out.byte(CLONE_VERSION);
    out.byte(MessageKind.failure);
    return new EncodedMessage(out, []);
  }

  /** Copies whatever is not its own yet. */
  own(): void {
    for (const [index, piece] of this.pieces.entries()) this.pieces[index] = new Uint8Array(piece);
    this.out.release();
  }

  /** Reads the blobs; rejects when one has changed or is gone. */
  async complete(): Promise<void> {
    const contents = await Promise.all(this.blobs.map(({ blob }) => blob.arrayBuffer()));
    for (const [index, { blob, chunk }] of this.blobs.entries()) {
      const content = contents[index];
      if (content?.byteLength !== blob.size) throw new Error("a Blob has changed its size");
      this.pieces[chunk] = new Uint8Array(content);
    }
  }

  /**
   * Puts it with its cargo: when all bytes are copied and nothing is sent, what must be detached is, and if that throws,
   * nothing will be. Where nobody is left to get it (`NOT_FOUND`), handles are closed; what the table refuses stays.
   */
  put(api: IpczAPI, portal: IpczHandle, cargo: Cargo | null): IpczResult {
    const [only] = this.pieces;
    if (cargo === null && this.pieces.length === 1 && only)
      return api.Put(portal, only, only.length, null, 0, IPCZ_NO_FLAGS, null);
    const { length } = this.out;
    const handles = cargo?.handles ?? [];
    data.value = null;
    numBytes.value = length;
    const begun = api.BeginPut(portal, IPCZ_NO_FLAGS, null, data, numBytes, transaction);
    const target: Uint8Array | null = data.value;
    const pending = transaction.value;
    if (begun !== IPCZ_RESULT_OK || target === null) {
      cargo?.detach();
      return settle(api, begun, cargo);
    }
    const end = (flags: number, list: readonly IpczHandle[]): IpczResult =>
      api.EndPut(portal, pending, length, list, list.length, flags, null);
    try {
      this.copyTo(target);
      cargo?.detach();
    } catch (error) {
      end(IPCZ_END_PUT_ABORT, []);
      throw error;
    }
    const ended = end(IPCZ_NO_FLAGS, handles);
    // A handle that does not fit leaves the transaction pending; nothing else does.
    if (ended !== IPCZ_RESULT_OK) end(IPCZ_END_PUT_ABORT, []);
    return settle(api, ended, cargo);
  }

  private copyTo(target: Uint8Array): void {
    let position = 0;
    for (const piece of this.pieces) {
      target.set(piece, position);
      position += piece.length;
    }
  }

  /** The bytes are not needed any more. */
  release(): void {
    this.out.release();
  }
}

/** What has become of a message's cargo, by the result of the put. */
function settle(api: IpczAPI, result: IpczResult, cargo: Cargo | null): IpczResult {
  if (!cargo) return result;
  if (result === IPCZ_RESULT_NOT_FOUND) closeAll(api, cargo.handles);
  if (result === IPCZ_RESULT_OK || result === IPCZ_RESULT_NOT_FOUND) cargo.leave();
  return result;
}

/** What could not be sent. */
export function closeAll(api: IpczAPI, handles: readonly IpczHandle[]): void {
  for (const handle of handles) api.Close(handle, IPCZ_NO_FLAGS, null);
}
