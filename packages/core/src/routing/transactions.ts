/**
 * Two-phase puts and gets in progress on one portal (spec: api 2.6).
 *
 * A put transaction owns the memory it was given. An exclusive get leaves its parcel at the head of the queue; an
 * overlapped get owns its parcel.
 */
import type { IpczTransaction } from "@ipcz/api";
import type { Parcel } from "../parcels/parcel.ts";
import type { ParcelData } from "../parcels/parcel-data.ts";

export class Transactions {
  private last = 0;
  private puts: Map<number, ParcelData> | null = null;
  private overlapped: Map<number, Parcel> | null = null;
  private exclusive = 0;

  get hasExclusiveGet(): boolean {
    return this.exclusive !== 0;
  }

  get hasGets(): boolean {
    return this.exclusive !== 0 || (this.overlapped !== null && this.overlapped.size > 0);
  }

  beginPut(data: ParcelData): IpczTransaction {
    this.puts ??= new Map();
    const id = this.nextId();
    this.puts.set(id, data);
    return id;
  }

  put(id: IpczTransaction): ParcelData | null {
    return this.puts?.get(id) ?? null;
  }

  /** Forgets a put; its memory is the caller's. */
  endPut(id: IpczTransaction): void {
    this.puts?.delete(id);
  }

  beginExclusiveGet(): IpczTransaction {
    const id = this.nextId();
    this.exclusive = id;
    return id;
  }

  isExclusiveGet(id: IpczTransaction): boolean {
    return id !== 0 && this.exclusive === id;
  }

  endExclusiveGet(): void {
    this.exclusive = 0;
  }

  beginOverlappedGet(parcel: Parcel): IpczTransaction {
    this.overlapped ??= new Map();
    const id = this.nextId();
    this.overlapped.set(id, parcel);
    return id;
  }

  /** Takes the parcel of an overlapped get; null: no such get. */
  takeOverlappedGet(id: IpczTransaction): Parcel | null {
    const parcel = this.overlapped?.get(id);
    if (!parcel) return null;
    this.overlapped?.delete(id);
    return parcel;
  }

  /** Ends everything in progress; parcels and memory are released, an exclusive get's parcel stays queued. */
  abortAll(): void {
    this.exclusive = 0;
    const puts = this.puts;
    const overlapped = this.overlapped;
    this.puts = null;
    this.overlapped = null;
    if (puts) for (const data of puts.values()) data.release();
    if (overlapped) for (const parcel of overlapped.values()) parcel.close();
  }

  private nextId(): IpczTransaction {
    this.last += 1;
    return transactionId(this.last);
  }
}

/** A number that the application may know a transaction by. */
export function transactionId(number: number): IpczTransaction {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- where such ids are made
  return number as IpczTransaction;
}
