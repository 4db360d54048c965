/**
 * Close, CreateNode, ConnectNode for native callers.
 */
import {
  IPCZ_CREATE_NODE_OPTIONS_SIZE,
  IPCZ_INVALID_HANDLE,
  IPCZ_MAX_INITIAL_PORTALS,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  type IpczCreateNodeOptions,
  type IpczDriverHandle,
  type IpczHandle,
} from "@ipcz/api";
import { emptyCellAt, writeCell } from "../border/cells.ts";
import { readBytes, readStruct, readWordAt, writeWords } from "../border/native-memory.ts";
import { readTable } from "../border/table.ts";
import { readWord } from "../border/word.ts";
import { DRIVER_SIGNATURES } from "../c/functions.ts";
import { layoutOf } from "../c/layout.ts";
import { importDriver } from "../import/native-driver.ts";
import type { ApiCallees } from "./callees.ts";
import { areElements } from "./counts.ts";
import type { Export } from "./export.ts";

const createNodeOptions = layoutOf("IpczCreateNodeOptions");

/** For one export. */
export function nodeCallees(own: Export): Pick<ApiCallees, "Close" | "CreateNode" | "ConnectNode"> {
  const { api } = own;
  return {
    Close(handle: IpczHandle) {
      const result = api.Close(handle, 0, null);
      if (result === IPCZ_RESULT_OK) own.gone(handle);
      return result;
    },
    CreateNode(driverAt: number, flags: number, optionsAt: number, nodeAt: number) {
      if (typeof readTable(driverAt, DRIVER_SIGNATURES) === "string") {
        return IPCZ_RESULT_INVALID_ARGUMENT;
      }
      const options = readOptions(optionsAt);
      if (options === undefined) return IPCZ_RESULT_INVALID_ARGUMENT;
      const node = emptyCellAt(nodeAt, IPCZ_INVALID_HANDLE);
      const result = api.CreateNode(importDriver(driverAt), flags, options, node);
      if (result === IPCZ_RESULT_OK) writeCell(nodeAt, node);
      return result;
    },
    ConnectNode(
      node: IpczHandle,
      transport: IpczDriverHandle,
      count: number,
      flags: number,
      _options: number,
      portalsAt: number,
    ) {
      const portals: IpczHandle[] | null = portalsAt === 0 ? null : [];
      const result = api.ConnectNode(node, transport, count, flags, null, portals);
      // Handles, or zeros after a failure that came late; nothing when it came early.
      if (portals !== null) {
        writeWords(portalsAt, portals, Math.min(portals.length, count, IPCZ_MAX_INITIAL_PORTALS));
      }
      return result;
    },
  };
}

/** Undefined when they cannot be true. */
function readOptions(address: number): IpczCreateNodeOptions | null | undefined {
  if (address === 0) return null;
  const size = readWordAt(address);
  if (size < IPCZ_CREATE_NODE_OPTIONS_SIZE) return undefined;
  const options = readStruct(address, createNodeOptions.size);
  const { at } = createNodeOptions;
  const numEnabledFeatures = readWord(options, at.num_enabled_features);
  const numDisabledFeatures = readWord(options, at.num_disabled_features);
  if (!areElements(numEnabledFeatures) || !areElements(numDisabledFeatures)) return undefined;
  return {
    size,
    memoryFlags: options.getUint32(at.memory_flags, true),
    enabledFeatures: readFeatures(readWord(options, at.enabled_features), numEnabledFeatures),
    numEnabledFeatures,
    disabledFeatures: readFeatures(readWord(options, at.disabled_features), numDisabledFeatures),
    numDisabledFeatures,
  };
}

function readFeatures(address: number, count: number): number[] | null {
  const bytes = readBytes(address, 4 * count);
  if (bytes === null) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: count }, (_, index) => view.getUint32(4 * index, true));
}
