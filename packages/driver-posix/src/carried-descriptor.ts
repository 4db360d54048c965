/**
 * A descriptor on its way: what a serialized object consists of between `Serialize` and `Transmit`, and again
 * between a message's arrival and `Deserialize`. Or one of the application's, wrapped so that it can travel in a box.
 */
import type { Descriptor } from "./fd.ts";

/** A descriptor with a driver handle. */
export class CarriedDescriptor {
  readonly kind: "descriptor" | "platform-handle";
  private readonly carried: Descriptor;

  /** Takes the descriptor. */
  constructor(carried: Descriptor, kind: "descriptor" | "platform-handle" = "descriptor") {
    this.kind = kind;
    this.carried = carried;
  }

  get descriptor(): number {
    return this.carried.number;
  }

  /** Gives the descriptor away. */
  surrender(): Descriptor {
    return this.carried;
  }

  close(): void {
    this.carried.close();
  }
}
