/*
 * ipcz: the C ABI. Written by a program from the declarations of @ipcz/abi; do not edit.
 *
 * A program gets the table of functions as an IpczAPI* or through an IpczGetAPIFunction. Every
 * struct starts with its size, set by whoever provides it; flags that are not described are 0,
 * options null. 64-bit machines only.
 */
#ifndef IPCZ_H_
#define IPCZ_H_

#include <stddef.h>
#include <stdint.h>

/* Calling convention of every function below. */
#if defined(IPCZ_API_OVERRIDE)
#define IPCZ_API IPCZ_API_OVERRIDE
#elif defined(_WIN32)
#define IPCZ_API __cdecl
#else
#define IPCZ_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* A node, portal, box, parcel object or listener. 0 names nothing. */
typedef uintptr_t IpczHandle;
/* A driver's own name for an object of its. 0 names nothing. */
typedef uintptr_t IpczDriverHandle;
/* A pending two-phase put or get. */
typedef uintptr_t IpczTransaction;
/* An IPCZ_RESULT_* code. */
typedef int IpczResult;
/* An IPCZ_BOX_TYPE_* constant. */
typedef uint32_t IpczBoxType;
/* Flags and feature ids: which of the constants below they take. */
typedef uint32_t IpczFeature;
typedef uint32_t IpczCreateNodeFlags;
typedef uint32_t IpczMemoryFlags;
typedef uint32_t IpczConnectNodeFlags;
typedef uint32_t IpczBeginPutFlags;
typedef uint32_t IpczEndPutFlags;
typedef uint32_t IpczGetFlags;
typedef uint32_t IpczBeginGetFlags;
typedef uint32_t IpczEndGetFlags;
typedef uint32_t IpczUnboxFlags;
typedef uint32_t IpczPortalStatusFlags;
typedef uint32_t IpczTrapConditionFlags;
typedef uint32_t IpczTransportActivityFlags;

/* Result codes. */
#define IPCZ_RESULT_OK 0
#define IPCZ_RESULT_CANCELLED 1
#define IPCZ_RESULT_UNKNOWN 2
#define IPCZ_RESULT_INVALID_ARGUMENT 3
#define IPCZ_RESULT_DEADLINE_EXCEEDED 4
#define IPCZ_RESULT_NOT_FOUND 5
#define IPCZ_RESULT_ALREADY_EXISTS 6
#define IPCZ_RESULT_PERMISSION_DENIED 7
#define IPCZ_RESULT_RESOURCE_EXHAUSTED 8
#define IPCZ_RESULT_FAILED_PRECONDITION 9
#define IPCZ_RESULT_ABORTED 10
#define IPCZ_RESULT_OUT_OF_RANGE 11
#define IPCZ_RESULT_UNIMPLEMENTED 12
#define IPCZ_RESULT_INTERNAL 13
#define IPCZ_RESULT_UNAVAILABLE 14
#define IPCZ_RESULT_DATA_LOSS 15

/* Handles that name nothing. */
#define IPCZ_INVALID_DRIVER_HANDLE ((uintptr_t)0)
#define IPCZ_INVALID_HANDLE ((uintptr_t)0)

/* CreateNode. */
#define IPCZ_CREATE_NODE_AS_BROKER ((uint32_t)1u)

/* IpczCreateNodeOptions.memory_flags. */
#define IPCZ_MEMORY_FIXED_PARCEL_CAPACITY ((uint32_t)1u)

/* Feature ids. */
#define IPCZ_FEATURE_MEM_V2 ((uint32_t)0xa110c002u)

/* ConnectNode. */
#define IPCZ_CONNECT_NODE_TO_BROKER ((uint32_t)1u)
#define IPCZ_CONNECT_NODE_INHERIT_BROKER ((uint32_t)2u)
#define IPCZ_CONNECT_NODE_SHARE_BROKER ((uint32_t)4u)
#define IPCZ_CONNECT_NODE_TO_ALLOCATION_DELEGATE ((uint32_t)8u)

/* BeginPut. */
#define IPCZ_BEGIN_PUT_ALLOW_PARTIAL ((uint32_t)1u)

/* EndPut. */
#define IPCZ_END_PUT_ABORT ((uint32_t)1u)

/* Get. */
#define IPCZ_GET_PARTIAL ((uint32_t)1u)

/* BeginGet. */
#define IPCZ_BEGIN_GET_PARTIAL ((uint32_t)1u)
#define IPCZ_BEGIN_GET_OVERLAPPED ((uint32_t)2u)

/* EndGet. */
#define IPCZ_END_GET_ABORT ((uint32_t)1u)

