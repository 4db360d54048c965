/** Two honest portals that count: whatever happens elsewhere, each parcel arrives, once, in order. */
import type { IpczHandle } from "@ipcz/api";
import { close, get, must, openPortals, put } from "./calls.ts";

export class HonestPair {
  private readonly a: IpczHandle;
  private readonly b: IpczHandle;
  private readonly nodeA: IpczHandle;
  private count = 0;
  private readonly numbers = new Uint32Array(1);

  constructor(nodeA: IpczHandle, a: IpczHandle, b: IpczHandle) {
    this.nodeA = nodeA;
    this.a = a;
    this.b = b;
  }

  /** One parcel each way. */
  check(): void {
    this.count++;
    this.pass(this.a, this.b);
    this.pass(this.b, this.a);
  }

  /** A portal goes to the other side, is used there, and goes away. */
  checkTransfer(): void {
    const [kept, sent] = openPortals(this.nodeA);
    must(put(this.a, new Uint8Array(1), [sent]) === 0, "an honest portal can be sent");
    const [arrived] = get(this.b).handles;
    must(arrived !== undefined, "an honest portal arrives");
    this.pass(kept, arrived);
    this.pass(arrived, kept);
    this.pass(kept, arrived);
    close(arrived);
    close(kept);
  }

  private pass(from: IpczHandle, to: IpczHandle): void {
    this.numbers[0] = this.count;
    const bytes = new Uint8Array(this.numbers.buffer);
    must(put(from, bytes) === 0, "an honest portal takes a parcel");
    const { result, bytes: got } = get(to);
    must(result === 0, "an honest parcel arrives");
    const number = new DataView(got.buffer, got.byteOffset).getUint32(0, true);
    must(got.length === 4 && number === this.count, "honest parcels arrive in order");
  }
}
