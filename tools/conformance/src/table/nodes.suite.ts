/**
 * Creating and connecting nodes, and the table itself (spec: api 2.3.1 to 2.3.3, 4.1 and 5.1).
 */
import {
  IPCZ_API_FUNCTIONS,
  IPCZ_API_SIZE,
  IPCZ_CONNECT_NODE_INHERIT_BROKER,
  IPCZ_CONNECT_NODE_SHARE_BROKER,
  IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE,
  IPCZ_CONNECT_NODE_TO_BROKER,
  IPCZ_CREATE_NODE_AS_BROKER,
  IPCZ_CREATE_NODE_OPTIONS_SIZE,
  IPCZ_DRIVER_FUNCTIONS,
  IPCZ_INVALID_DRIVER_HANDLE,
  IPCZ_INVALID_HANDLE,
  IPCZ_MAX_INITIAL_PORTALS,
  IPCZ_MEMORY_FIXED_PARCEL_CAPACITY,
  IPCZ_NO_FLAGS,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_OK,
  IPCZ_RESULT_OUT_OF_RANGE,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_RESULT_UNKNOWN,
  type IpczCreateNodeOptions,
  type IpczDriver,
  type IpczHandle,
  type IpczResult,
} from "@ipcz/api";
import { handleCell } from "./calls.ts";
import { checkEqual, checkResult } from "./expect.ts";
import type { Stage } from "./stage.ts";
import type { TableCase } from "./table-case.ts";

const closeInvalid: TableCase = {
  name: "APITest.CloseInvalid",
  run: ({ api }) => {
    const result = api.Close(IPCZ_INVALID_HANDLE, 0, null);
    checkResult("Close(0)", result, IPCZ_RESULT_INVALID_ARGUMENT);
  },
};

function nodeOptions(memoryFlags: number): IpczCreateNodeOptions {
  return {
    size: IPCZ_CREATE_NODE_OPTIONS_SIZE,
    memoryFlags,
    enabledFeatures: null,
    numEnabledFeatures: 0,
    disabledFeatures: null,
    numDisabledFeatures: 0,
  };
}

/** `CreateNode` with these must be refused, and must not touch its output. */
function refuseNode(
  { api }: Stage,
  what: string,
  driver: IpczDriver | null,
  options: IpczCreateNodeOptions | null = null,
): void {
  const cell = handleCell();
  const result = api.CreateNode(driver, IPCZ_NO_FLAGS, options, cell);
  checkResult(`CreateNode with ${what}`, result, IPCZ_RESULT_INVALID_ARGUMENT);
  checkEqual("output of a refused CreateNode", cell.value, IPCZ_INVALID_HANDLE);
}

const createNodeInvalid: TableCase = {
  name: "APITest.CreateNodeInvalid",
  run: (stage) => {
    const { api, driver } = stage;
    refuseNode(stage, "no driver", null);
    refuseNode(stage, "a driver of size 0", { ...driver, size: 0 });
    refuseNode(stage, "options of size 0", driver, { ...nodeOptions(0), size: 0 });
    const noOutput = api.CreateNode(driver, IPCZ_NO_FLAGS, null, null);
    checkResult("CreateNode without an output", noOutput, IPCZ_RESULT_INVALID_ARGUMENT);
  },
};

const createNodeMissingDriverField: TableCase = {
  name: "APITest.CreateNodeMissingDriverField",
  run: (stage) => {
    for (const name of IPCZ_DRIVER_FUNCTIONS) {
      refuseNode(stage, `no ${name}`, { ...stage.driver, [name]: null });
    }
  },
};

const createNode: TableCase = {
  name: "APITest.CreateNode",
  run: ({ api, driver }) => {
    const fixed = nodeOptions(IPCZ_MEMORY_FIXED_PARCEL_CAPACITY);
    for (const flags of [IPCZ_NO_FLAGS, IPCZ_CREATE_NODE_AS_BROKER]) {
      for (const options of [null, fixed]) {
        const cell = handleCell();
        checkResult("CreateNode", api.CreateNode(driver, flags, options, cell), IPCZ_RESULT_OK);
        checkResult("Close(node)", api.Close(cell.value, 0, null), IPCZ_RESULT_OK);
      }
    }
  },
};

const connectNodeInvalid: TableCase = {
  name: "APITest.ConnectNodeInvalid",
  run: (stage) => {
    const { api, driver, node } = stage;
    const [transport, other] = stage.transports();
    const [portal] = stage.open();
    const out: IpczHandle[] = [];
    const noTransport = IPCZ_INVALID_DRIVER_HANDLE;
    const refused: [string, IpczResult][] = [
      ["node 0", api.ConnectNode(IPCZ_INVALID_HANDLE, transport, 1, 0, null, out)],
      ["a portal as node", api.ConnectNode(portal, transport, 1, 0, null, out)],
      ["transport 0", api.ConnectNode(node, noTransport, 1, 0, null, out)],
      ["no portals", api.ConnectNode(node, transport, 0, 0, null, out)],
      ["no array", api.ConnectNode(node, transport, 1, 0, null, null)],
    ];
    for (const [what, result] of refused) {
      checkResult(`ConnectNode with ${what}`, result, IPCZ_RESULT_INVALID_ARGUMENT);
    }
    const tooMany = api.ConnectNode(node, transport, IPCZ_MAX_INITIAL_PORTALS + 1, 0, null, out);
    checkResult("ConnectNode with 13 portals", tooMany, IPCZ_RESULT_OUT_OF_RANGE);
    checkEqual("handles written by refused calls", out.filter((handle) => handle !== 0).length, 0);
    checkResult("Close(transport)", driver.Close(transport, 0, null), IPCZ_RESULT_OK);
    checkResult("Close(transport)", driver.Close(other, 0, null), IPCZ_RESULT_OK);
  },
};

