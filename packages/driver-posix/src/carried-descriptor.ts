/**
 * A descriptor on its way: what a serialized object consists of between `Serialize` and `Transmit`, and again
 * between a message's arrival and `Deserialize`.
 */
import type { Descriptor } from "./fd.ts";

/** A descriptor with a driver handle. */
export class CarriedDescriptor {
  readonly kind = "descriptor";
  private readonly carried: Descriptor;

  /** Takes the descriptor. */
  constructor(carried: Descriptor) {
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
