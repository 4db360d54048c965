/** The ipcz contract: every public name, listed one by one. */
export type { IpczResult } from "./result.ts";
export {
  IPCZ_RESULT_OK,
  IPCZ_RESULT_CANCELLED,
  IPCZ_RESULT_UNKNOWN,
  IPCZ_RESULT_INVALID_ARGUMENT,
  IPCZ_RESULT_DEADLINE_EXCEEDED,
  IPCZ_RESULT_NOT_FOUND,
  IPCZ_RESULT_ALREADY_EXISTS,
  IPCZ_RESULT_PERMISSION_DENIED,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_RESULT_FAILED_PRECONDITION,
  IPCZ_RESULT_ABORTED,
  IPCZ_RESULT_OUT_OF_RANGE,
  IPCZ_RESULT_UNIMPLEMENTED,
  IPCZ_RESULT_INTERNAL,
  IPCZ_RESULT_UNAVAILABLE,
  IPCZ_RESULT_DATA_LOSS,
  IPCZ_RESULT_NAMES,
} from "./result.ts";
export type { IpczHandle, IpczDriverHandle, IpczTransaction, Out, IpczContext } from "./handle.ts";
export { IPCZ_INVALID_HANDLE, IPCZ_INVALID_DRIVER_HANDLE } from "./handle.ts";
export type { IpczBoxType } from "./flags.ts";
export {
  IPCZ_NO_FLAGS,
  IPCZ_CREATE_NODE_AS_BROKER,
  IPCZ_MEMORY_FIXED_PARCEL_CAPACITY,
  IPCZ_FEATURE_MEM_V2,
  IPCZ_CONNECT_NODE_TO_BROKER,
  IPCZ_CONNECT_NODE_INHERIT_BROKER,
  IPCZ_CONNECT_NODE_SHARE_BROKER,
  IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE,
  IPCZ_BEGIN_PUT_ALLOW_PARTIAL,
  IPCZ_END_PUT_ABORT,
  IPCZ_GET_PARTIAL,
  IPCZ_BEGIN_GET_PARTIAL,
  IPCZ_BEGIN_GET_OVERLAPPED,
  IPCZ_END_GET_ABORT,
  IPCZ_BOX_TYPE_DRIVER_OBJECT,
  IPCZ_BOX_TYPE_APPLICATION_OBJECT,
  IPCZ_BOX_TYPE_SUBPARCEL,
  IPCZ_UNBOX_PEEK,
  IPCZ_PORTAL_STATUS_PEER_CLOSED,
  IPCZ_PORTAL_STATUS_DEAD,
  IPCZ_TRAP_REMOVED,
  IPCZ_TRAP_PEER_CLOSED,
  IPCZ_TRAP_DEAD,
  IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS,
  IPCZ_TRAP_ABOVE_MIN_LOCAL_BYTES,
  IPCZ_TRAP_NEW_LOCAL_PARCEL,
  IPCZ_TRAP_WITHIN_API_CALL,
  IPCZ_TRANSPORT_ACTIVITY_ERROR,
  IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED,
  IPCZ_MAX_INITIAL_PORTALS,
  IPCZ_API_SIZE,
  IPCZ_DRIVER_SIZE,
  IPCZ_CREATE_NODE_OPTIONS_SIZE,
  IPCZ_PORTAL_STATUS_SIZE,
  IPCZ_TRAP_CONDITIONS_SIZE,
  IPCZ_TRAP_EVENT_SIZE,
  IPCZ_BOX_CONTENTS_SIZE,
  IPCZ_SHARED_MEMORY_INFO_SIZE,
  IPCZ_TRANSPORT_ACTIVITY_OPTIONS_SIZE,
} from "./flags.ts";
export type { IpczCreateNodeOptions, IpczNodeFunctions } from "./node.ts";
export type { IpczPortalStatus, IpczPortalFunctions } from "./portal.ts";
export type { IpczParcelFunctions } from "./parcel.ts";
export type {
  IpczTrapConditions,
  IpczTrapEvent,
  IpczTrapEventHandler,
  IpczTrapFunctions,
} from "./trap.ts";
export type {
  IpczApplicationObjectSerializer,
  IpczApplicationObjectDestructor,
  IpczBoxContents,
  IpczBoxFunctions,
} from "./box.ts";
export type {
  IpczSharedMemoryInfo,
  IpczTransportActivityOptions,
  IpczByteRange,
  IpczTransportActivityBatch,
  IpczTransportActivityHandler,
  IpczDriver,
} from "./driver.ts";
export { IPCZ_DRIVER_FUNCTIONS } from "./driver.ts";
export type { IpczCloseFunction, IpczAPI } from "./table.ts";
export { IPCZ_API_FUNCTIONS } from "./table.ts";
export type { IpczDriverBacklog } from "./backlog.ts";