const TO_BROKER = IPCZ_CONNECT_NODE_TO_BROKER;
const INHERIT = IPCZ_CONNECT_NODE_INHERIT_BROKER;
const SHARE = IPCZ_CONNECT_NODE_SHARE_BROKER;
const BROKER_REFUSES = [INHERIT, SHARE, TO_BROKER | INHERIT, TO_BROKER | SHARE, INHERIT | SHARE];
const OTHERS_REFUSE = [0, TO_BROKER | INHERIT, TO_BROKER | SHARE, INHERIT | SHARE, 7];

/** `ConnectNode` fails with `expected`, takes the transport all the same and fills its array with 0. */
function refuseConnection(
  stage: Stage,
  node: IpczHandle,
  flags: number,
  expected: IpczResult,
): void {
  const [transport, other] = stage.transports();
  const out: IpczHandle[] = [];
  const result = stage.api.ConnectNode(node, transport, 2, flags, null, out);
  checkResult(`ConnectNode with flags ${String(flags)}`, result, expected);
  checkEqual("handles of a failed connection", out.join(), "0,0");
  const again = stage.driver.Close(transport, 0, null);
  checkEqual(
    "a transport that ipcz has taken can be closed again",
    again === IPCZ_RESULT_OK,
    false,
  );
  checkResult("Close(transport)", stage.driver.Close(other, 0, null), IPCZ_RESULT_OK);
}

const connectNodeFlags: TableCase = {
  name: "ConnectNode.FlagsThatDoNotFit",
  run: (stage) => {
    const invalid = IPCZ_RESULT_INVALID_ARGUMENT;
    const client = stage.createNode();
    for (const delegate of [0, IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE]) {
      for (const flags of BROKER_REFUSES) {
        refuseConnection(stage, stage.node, flags | delegate, invalid);
      }
      for (const flags of OTHERS_REFUSE) refuseConnection(stage, client, flags | delegate, invalid);
    }
  },
};

const connectNodeSystemFailures: TableCase = {
  name: "ConnectNode.DriverThatFails",
  run: (stage) => {
    const { failing } = stage.spy;
    const fail = (
      name: keyof IpczDriver,
      node: IpczHandle,
      flags: number,
      due: IpczResult,
    ): void => {
      failing.set(name, IPCZ_RESULT_UNKNOWN);
      refuseConnection(stage, node, flags, due);
      failing.clear();
    };
    const exhausted = IPCZ_RESULT_RESOURCE_EXHAUSTED;
    fail("AllocateSharedMemory", stage.node, IPCZ_NO_FLAGS, exhausted);
    fail("MapSharedMemory", stage.node, IPCZ_NO_FLAGS, exhausted);
    fail("ActivateTransport", stage.node, IPCZ_NO_FLAGS, IPCZ_RESULT_UNKNOWN);
    fail("ActivateTransport", stage.createNode(), TO_BROKER, IPCZ_RESULT_UNKNOWN);
    fail("Transmit", stage.createNode(), TO_BROKER, IPCZ_RESULT_UNKNOWN);
  },
};

const getAPIInvalid: TableCase = {
  name: "APITest.IpczGetAPIInvalid",
  skip: ({ fillTable }) =>
    fillTable === undefined ? "the table is returned, not filled into storage of the caller" : null,
  run: (_stage, { fillTable }) => {
    checkResult("IpczGetAPI(null)", fillTable?.(null) ?? -1, IPCZ_RESULT_INVALID_ARGUMENT);
    checkResult(
      "IpczGetAPI of size 0",
      fillTable?.({ size: 0 }) ?? -1,
      IPCZ_RESULT_INVALID_ARGUMENT,
    );
  },
};

const getAPI: TableCase = {
  name: "APITest.IpczGetAPI",
  run: ({ api }) => {
    checkEqual("size of the table", api.size, IPCZ_API_SIZE);
    checkEqual("entries of the table", IPCZ_API_FUNCTIONS.length, 16);
    for (const name of IPCZ_API_FUNCTIONS) {
      checkEqual(`type of ${name}`, typeof api[name], "function");
    }
  },
};

/** Nodes: APITest 1 to 5, 25 and 26, then two of our own. */
export const nodesSuite: readonly TableCase[] = [
  closeInvalid,
  createNodeInvalid,
  createNodeMissingDriverField,
  createNode,
  connectNodeInvalid,
  getAPIInvalid,
  getAPI,
  connectNodeFlags,
  connectNodeSystemFailures,
];