/* What a box holds. */
#define IPCZ_BOX_TYPE_DRIVER_OBJECT ((uint32_t)0u)
#define IPCZ_BOX_TYPE_APPLICATION_OBJECT ((uint32_t)1u)
#define IPCZ_BOX_TYPE_SUBPARCEL ((uint32_t)2u)

/* Unbox. */
#define IPCZ_UNBOX_PEEK ((uint32_t)1u)

/* IpczPortalStatus.flags. */
#define IPCZ_PORTAL_STATUS_PEER_CLOSED ((uint32_t)1u)
#define IPCZ_PORTAL_STATUS_DEAD ((uint32_t)2u)

/* Trap conditions and events. */
#define IPCZ_TRAP_REMOVED ((uint32_t)1u)
#define IPCZ_TRAP_PEER_CLOSED ((uint32_t)2u)
#define IPCZ_TRAP_DEAD ((uint32_t)4u)
#define IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS ((uint32_t)8u)
#define IPCZ_TRAP_ABOVE_MIN_LOCAL_BYTES ((uint32_t)16u)
#define IPCZ_TRAP_NEW_LOCAL_PARCEL ((uint32_t)128u)
#define IPCZ_TRAP_WITHIN_API_CALL ((uint32_t)512u)

/* Activity handler. */
#define IPCZ_TRANSPORT_ACTIVITY_ERROR ((uint32_t)1u)
#define IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED ((uint32_t)2u)

/* Anything else. */
#define IPCZ_NO_FLAGS ((uint32_t)0u)
#define IPCZ_MAX_INITIAL_PORTALS ((uint32_t)12u)

typedef struct IpczAPI IpczAPI;
typedef struct IpczDriver IpczDriver;
typedef struct IpczSharedMemoryInfo IpczSharedMemoryInfo;
typedef struct IpczTransportActivityOptions IpczTransportActivityOptions;
typedef struct IpczCreateNodeOptions IpczCreateNodeOptions;
typedef struct IpczPortalStatus IpczPortalStatus;
typedef struct IpczTrapConditions IpczTrapConditions;
typedef struct IpczTrapEvent IpczTrapEvent;
typedef struct IpczBoxContents IpczBoxContents;

/* Called by a driver for whatever happens on an active transport. */
typedef IpczResult(IPCZ_API* IpczTransportActivityHandler)(
    IpczHandle listener,
    const void* data,
    size_t num_bytes,
    const IpczDriverHandle* driver_handles,
    size_t num_driver_handles,
    uint32_t flags,
    const IpczTransportActivityOptions* options);

/* Called once for each trap, on any thread. */
typedef void(IPCZ_API* IpczTrapEventHandler)(const IpczTrapEvent* event);

/* Turns an application object into bytes and handles; called to probe, to size and to fill. */
typedef IpczResult(IPCZ_API* IpczApplicationObjectSerializer)(
    uintptr_t object,
    uint32_t flags,
    const void* options,
    volatile void* data,
    size_t* num_bytes,
    IpczHandle* handles,
    size_t* num_handles);

/* Ends an application object. */
typedef void(IPCZ_API* IpczApplicationObjectDestructor)(
    uintptr_t object,
    uint32_t flags,
    const void* options);

struct IpczSharedMemoryInfo {
  /* sizeof this struct, set by whoever provides it */
  size_t size;
  /* size of the region in bytes */
  size_t region_num_bytes;
};

struct IpczTransportActivityOptions {
  /* sizeof this struct, set by whoever provides it */
  size_t size;
  /* lives as long as the message or its parcel; ipcz closes it; 0: none */
  IpczDriverHandle envelope;
};

struct IpczCreateNodeOptions {
  /* sizeof this struct, set by whoever provides it */
  size_t size;
  /* IPCZ_MEMORY_* bits */
  uint32_t memory_flags;
  /* feature ids; may be null when there are none */
  const uint32_t* enabled_features;
  /* elements of enabled_features */
  size_t num_enabled_features;
  /* feature ids to leave out, also when enabled */
  const uint32_t* disabled_features;
  /* elements of disabled_features */
  size_t num_disabled_features;
};

struct IpczPortalStatus {
  /* sizeof this struct, set by whoever provides it */
  size_t size;
  /* IPCZ_PORTAL_STATUS_* bits */
  uint32_t flags;
  /* parcels that can be taken now */
  size_t num_local_parcels;
  /* bytes in these parcels */
  size_t num_local_bytes;
};

struct IpczTrapConditions {
  /* sizeof this struct, set by whoever provides it */
  size_t size;
  /* IPCZ_TRAP_* bits to wait for, any one of them */
  uint32_t flags;
  /* must be exceeded, for IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS */
  size_t min_local_parcels;
  /* must be exceeded, for IPCZ_TRAP_ABOVE_MIN_LOCAL_BYTES */
  size_t min_local_bytes;
};

