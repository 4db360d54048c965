/**
 * Every flag bit, feature and limit of the contract, grouped by the call that reads it.
 *
 * Unknown bits are ignored everywhere (spec: api 1.4, rule 8). Source of the values: spec: api 1.7.
 */

/** No flag set. */
export const IPCZ_NO_FLAGS = 0;

/** `CreateNode`: the node is a broker; it names other nodes, introduces them and relays for them. */
export const IPCZ_CREATE_NODE_AS_BROKER = 0x1;

/** {@link IpczCreateNodeOptions.memoryFlags}: never grow the shared memory for parcel data. */
export const IPCZ_MEMORY_FIXED_PARCEL_CAPACITY = 0x1;

/** Feature id: each side of a link draws buffer and sublink ids from its own half of the id space. */
export const IPCZ_FEATURE_MEM_V2 = 0xa110c002;

/** `ConnectNode`: the node behind the transport is a broker. */
export const IPCZ_CONNECT_NODE_TO_BROKER = 0x1;
/** `ConnectNode`: take over the broker of the non-broker behind the transport. */
export const IPCZ_CONNECT_NODE_INHERIT_BROKER = 0x2;
/** `ConnectNode`: give the non-broker behind the transport our broker. */
export const IPCZ_CONNECT_NODE_SHARE_BROKER = 0x4;
/** `ConnectNode`: the broker connected to allocates shared memory for us. */
export const IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE = 0x8;

/** `BeginPut`: a smaller capacity than asked for is acceptable. */
export const IPCZ_BEGIN_PUT_ALLOW_PARTIAL = 0x1;
/** `EndPut`: drop the transaction; nothing is sent. */
export const IPCZ_END_PUT_ABORT = 0x1;

/** `Get`: accept as many bytes and handles as fit; the rest stays in the parcel object, if one is asked for. */
export const IPCZ_GET_PARTIAL = 0x1;
/** `BeginGet`: accept as many handles as fit. */
export const IPCZ_BEGIN_GET_PARTIAL = 0x1;
/** `BeginGet`: dequeue the parcel now, so that several gets may be pending at once. */
export const IPCZ_BEGIN_GET_OVERLAPPED = 0x2;
/** `EndGet`: leave the parcel of an exclusive get at the head of the queue. */
export const IPCZ_END_GET_ABORT = 0x1;

/** What a box holds: an {@link IpczBoxType} constant. */
export type IpczBoxType = number;
/** The box holds a driver object. */
export const IPCZ_BOX_TYPE_DRIVER_OBJECT = 0;
/** The box holds an object of the application, with its serializer and destructor. */
export const IPCZ_BOX_TYPE_APPLICATION_OBJECT = 1;
/** The box holds a parcel, made on the sending node from an application object. Output of `Unbox` only. */
export const IPCZ_BOX_TYPE_SUBPARCEL = 2;

/** `Unbox`: describe the contents and leave them in the box. */
export const IPCZ_UNBOX_PEEK = 0x1;

/** Portal status: the peer is gone, and every parcel it sent has arrived here. */
export const IPCZ_PORTAL_STATUS_PEER_CLOSED = 0x1;
/** Portal status: as above, and every parcel has been taken out. */
export const IPCZ_PORTAL_STATUS_DEAD = 0x2;

/** Trap event: the trap is gone with its portal. Always reported, never asked for. */
export const IPCZ_TRAP_REMOVED = 0x1;
/** Trap condition: the portal's status has `IPCZ_PORTAL_STATUS_PEER_CLOSED`. */
export const IPCZ_TRAP_PEER_CLOSED = 0x2;
/** Trap condition: the portal's status has `IPCZ_PORTAL_STATUS_DEAD`. */
export const IPCZ_TRAP_DEAD = 0x4;
/** Trap condition: more than `minLocalParcels` parcels can be read. */
export const IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS = 0x8;
/** Trap condition: more than `minLocalBytes` bytes can be read. */
export const IPCZ_TRAP_ABOVE_MIN_LOCAL_BYTES = 0x10;
/** Trap condition: a parcel has become readable since the trap was set. */
export const IPCZ_TRAP_NEW_LOCAL_PARCEL = 0x80;
/** Trap event: the change happened while an API function was on the stack. Never asked for. */
export const IPCZ_TRAP_WITHIN_API_CALL = 0x200;

/** Activity handler: the transport broke, or the peer is gone; one `DEACTIVATED` still follows. */
export const IPCZ_TRANSPORT_ACTIVITY_ERROR = 0x1;
/** Activity handler: the last call ever for this listener. */
export const IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED = 0x2;

/** Most initial portals of one `ConnectNode`. */
export const IPCZ_MAX_INITIAL_PORTALS = 12;

/** `sizeof(IpczAPI)` on a 64-bit machine, bytes. */
export const IPCZ_API_SIZE = 136;
/** `sizeof(IpczDriver)`, bytes. */
export const IPCZ_DRIVER_SIZE = 112;
/** `sizeof(IpczCreateNodeOptions)`, bytes. */
export const IPCZ_CREATE_NODE_OPTIONS_SIZE = 48;
/** `sizeof(IpczPortalStatus)`, bytes. */
export const IPCZ_PORTAL_STATUS_SIZE = 32;
/** `sizeof(IpczTrapConditions)`, bytes. */
export const IPCZ_TRAP_CONDITIONS_SIZE = 32;
/** `sizeof(IpczTrapEvent)`, bytes. */
export const IPCZ_TRAP_EVENT_SIZE = 32;
/** `sizeof(IpczBoxContents)`, bytes. */
export const IPCZ_BOX_CONTENTS_SIZE = 40;
/** `sizeof(IpczSharedMemoryInfo)`, bytes. */
export const IPCZ_SHARED_MEMORY_INFO_SIZE = 16;
/** `sizeof(IpczTransportActivityOptions)`, bytes. */
export const IPCZ_TRANSPORT_ACTIVITY_OPTIONS_SIZE = 16;
