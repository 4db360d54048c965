/**
 * Every constant of the contract by its C name, in the groups that the header shows.
 *
 * Read off what `@ipcz/api` exports, so that a new constant there is a new constant in the header.
 */
import * as api from "@ipcz/api";

/** A constant of the contract. */
export type Constant = readonly [name: string, value: number];

/** Constants that belong together. */
export interface ConstantGroup {
  readonly about: string;
  readonly constants: readonly Constant[];
}

/** Prefixes in header order; the first that fits a name takes it. */
const groups: readonly (readonly [prefix: string, about: string])[] = [
  ["IPCZ_RESULT_", "Result codes."],
  ["IPCZ_INVALID_", "Handles that name nothing."],
  ["IPCZ_CREATE_NODE_AS_", "CreateNode."],
  ["IPCZ_MEMORY_", "IpczCreateNodeOptions.memory_flags."],
  ["IPCZ_FEATURE_", "Feature ids."],
  ["IPCZ_CONNECT_NODE_", "ConnectNode."],
  ["IPCZ_BEGIN_PUT_", "BeginPut."],
  ["IPCZ_END_PUT_", "EndPut."],
  ["IPCZ_GET_", "Get."],
  ["IPCZ_BEGIN_GET_", "BeginGet."],
  ["IPCZ_END_GET_", "EndGet."],
  ["IPCZ_BOX_TYPE_", "What a box holds."],
  ["IPCZ_UNBOX_", "Unbox."],
  ["IPCZ_PORTAL_STATUS_", "IpczPortalStatus.flags."],
  ["IPCZ_TRAP_", "Trap conditions and events."],
  ["IPCZ_TRANSPORT_ACTIVITY_", "Activity handler."],
  ["IPCZ_", "Anything else."],
];

/** All of them. Sizes are left out: in C they are `sizeof`. */
export function constantGroups(): ConstantGroup[] {
  const found = new Map<string, Constant[]>();
  for (const [name, value] of Object.entries(api)) {
    if (typeof value !== "number" || name.endsWith("_SIZE")) continue;
    const [prefix] = groups.find(([each]) => name.startsWith(each)) ?? [];
    if (prefix === undefined) continue;
    found.set(prefix, [...(found.get(prefix) ?? []), [name, value]]);
  }
  return groups.flatMap(([prefix, about]) => {
    const constants = found.get(prefix) ?? [];
    if (constants.length === 0) return [];
    return [{ about, constants: constants.toSorted(byValue) }];
  });
}

function byValue([name, value]: Constant, [otherName, otherValue]: Constant): number {
  return value - otherValue || (name < otherName ? -1 : 1);
}

/** The sizes that the contract states, by the name of the struct. */
export const STATED_SIZES: Readonly<Record<string, number>> = {
  IpczAPI: api.IPCZ_API_SIZE,
  IpczDriver: api.IPCZ_DRIVER_SIZE,
  IpczCreateNodeOptions: api.IPCZ_CREATE_NODE_OPTIONS_SIZE,
  IpczPortalStatus: api.IPCZ_PORTAL_STATUS_SIZE,
  IpczTrapConditions: api.IPCZ_TRAP_CONDITIONS_SIZE,
  IpczTrapEvent: api.IPCZ_TRAP_EVENT_SIZE,
  IpczBoxContents: api.IPCZ_BOX_CONTENTS_SIZE,
  IpczSharedMemoryInfo: api.IPCZ_SHARED_MEMORY_INFO_SIZE,
  IpczTransportActivityOptions: api.IPCZ_TRANSPORT_ACTIVITY_OPTIONS_SIZE,
};
