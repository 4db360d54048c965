/**
 * A parcel that the application holds: taken from a portal, or found in a box. Several handles may name the same one;
 * it is closed with the last of them (spec: api 2.1).
 */
import type { Parcel } from "../parcels/parcel.ts";

export class ParcelObject {
  readonly parcel: Parcel;
  /** Belongs to the box it was peeked at in; its handle cannot be closed. */
  readonly borrowed: boolean;
  /** The pending two-phase get; 0: none. */
  transaction = 0;
  private references = 0;
  private transactions = 0;

  constructor(parcel: Parcel, borrowed: boolean) {
    this.parcel = parcel;
    this.borrowed = borrowed;
  }

  retain(): void {
    this.references++;
  }

  release(): void {
    this.references--;
    if (this.references > 0 || this.borrowed) return;
    this.transaction = 0;
    this.parcel.close();
  }

  beginGet(): number {
    this.transactions++;
    this.transaction = this.transactions;
    return this.transaction;
  }
}
