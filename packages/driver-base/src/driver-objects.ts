/**
 * Everything a driver has given a handle to, by kind.
 */
import { HandleTable } from "./handles.ts";

/** What a driver handle can name. */
export interface DriverObject {
  readonly kind: string;
  /** Gives back what it holds of the system. */
  close(): void;
}

type OfKind<Objects, Kind> = Extract<Objects, { readonly kind: Kind }>;

/** The objects of one driver; those of kind `transport` and `memory` are what most functions are about. */
export class DriverObjects<Objects extends DriverObject> extends HandleTable<Objects> {
  /** The transport that a handle names; null for any other number. */
  transport(handle: number): OfKind<Objects, "transport"> | null {
    const object = this.get(handle);
    return object?.kind === "transport" ? (object as OfKind<Objects, "transport">) : null;
  }

  /** The memory that a handle names; null for any other number. */
  memory(handle: number): OfKind<Objects, "memory"> | null {
    const object = this.get(handle);
    return object?.kind === "memory" ? (object as OfKind<Objects, "memory">) : null;
  }

  /** How many objects of a kind there are. */
  countOf(kind: Objects["kind"]): number {
    let count = 0;
    for (const [, object] of this.entries()) if (object.kind === kind) count++;
    return count;
  }
}
