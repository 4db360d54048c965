import { describe, expect, it } from "vitest";
import type { Attachment } from "../../src/parcels/attachment.ts";
import { type ApplicationObject, Box } from "../../src/parcels/box.ts";
import { Parcel } from "../../src/parcels/parcel.ts";
import { ParcelData } from "../../src/parcels/parcel-data.ts";
import { DriverObject } from "../../src/driver/driver-object.ts";
import { MockDriver } from "../driver/mock-driver.ts";

class Probe implements Attachment {
  readonly kind = "portal";
  closed = 0;

  close(): void {
    this.closed++;
  }
}

class Thing implements ApplicationObject {
  readonly object = null;
  readonly serializer = null;
  readonly destructor = null;
  destroyed = 0;

  serialize(): Parcel | null {
    return null;
  }

  destroy(): void {
    this.destroyed++;
  }
}

const bytes = (...values: number[]) => ParcelData.heap(Uint8Array.from(values));

describe("a parcel", () => {
  it("closes what is attached, once", () => {
    const probes = [new Probe(), new Probe()];
    const parcel = new Parcel(bytes(1, 2), probes);
    parcel.close();
    parcel.close();
    expect(probes.map(({ closed }) => closed)).toEqual([1, 1]);
  });

  it("closes only what was not taken, and keeps the order", () => {
    const probes = [new Probe(), new Probe(), new Probe()];
    const parcel = new Parcel(bytes(), probes);
    expect(parcel.takeAttachments(0)).toEqual([]);
    expect(parcel.takeAttachments(2)).toEqual(probes.slice(0, 2));
    expect(parcel.attachments).toEqual(probes.slice(2));
    parcel.close();
    expect(probes.map(({ closed }) => closed)).toEqual([0, 0, 1]);
  });

  it("counts its bytes as they were, also when the data is gone", () => {
    const parcel = new Parcel(bytes(1, 2, 3));
    parcel.close();
    expect([parcel.size, parcel.data.size]).toEqual([3, 0]);
  });
});

describe("a box", () => {
  it("closes its driver object, unless it was taken", () => {
    const driver = new MockDriver();
    const handle = driver.blob([1]);
    new Box({ type: "driver", object: new DriverObject(driver, handle) }).close();
    expect(driver.liveCount).toBe(0);
    const box = new Box({ type: "driver", object: new DriverObject(driver, driver.blob([2])) });
    expect(box.take()?.type).toBe("driver");
    expect([box.content, box.take()]).toEqual([null, null]);
    box.close();
    expect(driver.liveCount).toBe(1);
  });

  it("destroys its application object once", () => {
    const object = new Thing();
    const box = new Box({ type: "application", object });
    box.close();
    box.close();
    expect(object.destroyed).toBe(1);
  });

  it("closes its subparcel with everything inside", () => {
    const probe = new Probe();
    const inner = new Box({ type: "subparcel", parcel: new Parcel(bytes(), [probe]) });
    new Box({ type: "subparcel", parcel: new Parcel(bytes(), [inner]) }).close();
    expect([probe.closed, inner.content]).toEqual([1, null]);
  });
});
