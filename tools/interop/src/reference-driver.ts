/**
 * The multiprocess reference driver of a native library, found by the names its C++ symbols have.
 */
import { importDriver } from "@ipcz/abi";
import { foreign, type Address, type ForeignLibrary } from "@ipcz/abi/ffi";
import type { IpczDriver, IpczDriverHandle } from "@ipcz/api";

const SPACE = "_ZN4ipcz17reference_drivers";
const DRIVER = `${SPACE}28kMultiprocessReferenceDriverE`;
const SOCKET_TRANSPORT = `${SPACE}15SocketTransportC1ENS0_14FileDescriptorE`;
const CREATE_TRANSPORT = `${SPACE}27CreateMultiprocessTransportENS_3RefINS0_15SocketTransportEEE`;

/** The driver, and a way to give it a socket. */
export interface ReferenceDriver {
  readonly driver: IpczDriver;
  /** Makes a transport of a connected Unix stream socket; takes the descriptor. */
  transportFromDescriptor(descriptor: number): IpczDriverHandle;
}

/** More than a `SocketTransport` has. It is freed by the library, so it must come from `malloc`. */
const OBJECT_BYTES = 4096;

/** The driver of the library at `path`; null when it exports none. */
export function referenceDriver(path: string): ReferenceDriver | null {
  const library = foreign.load(path);
  const address = symbolOf(library, DRIVER);
  const constructor = symbolOf(library, SOCKET_TRANSPORT);
  const creator = symbolOf(library, CREATE_TRANSPORT);
  if (address === null || constructor === null || creator === null) return null;
  const malloc = foreign.load(null).bind<(size: number) => Address>("void *malloc(size_t size)");
  // Objects that are not trivial are passed by reference: a descriptor is one int, a reference one pointer.
  const construct = foreign.call<(object: Address, descriptor: Int32Array) => void>(
    constructor,
    foreign.prototype("void", ["void *", "void *"]),
  );
  const create = foreign.call<(reference: BigUint64Array) => number>(
    creator,
    foreign.prototype("uint64_t", ["void *"]),
  );
  return {
    driver: importDriver(address),
    transportFromDescriptor(descriptor) {
      const object = malloc(OBJECT_BYTES);
      construct(object, new Int32Array([descriptor]));
      return create(new BigUint64Array([object])) as IpczDriverHandle;
    },
  };
}

function symbolOf(library: ForeignLibrary, name: string): Address | null {
  try {
    return library.symbol(name);
  } catch {
    return null;
  }
}
