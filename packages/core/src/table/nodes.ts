/**
 * CreateNode and ConnectNode (spec: api 2.3.2, 2.3.3).
 */
import {
  type IpczCreateNodeOptions,
  IPCZ_CREATE_NODE_AS_BROKER,
  IPCZ_CREATE_NODE_OPTIONS_SIZE,
  type IpczDriver,
  type IpczDriverHandle,
  IPCZ_DRIVER_FUNCTIONS,
  IPCZ_DRIVER_SIZE,
  IPCZ_FEATURE_MEM_V2,
  type IpczHandle,
  IPCZ_INVALID_HANDLE,
  IPCZ_MAX_INITIAL_PORTALS,
  IPCZ_MEMORY_FIXED_PARCEL_CAPACITY,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_OUT_OF_RANGE,
  type IpczResult,
  type Out,
} from "@ipcz/api";
import { Node } from "../node/node.ts";
import { Router } from "../routing/router.ts";
import type { Core } from "./core.ts";

export function createNode(
  core: Core,
  driver: IpczDriver | null,
  flags: number,
  options: IpczCreateNodeOptions | null,
  node: Out<IpczHandle> | null,
): IpczResult {
  if (!node || !driver || !(driver.size >= IPCZ_DRIVER_SIZE)) return IPCZ_RESULT_INVALID_ARGUMENT;
  if (options && !(options.size >= IPCZ_CREATE_NODE_OPTIONS_SIZE))
    return IPCZ_RESULT_INVALID_ARGUMENT;
  for (const name of IPCZ_DRIVER_FUNCTIONS)
    if (typeof driver[name] !== "function") return IPCZ_RESULT_INVALID_ARGUMENT;
  const created = new Node({
    driver,
    isBroker: (flags & IPCZ_CREATE_NODE_AS_BROKER) !== 0,
    memV2: hasFeature(options, IPCZ_FEATURE_MEM_V2),
    fixedCapacity: ((options?.memoryFlags ?? 0) & IPCZ_MEMORY_FIXED_PARCEL_CAPACITY) !== 0,
    world: core.world,
    listeners: core,
    clock: () => Date.now(),
  });
  node.value = core.handles.add(created);
  return IPCZ_RESULT_OK;
}

/** Enabled and not disabled (spec: api 2.3.2). */
function hasFeature(options: IpczCreateNodeOptions | null, feature: number): boolean {
  const enabled = options?.enabledFeatures?.slice(0, options.numEnabledFeatures) ?? [];
  const disabled = options?.disabledFeatures?.slice(0, options.numDisabledFeatures) ?? [];
  return enabled.includes(feature) && !disabled.includes(feature);
}

export function connectNode(
  core: Core,
  nodeHandle: IpczHandle,
  transport: IpczDriverHandle,
  numInitialPortals: number,
  flags: number,
  initialPortals: IpczHandle[] | null,
): IpczResult {
  const node = core.node(nodeHandle);
  if (!node || !transport || !initialPortals || !(numInitialPortals > 0))
    return IPCZ_RESULT_INVALID_ARGUMENT;
  if (!Number.isSafeInteger(numInitialPortals)) return IPCZ_RESULT_INVALID_ARGUMENT;
  if (numInitialPortals > IPCZ_MAX_INITIAL_PORTALS) return IPCZ_RESULT_OUT_OF_RANGE;
  const portals: Router[] = [];
  for (let index = 0; index < numInitialPortals; index++) portals.push(new Router(core.world));
  const result = node.connect(transport, portals, flags);
  for (const [index, portal] of portals.entries())
    if (result === IPCZ_RESULT_OK) initialPortals[index] = core.handles.add(portal);
    else {
      initialPortals[index] = IPCZ_INVALID_HANDLE;
      portal.close();
    }
  return result;
}
