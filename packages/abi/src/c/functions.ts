/**
 * Every function type of the C ABI, declared once: the header and the prototypes used at the border come from here.
 *
 * The order of a table's functions is that of `@ipcz/api`, which a type checks here.
 */
import type { IpczAPI, IpczDriver } from "@ipcz/api";

/** One parameter. */
export interface Parameter {
  readonly type: string;
  readonly name: string;
}

/** A function type; its result is `IpczResult` unless `result` says otherwise. */
export interface Signature {
  readonly about: string;
  readonly parameters: readonly Parameter[];
  readonly result?: "void";
}

/** `"type name, type name"` as parameters. */
function parameters(text: string): readonly Parameter[] {
  return text.split(", ").map((each) => {
    const at = each.lastIndexOf(" ");
    return { type: each.slice(0, at), name: each.slice(at + 1) };
  });
}

function signature(about: string, text: string, result?: "void"): Signature {
  return { about, parameters: parameters(text), ...(result && { result }) };
}

const rest = "uint32_t flags, const void* options";

/** The functions of a library, in table order. */
export const API_SIGNATURES: Readonly<Record<keyof Omit<IpczAPI, "size">, Signature>> = {
  Close: signature("Ends the object behind a handle of any kind.", `IpczHandle handle, ${rest}`),
  CreateNode: signature(
    "Creates a node over a driver, which must stay valid as long as anything made from it.",
    "const IpczDriver* driver, uint32_t flags, const IpczCreateNodeOptions* options, IpczHandle* node",
  ),
  ConnectNode: signature(
    "Connects a node to the one behind a transport and opens portals that reach there.",
    `IpczHandle node, IpczDriverHandle transport, size_t num_initial_portals, ${rest}, IpczHandle* initial_portals`,
  ),
  OpenPortals: signature(
    "Opens a pair of portals that are each other's peer.",
    `IpczHandle node, ${rest}, IpczHandle* portal0, IpczHandle* portal1`,
  ),
  MergePortals: signature(
    "Joins two routes: the peers of two unused portals become each other's peer.",
    `IpczHandle first, IpczHandle second, ${rest}`,
  ),
  QueryPortalStatus: signature(
    "Writes a snapshot of a portal's status; set status->size before.",
    `IpczHandle portal, ${rest}, IpczPortalStatus* status`,
  ),
  Put: signature(
    "Puts a parcel; the bytes are copied, the handles belong to ipcz on success.",
    `IpczHandle portal, const void* data, size_t num_bytes, const IpczHandle* handles, size_t num_handles, ${rest}`,
  ),
  BeginPut: signature(
    "Gives memory to write a parcel into; num_bytes is in and out.",
    `IpczHandle portal, ${rest}, volatile void** data, size_t* num_bytes, IpczTransaction* transaction`,
  ),
  EndPut: signature(
    "Sends what was written since BeginPut, or with IPCZ_END_PUT_ABORT nothing.",
    `IpczHandle portal, IpczTransaction transaction, size_t num_bytes_produced, const IpczHandle* handles, size_t num_handles, ${rest}`,
  ),
  Get: signature(
    "Takes the next parcel; the counts are in (capacity) and out.",
    `IpczHandle source, ${rest}, void* data, size_t* num_bytes, IpczHandle* handles, size_t* num_handles, IpczHandle* parcel`,
  ),
  BeginGet: signature(
    "Shows the bytes of the next parcel where they are, until EndGet.",
    `IpczHandle source, ${rest}, const volatile void** data, size_t* num_bytes, IpczHandle* handles, size_t* num_handles, IpczTransaction* transaction`,
  ),
  EndGet: signature(
    "Ends what BeginGet began.",
    `IpczHandle source, IpczTransaction transaction, ${rest}, IpczHandle* parcel`,
  ),
  Trap: signature(
    "Calls the handler once, when a condition comes true; IPCZ_RESULT_FAILED_PRECONDITION: one does already.",
    "IpczHandle portal, const IpczTrapConditions* conditions, IpczTrapEventHandler handler, uintptr_t context, uint32_t flags, const void* options, uint32_t* satisfied_condition_flags, IpczPortalStatus* status",
  ),
  Reject: signature(
    "Tells the driver that a parcel's content was unacceptable.",
    `IpczHandle parcel, uintptr_t context, ${rest}`,
  ),
  Box: signature(
    "Wraps an object so that it can be attached to a parcel.",
    `IpczHandle node, const IpczBoxContents* contents, ${rest}, IpczHandle* handle`,
  ),
  Unbox: signature(
    "Takes the contents out of a box, or with IPCZ_UNBOX_PEEK only describes them.",
    `IpczHandle handle, ${rest}, IpczBoxContents* contents`,
  ),
};

