/**
 * Close, CreateNode, ConnectNode.
 */
import {
  IPCZ_CREATE_NODE_OPTIONS_SIZE,
  IPCZ_INVALID_HANDLE,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_OUT_OF_RANGE,
  type IpczAPI,
  type IpczCreateNodeOptions,
  type IpczHandle,
} from "@ipcz/api";
import { copyWords, wordAt, type Frame, type Place } from "../border/frame.ts";
import { inFrame } from "../border/in-frame.ts";
import { nativePointerOf } from "../border/known-drivers.ts";
import { writeWord } from "../border/word.ts";
import { layoutOf, WORD_BYTES } from "../c/layout.ts";
import { whatIsWrong } from "../export/export-driver.ts";
import { flagBits, isHandle } from "./arguments.ts";
import type { NativeLibrary } from "./native-library.ts";

const createNodeOptions = layoutOf("IpczCreateNodeOptions");

/** More initial portals than any version of the library allows. */
const PORTALS_MAX = 4096;

/** For one library. */
export function nodeFunctions(
  library: NativeLibrary,
): Pick<IpczAPI, "Close" | "CreateNode" | "ConnectNode"> {
  const { call } = library;
  return {
    Close(handle) {
      if (!isHandle(handle)) return IPCZ_RESULT_INVALID_ARGUMENT;
      if (library.closeThreadedNode(handle)) return IPCZ_RESULT_OK;
      return inFrame(() => call.Close(handle, 0, null));
    },
    CreateNode(driver, flags, options, node) {
      if (!node || !driver || whatIsWrong(driver) !== null) return IPCZ_RESULT_INVALID_ARGUMENT;
      if (options && !(options.size >= IPCZ_CREATE_NODE_OPTIONS_SIZE)) {
        return IPCZ_RESULT_INVALID_ARGUMENT;
      }
      const known = library.prepareDriver(driver, nativePointerOf(driver));
      return inFrame((frame) => {
        const place = options ? writeOptions(frame, options).address : null;
        const cell = frame.word(0);
        const result = call.CreateNode(known.pointer, flagBits(flags), place, cell.address);
        if (result !== IPCZ_RESULT_OK) return result;
        node.value = wordAt(cell) as IpczHandle;
        library.nodeCreated(node.value, known);
        return result;
      });
    },
    ConnectNode(node, transport, numInitialPortals, flags, _options, initialPortals) {
      if (!isHandle(node) || !isHandle(transport)) return IPCZ_RESULT_INVALID_ARGUMENT;
      if (!initialPortals || !(numInitialPortals > 0) || !Number.isSafeInteger(numInitialPortals)) {
        return IPCZ_RESULT_INVALID_ARGUMENT;
      }
      if (numInitialPortals > PORTALS_MAX) return IPCZ_RESULT_OUT_OF_RANGE;
      const driver = library.driverOf(node);
      driver?.watched?.watch(transport);
      return inFrame((frame) => {
        const place = frame.reserve(numInitialPortals * WORD_BYTES);
        const bits = flagBits(flags);
        const result = call.ConnectNode(
          node,
          transport,
          numInitialPortals,
          bits,
          null,
          place.address,
        );
        if (result === IPCZ_RESULT_OK) {
          copyWords(place, numInitialPortals, initialPortals);
        } else if (result !== IPCZ_RESULT_OUT_OF_RANGE && driver !== null) {
          // The node and the counts were right, so it failed after the transport had changed hands.
          library.endTransport(driver, transport);
          for (let index = 0; index < numInitialPortals; index++) {
            initialPortals[index] = IPCZ_INVALID_HANDLE;
          }
        }
        return result;
      });
    },
  };
}

function writeOptions(frame: Frame, options: IpczCreateNodeOptions): Place {
  const place = frame.struct(createNodeOptions, options.size);
  const { view, offset } = place;
  const { at } = createNodeOptions;
  view.setUint32(offset + at.memory_flags, flagBits(options.memoryFlags), true);
  const enabled = options.enabledFeatures?.slice(0, options.numEnabledFeatures) ?? [];
  writeWord(view, offset + at.enabled_features, writeFeatures(frame, enabled));
  writeWord(view, offset + at.num_enabled_features, enabled.length);
  const disabled = options.disabledFeatures?.slice(0, options.numDisabledFeatures) ?? [];
  writeWord(view, offset + at.disabled_features, writeFeatures(frame, disabled));
  writeWord(view, offset + at.num_disabled_features, disabled.length);
  return place;
}

function writeFeatures(frame: Frame, features: readonly number[]): number {
  if (features.length === 0) return 0;
  const place = frame.reserve(4 * features.length);
  for (const [index, feature] of features.entries()) {
    place.view.setUint32(place.offset + 4 * index, flagBits(feature), true);
  }
  return place.address;
}
