/** Limits that the system puts on this process, lowered for a while: then it refuses what it grants otherwise. Linux. */
import { foreign } from "@ipcz/abi/ffi";
import { must } from "./calls.ts";

/** The numbers of the limits. */
const RESOURCES = {
  /** Bytes of a file; memory files count. */
  fileBytes: 1,
  descriptors: 7,
  addressSpaceBytes: 9,
} as const;
/** What can run out. */
export type Resource = keyof typeof RESOURCES;

export const RESOURCE_NAMES: readonly Resource[] = Object.keys(RESOURCES) as Resource[];

export function isResource(name: string): name is Resource {
  return Object.hasOwn(RESOURCES, name);
}

type Limit = (resource: number, limit: BigUint64Array) => number;
/** Nothing more of this is granted until the answer is called. */
export function refuse(resource: Resource): () => void {
  const library = foreign.load(null);
  const getrlimit = library.bind<Limit>("int getrlimit(int resource, void *limit)");
  const setrlimit = library.bind<Limit>("int setrlimit(int resource, void *limit)");
  const number = RESOURCES[resource];
  const before = new BigUint64Array(2);
  must(getrlimit(number, before) === 0, "a limit can be read");
  const none = BigUint64Array.of(0n, before[1] ?? 0n);
  must(setrlimit(number, none) === 0, "a limit can be lowered");
  return () => {
    must(setrlimit(number, before) === 0, "a limit can be restored");
  };
}