struct IpczTrapEvent {
  /* sizeof this struct, set by whoever provides it */
  size_t size;
  /* as given to Trap */
  uintptr_t context;
  /* what held, or IPCZ_TRAP_REMOVED */
  uint32_t condition_flags;
  /* of the portal when the trap fired; valid during the handler only */
  const IpczPortalStatus* status;
};

struct IpczBoxContents {
  /* sizeof this struct, set by whoever provides it */
  size_t size;
  /* which member of object is in use */
  IpczBoxType type;
  /* the contents */
  union {
    /* for IPCZ_BOX_TYPE_DRIVER_OBJECT */
    IpczDriverHandle driver_object;
    /* for IPCZ_BOX_TYPE_APPLICATION_OBJECT */
    uintptr_t application_object;
    /* for IPCZ_BOX_TYPE_SUBPARCEL */
    IpczHandle subparcel;
  } object;
  /* application objects only; null: cannot leave the node */
  IpczApplicationObjectSerializer serializer;
  /* application objects only; null: nothing to clean up */
  IpczApplicationObjectDestructor destructor;
};

/* What a platform supplies: 13 functions. */
struct IpczDriver {
  size_t size;
  /* Ends an object. */
  IpczResult(IPCZ_API* Close)(IpczDriverHandle handle, uint32_t flags, const void* options);
  /* Turns an object into bytes and handles that a transport can carry. */
  IpczResult(IPCZ_API* Serialize)(
      IpczDriverHandle handle,
      IpczDriverHandle transport,
      uint32_t flags,
      const void* options,
      volatile void* data,
      size_t* num_bytes,
      IpczDriverHandle* handles,
      size_t* num_handles);
  /* Makes an object of what Serialize made at the other end; takes the handles, also on failure. */
  IpczResult(IPCZ_API* Deserialize)(
      const volatile void* data,
      size_t num_bytes,
      const IpczDriverHandle* driver_handles,
      size_t num_driver_handles,
      IpczDriverHandle transport,
      uint32_t flags,
      const void* options,
      IpczDriverHandle* handle);
  /* Makes two connected transports. */
  IpczResult(IPCZ_API* CreateTransports)(
      IpczDriverHandle transport0,
      IpczDriverHandle transport1,
      uint32_t flags,
      const void* options,
      IpczDriverHandle* new_transport0,
      IpczDriverHandle* new_transport1);
  /* Starts delivering to a handler, one call at a time for each listener. */
  IpczResult(IPCZ_API* ActivateTransport)(
      IpczDriverHandle transport,
      IpczHandle listener,
      IpczTransportActivityHandler activity_handler,
      uint32_t flags,
      const void* options);
  /* Stops delivering; one last call with IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED follows. */
  IpczResult(IPCZ_API* DeactivateTransport)(
      IpczDriverHandle transport,
      uint32_t flags,
      const void* options);
  /* Sends a message; copies the bytes, takes the handles whatever the result. */
  IpczResult(IPCZ_API* Transmit)(
      IpczDriverHandle transport,
      const void* data,
      size_t num_bytes,
      const IpczDriverHandle* driver_handles,
      size_t num_driver_handles,
      uint32_t flags,
      const void* options);
  /* The application rejected a parcel that came over this transport. */
  IpczResult(IPCZ_API* ReportBadTransportActivity)(
      IpczDriverHandle transport,
      uintptr_t context,
      uint32_t flags,
      const void* options);
  /* Makes a region of zero bytes. */
  IpczResult(IPCZ_API* AllocateSharedMemory)(
      size_t num_bytes,
      uint32_t flags,
      const void* options,
      IpczDriverHandle* driver_memory);
  /* Tells a region's size. */
  IpczResult(IPCZ_API* GetSharedMemoryInfo)(
      IpczDriverHandle driver_memory,
      uint32_t flags,
      const void* options,
      IpczSharedMemoryInfo* info);
  /* Makes a second handle to a region. */
  IpczResult(IPCZ_API* DuplicateSharedMemory)(
      IpczDriverHandle driver_memory,
      uint32_t flags,
      const void* options,
      IpczDriverHandle* new_driver_memory);
  /* Maps a whole region, readable and writable. */
  IpczResult(IPCZ_API* MapSharedMemory)(
      IpczDriverHandle driver_memory,
      uint32_t flags,
      const void* options,
      volatile void** address,
      IpczDriverHandle* driver_mapping);
  /* Fills a buffer with random bytes fit for secrets. */
  IpczResult(IPCZ_API* GenerateRandomBytes)(
      size_t num_bytes,
      uint32_t flags,
      const void* options,
      void* buffer);
};