/** The functions of a driver, in table order; what a driver may have besides them has no form in C. */
export const DRIVER_SIGNATURES: Readonly<
  Record<Exclude<keyof IpczDriver, "size" | "backlog">, Signature>
> = {
  Close: signature("Ends an object.", `IpczDriverHandle handle, ${rest}`),
  Serialize: signature(
    "Turns an object into bytes and handles that a transport can carry.",
    `IpczDriverHandle handle, IpczDriverHandle transport, ${rest}, volatile void* data, size_t* num_bytes, IpczDriverHandle* handles, size_t* num_handles`,
  ),
  Deserialize: signature(
    "Makes an object of what Serialize made at the other end; takes the handles, also on failure.",
    `const volatile void* data, size_t num_bytes, const IpczDriverHandle* driver_handles, size_t num_driver_handles, IpczDriverHandle transport, ${rest}, IpczDriverHandle* handle`,
  ),
  CreateTransports: signature(
    "Makes two connected transports.",
    `IpczDriverHandle transport0, IpczDriverHandle transport1, ${rest}, IpczDriverHandle* new_transport0, IpczDriverHandle* new_transport1`,
  ),
  ActivateTransport: signature(
    "Starts delivering to a handler, one call at a time for each listener.",
    `IpczDriverHandle transport, IpczHandle listener, IpczTransportActivityHandler activity_handler, ${rest}`,
  ),
  DeactivateTransport: signature(
    "Stops delivering; one last call with IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED follows.",
    `IpczDriverHandle transport, ${rest}`,
  ),
  Transmit: signature(
    "Sends a message; copies the bytes, takes the handles whatever the result.",
    `IpczDriverHandle transport, const void* data, size_t num_bytes, const IpczDriverHandle* driver_handles, size_t num_driver_handles, ${rest}`,
  ),
  ReportBadTransportActivity: signature(
    "The application rejected a parcel that came over this transport.",
    `IpczDriverHandle transport, uintptr_t context, ${rest}`,
  ),
  AllocateSharedMemory: signature(
    "Makes a region of zero bytes.",
    `size_t num_bytes, ${rest}, IpczDriverHandle* driver_memory`,
  ),
  GetSharedMemoryInfo: signature(
    "Tells a region's size.",
    `IpczDriverHandle driver_memory, ${rest}, IpczSharedMemoryInfo* info`,
  ),
  DuplicateSharedMemory: signature(
    "Makes a second handle to a region.",
    `IpczDriverHandle driver_memory, ${rest}, IpczDriverHandle* new_driver_memory`,
  ),
  MapSharedMemory: signature(
    "Maps a whole region, readable and writable.",
    `IpczDriverHandle driver_memory, ${rest}, volatile void** address, IpczDriverHandle* driver_mapping`,
  ),
  GenerateRandomBytes: signature(
    "Fills a buffer with random bytes fit for secrets.",
    `size_t num_bytes, ${rest}, void* buffer`,
  ),
};

/** The name of a handler's type. */
export type HandlerName =
  | "IpczTransportActivityHandler"
  | "IpczTrapEventHandler"
  | "IpczApplicationObjectSerializer"
  | "IpczApplicationObjectDestructor";

/** What native code calls back, by the name of its type. */
export const HANDLER_SIGNATURES: Readonly<Record<HandlerName, Signature>> = {
  IpczTransportActivityHandler: signature(
    "Called by a driver for whatever happens on an active transport.",
    "IpczHandle listener, const void* data, size_t num_bytes, const IpczDriverHandle* driver_handles, size_t num_driver_handles, uint32_t flags, const IpczTransportActivityOptions* options",
  ),
  IpczTrapEventHandler: signature(
    "Called once for each trap, on any thread.",
    "const IpczTrapEvent* event",
    "void",
  ),
  IpczApplicationObjectSerializer: signature(
    "Turns an application object into bytes and handles; called to probe, to size and to fill.",
    "uintptr_t object, uint32_t flags, const void* options, volatile void* data, size_t* num_bytes, IpczHandle* handles, size_t* num_handles",
  ),
  IpczApplicationObjectDestructor: signature(
    "Ends an application object.",
    "uintptr_t object, uint32_t flags, const void* options",
    "void",
  ),
};
