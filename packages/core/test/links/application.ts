/**
 * What an application does with the portals of its node: it calls as the table would, and reads what came as text.
 */
import type { IpczDriver } from "@ipcz/api";
import { DriverMemory } from "../../src/driver/driver-memory.ts";
import type { Attachment } from "../../src/parcels/attachment.ts";
import { Box } from "../../src/parcels/box.ts";
import { Parcel } from "../../src/parcels/parcel.ts";
import { ParcelData } from "../../src/parcels/parcel-data.ts";
import { takeParcel } from "../../src/routing/inbound.ts";
import { memoryForParcels, refusesPuts, sendFromPortal } from "../../src/routing/outbound.ts";
import { openPair } from "../../src/routing/pair.ts";
import { Router } from "../../src/routing/router.ts";
import type { RouterWorld } from "../../src/routing/router-state.ts";

export class Application<D extends IpczDriver> {
  readonly driver: D;
  readonly world: RouterWorld;

  constructor(driver: D, world: RouterWorld) {
    this.driver = driver;
    this.world = world;
  }

  /** Runs `body` as an API function would. */
  call<T>(body: () => T): T {
    this.world.turn.enterCall();
    try {
      return body();
    } finally {
      this.world.turn.leaveCall();
    }
  }

  /** Runs `body` as a notification would. */
  event<T>(body: () => T): T {
    this.world.turn.enterEvent();
    try {
      return body();
    } finally {
      this.world.turn.leaveEvent();
    }
  }

  pair(): [Router, Router] {
    return this.call(() => [...openPair(this.world)]);
  }

  /** Puts `bytes` as the table would; false: the portal refuses. */
  put(portal: Router, bytes: Uint8Array, attachments: readonly Attachment[] = []): boolean {
    return this.call(() => {
      if (refusesPuts(portal)) return false;
      const data = ParcelData.allocate(memoryForParcels(portal), bytes.length);
      data.fill(bytes, bytes.length);
      sendFromPortal(portal, new Parcel(data, attachments));
      return true;
    });
  }

  putText(portal: Router, text: string, attachments: readonly Attachment[] = []): void {
    if (!this.put(portal, new TextEncoder().encode(text), attachments))
      throw new Error(`"${text}" was refused`);
  }

  take(portal: Router): Parcel | undefined {
    return this.call(() => takeParcel(portal));
  }

  /** The text of the next parcel, null when there is none. What is attached is closed. */
  get(portal: Router): string | null {
    const parcel = this.take(portal);
    if (!parcel) return null;
    const text = textOf(parcel);
    this.call(() => parcel.close());
    return text;
  }

  /** The texts of all parcels that can be read. */
  getAll(portal: Router): string[] {
    const texts: string[] = [];
    for (let text = this.get(portal); text !== null; text = this.get(portal)) texts.push(text);
    return texts;
  }

  /** The portal that comes with the next parcel. */
  getPortal(portal: Router): Router {
    const parcel = this.take(portal);
    const [attachment] = parcel?.takeAttachments(1) ?? [];
    this.call(() => parcel?.close());
    if (!(attachment instanceof Router)) throw new Error("no portal came");
    return attachment;
  }

  close(portal: Router): void {
    this.call(() => {
      portal.close();
    });
  }

  /** A box around a new piece of memory. */
  box(numBytes = 64): Box {
    const memory = DriverMemory.allocate(this.driver, numBytes);
    if (!memory) throw new Error("no memory");
    return new Box({ type: "driver", object: memory.release() });
  }
}

/** The text in a parcel. */
export function textOf(parcel: Parcel): string {
  return new TextDecoder().decode(parcel.data.bytes().slice());
}