/* What a library offers: 16 functions. */
struct IpczAPI {
  size_t size;
  /* Ends the object behind a handle of any kind. */
  IpczResult(IPCZ_API* Close)(IpczHandle handle, uint32_t flags, const void* options);
  /* Creates a node over a driver, which must stay valid as long as anything made from it. */
  IpczResult(IPCZ_API* CreateNode)(
      const IpczDriver* driver,
      uint32_t flags,
      const IpczCreateNodeOptions* options,
      IpczHandle* node);
  /* Connects a node to the one behind a transport and opens portals that reach there. */
  IpczResult(IPCZ_API* ConnectNode)(
      IpczHandle node,
      IpczDriverHandle transport,
      size_t num_initial_portals,
      uint32_t flags,
      const void* options,
      IpczHandle* initial_portals);
  /* Opens a pair of portals that are each other's peer. */
  IpczResult(IPCZ_API* OpenPortals)(
      IpczHandle node,
      uint32_t flags,
      const void* options,
      IpczHandle* portal0,
      IpczHandle* portal1);
  /* Joins two routes: the peers of two unused portals become each other's peer. */
  IpczResult(IPCZ_API* MergePortals)(
      IpczHandle first,
      IpczHandle second,
      uint32_t flags,
      const void* options);
  /* Writes a snapshot of a portal's status; set status->size before. */
  IpczResult(IPCZ_API* QueryPortalStatus)(
      IpczHandle portal,
      uint32_t flags,
      const void* options,
      IpczPortalStatus* status);
  /* Puts a parcel; the bytes are copied, the handles belong to ipcz on success. */
  IpczResult(IPCZ_API* Put)(
      IpczHandle portal,
      const void* data,
      size_t num_bytes,
      const IpczHandle* handles,
      size_t num_handles,
      uint32_t flags,
      const void* options);
  /* Gives memory to write a parcel into; num_bytes is in and out. */
  IpczResult(IPCZ_API* BeginPut)(
      IpczHandle portal,
      uint32_t flags,
      const void* options,
      volatile void** data,
      size_t* num_bytes,
      IpczTransaction* transaction);
  /* Sends what was written since BeginPut, or with IPCZ_END_PUT_ABORT nothing. */
  IpczResult(IPCZ_API* EndPut)(
      IpczHandle portal,
      IpczTransaction transaction,
      size_t num_bytes_produced,
      const IpczHandle* handles,
      size_t num_handles,
      uint32_t flags,
      const void* options);
  /* Takes the next parcel; the counts are in (capacity) and out. */
  IpczResult(IPCZ_API* Get)(
      IpczHandle source,
      uint32_t flags,
      const void* options,
      void* data,
      size_t* num_bytes,
      IpczHandle* handles,
      size_t* num_handles,
      IpczHandle* parcel);
  /* Shows the bytes of the next parcel where they are, until EndGet. */
  IpczResult(IPCZ_API* BeginGet)(
      IpczHandle source,
      uint32_t flags,
      const void* options,
      const volatile void** data,
      size_t* num_bytes,
      IpczHandle* handles,
      size_t* num_handles,
      IpczTransaction* transaction);
  /* Ends what BeginGet began. */
  IpczResult(IPCZ_API* EndGet)(
      IpczHandle source,
      IpczTransaction transaction,
      uint32_t flags,
      const void* options,
      IpczHandle* parcel);
  /* Calls the handler once, when a condition comes true; IPCZ_RESULT_FAILED_PRECONDITION: one does already. */
  IpczResult(IPCZ_API* Trap)(
      IpczHandle portal,
      const IpczTrapConditions* conditions,
      IpczTrapEventHandler handler,
      uintptr_t context,
      uint32_t flags,
      const void* options,
      uint32_t* satisfied_condition_flags,
      IpczPortalStatus* status);
  /* Tells the driver that a parcel's content was unacceptable. */
  IpczResult(IPCZ_API* Reject)(
      IpczHandle parcel,
      uintptr_t context,
      uint32_t flags,
      const void* options);
  /* Wraps an object so that it can be attached to a parcel. */
  IpczResult(IPCZ_API* Box)(
      IpczHandle node,
      const IpczBoxContents* contents,
      uint32_t flags,
      const void* options,
      IpczHandle* handle);
  /* Takes the contents out of a box, or with IPCZ_UNBOX_PEEK only describes them. */
  IpczResult(IPCZ_API* Unbox)(
      IpczHandle handle,
      uint32_t flags,
      const void* options,
      IpczBoxContents* contents);
};

/* Fills a table of which the caller has set the size. */
typedef IpczResult(IPCZ_API* IpczGetAPIFunction)(IpczAPI* api);

#ifdef __cplusplus
}
#endif

#endif /* IPCZ_H_ */
