/**
 * The public structs of the C ABI, declared once: the header, the offsets used at the border and the layout tests come
 * from here.
 *
 * Fields may be appended in later versions; none is ever moved (spec: api 1.4).
 */

/** Types that have a size of their own. */
export type ScalarType =
  | "size_t"
  | "uint32_t"
  | "uintptr_t"
  | "IpczHandle"
  | "IpczDriverHandle"
  | "IpczBoxType"
  | "const uint32_t*"
  | "const IpczPortalStatus*"
  | "IpczApplicationObjectSerializer"
  | "IpczApplicationObjectDestructor";

/** One field. With `union` it is a union of these, whose sizes are the same. */
export interface StructField {
  readonly name: string;
  readonly type: ScalarType | "union";
  readonly about: string;
  readonly union?: readonly StructField[];
}

/** Every struct starts with this. */
export const SIZE_FIELD: StructField = {
  name: "size",
  type: "size_t",
  about: "sizeof this struct, set by whoever provides it",
};

/** The structs that hold data, without their size; the two tables of functions are in functions.ts. */
export const STRUCTS = {
  IpczSharedMemoryInfo: [
    { name: "region_num_bytes", type: "size_t", about: "size of the region in bytes" },
  ],
  IpczTransportActivityOptions: [
    {
      name: "envelope",
      type: "IpczDriverHandle",
      about: "lives as long as the message or its parcel; ipcz closes it; 0: none",
    },
  ],
  IpczCreateNodeOptions: [
    { name: "memory_flags", type: "uint32_t", about: "IPCZ_MEMORY_* bits" },
    {
      name: "enabled_features",
      type: "const uint32_t*",
      about: "feature ids; may be null when there are none",
    },
    { name: "num_enabled_features", type: "size_t", about: "elements of enabled_features" },
    {
      name: "disabled_features",
      type: "const uint32_t*",
      about: "feature ids to leave out, also when enabled",
    },
    { name: "num_disabled_features", type: "size_t", about: "elements of disabled_features" },
  ],
  IpczPortalStatus: [
    { name: "flags", type: "uint32_t", about: "IPCZ_PORTAL_STATUS_* bits" },
    { name: "num_local_parcels", type: "size_t", about: "parcels that can be taken now" },
    { name: "num_local_bytes", type: "size_t", about: "bytes in these parcels" },
  ],
  IpczTrapConditions: [
    { name: "flags", type: "uint32_t", about: "IPCZ_TRAP_* bits to wait for, any one of them" },
    {
      name: "min_local_parcels",
      type: "size_t",
      about: "must be exceeded, for IPCZ_TRAP_ABOVE_MIN_LOCAL_PARCELS",
    },
    {
      name: "min_local_bytes",
      type: "size_t",
      about: "must be exceeded, for IPCZ_TRAP_ABOVE_MIN_LOCAL_BYTES",
    },
  ],
  IpczTrapEvent: [
    { name: "context", type: "uintptr_t", about: "as given to Trap" },
    { name: "condition_flags", type: "uint32_t", about: "what held, or IPCZ_TRAP_REMOVED" },
    {
      name: "status",
      type: "const IpczPortalStatus*",
      about: "of the portal when the trap fired; valid during the handler only",
    },
  ],
  IpczBoxContents: [
    { name: "type", type: "IpczBoxType", about: "which member of object is in use" },
    {
      name: "object",
      type: "union",
      about: "the contents",
      union: [
        {
          name: "driver_object",
          type: "IpczDriverHandle",
          about: "for IPCZ_BOX_TYPE_DRIVER_OBJECT",
        },
        {
          name: "application_object",
          type: "uintptr_t",
          about: "for IPCZ_BOX_TYPE_APPLICATION_OBJECT",
        },
        { name: "subparcel", type: "IpczHandle", about: "for IPCZ_BOX_TYPE_SUBPARCEL" },
      ],
    },
    {
      name: "serializer",
      type: "IpczApplicationObjectSerializer",
      about: "application objects only; null: cannot leave the node",
    },
    {
      name: "destructor",
      type: "IpczApplicationObjectDestructor",
      about: "application objects only; null: nothing to clean up",
    },
  ],
} as const;
STRUCTS satisfies Readonly<Record<string, readonly StructField[]>>;

/** The name of a struct that holds data. */
export type StructName = keyof typeof STRUCTS;
/** The name of a field of such a struct. */
export type FieldName<S extends StructName> = "size" | (typeof STRUCTS)[S][number]["name"];
