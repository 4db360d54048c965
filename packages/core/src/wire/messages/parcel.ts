/**
 * Parcels, ids 20-21: one message of an application, and the half of it that has to be relayed (spec: wire 2.2).
 */
import { Limits } from "../../base/limits.ts";
import {
  HANDLE_DRIVER_OBJECT,
  HANDLE_PORTAL,
  HANDLE_RELAYED_DRIVER_OBJECT,
  HANDLE_SUBPARCEL,
} from "../descriptors.ts";
import { checkRouterDescriptor } from "../router-descriptor.ts";
import type { MessageOf, MessageSchema } from "../schema.ts";

/** One parcel, or one part of it; the main part (index 0) goes last. */
export const AcceptParcel = {
  id: 20,
  v0: [
    ["sublink", "sublinkId", "the link the parcel travels on"],
    ["sequenceNumber", "sequence", "which parcel of the route this is, in this direction"],
    ["subparcelIndex", "u32", "which part of the parcel this is; 0: the main one"],
    ["numSubparcels", "u32", "how many parts there are, the main one included; usually 1"],
    ["parcelFragment", "fragment", "where its data is in our shared memory; now yours to free"],
    ["parcelData", "array(u8)", "its data, when there is no fragment"],
    ["handleTypes", "array(handleType)", "what is attached, in the application's order"],
    ["newRouters", "array(routerDescriptor)", "the attached portals, in that order"],
    ["padding", "zero(4)", "nothing"],
    ["driverObjects", "objectRange", "the boxed driver objects, in that order"],
  ],
} as const;
AcceptParcel satisfies MessageSchema;

/** The boxed driver objects of a parcel that could not take them along; usually relayed. */
export const AcceptParcelDriverObjects = {
  id: 21,
  v0: [
    ["sublink", "sublinkId", "the link the parcel travels on"],
    ["sequenceNumber", "sequence", "which parcel"],
    ["driverObjects", "objectRange", "the objects, in the order of the holes they fill"],
  ],
} as const;
AcceptParcelDriverObjects satisfies MessageSchema;

/**
 * Parts are numbered within bounds, and every attachment has exactly what it needs: portals a descriptor, driver
 * objects an object, subparcels a part (spec: wire 2.2, id 20, steps 1-3).
 */
export function checkAcceptParcel(
  message: MessageOf<typeof AcceptParcel>,
  numObjects: number,
): boolean {
  const { subparcelIndex, numSubparcels, handleTypes, newRouters, driverObjects } = message;
  if (numSubparcels > Limits.subparcelsMax || subparcelIndex >= numSubparcels) return false;
  const subparcels = subparcelIndex === 0 ? numSubparcels - 1 : 0;
  if (numObjects !== driverObjects.count) return false;
  if (count(handleTypes, HANDLE_PORTAL) !== newRouters.length) return false;
  if (count(handleTypes, HANDLE_DRIVER_OBJECT) !== numObjects) return false;
  if (count(handleTypes, HANDLE_SUBPARCEL) !== subparcels) return false;
  const relayed = count(handleTypes, HANDLE_RELAYED_DRIVER_OBJECT);
  if (newRouters.length + numObjects + subparcels + relayed !== handleTypes.length) return false;
  for (const descriptor of newRouters)
    if (!checkRouterDescriptor(descriptor, message.sublink)) return false;
  return true;
}

function count(types: readonly number[], type: number): number {
  let found = 0;
  for (const candidate of types) if (candidate === type) found++;
  return found;
}
