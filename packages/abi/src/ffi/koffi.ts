/**
 * The seam over koffi: the only file that imports it. What koffi leaves untyped ends here.
 */
import { isMainThread } from "node:worker_threads";
import koffi from "koffi";
import type {
  Address,
  ElsewhereFunction,
  Foreign,
  ForeignLibrary,
  NativeCallback,
  NativeFunction,
  NativePrototype,
} from "./foreign.ts";
import { reportUncaught } from "./drain-tasks.ts";
import { keepBackendLoaded, keepLibraryLoaded } from "./keep-loaded.ts";
import { safePoll, type RawPoll } from "./safe-poll.ts";

type KoffiType = ReturnType<typeof koffi.proto>;

/** A prototype with what koffi made of it. */
interface KoffiPrototype extends NativePrototype {
  readonly type: KoffiType;
  readonly pointer: KoffiType;
}

// koffi's own declarations leave out the status, which comes first.
const poll = safePoll(koffi.node.poll as unknown as RawPoll, isMainThread ? "direct" : "deferred");
let mayUnload = !isMainThread;

/** The foreign functions of this thread. */
export const foreign: Foreign = {
  load,
  prototype,
  // `never` stands for the type the caller vouches for.
  call: (address, type) => koffi.decode(address, ownPrototype(type).type) as never,
  callElsewhere,
  callback,
  view: (address, numBytes) => koffi.view(address, numBytes),
  address: (bytes) => koffi.address(bytes),
  errno: () => koffi.errno(),
  poll: (descriptor, listener) => {
    if (mayUnload) {
      mayUnload = false;
      keepBackendLoaded(foreign);
    }
    return poll(descriptor, listener);
  },
};

/** By path; kept, since koffi unloads a library with the object that stands for it. */
const libraries = new Map<string | null, ReturnType<typeof koffi.load>>();

function load(path: string | null): ForeignLibrary {
  const known = libraries.get(path);
  const library = known ?? koffi.load(path);
  libraries.set(path, library);
  if (known === undefined && path !== null) keepLibraryLoaded(foreign, path);
  return {
    bind: (definition) => library.func(definition) as never,
    symbol: (name) => library.symbol(name) as Address,
  };
}

function prototype(result: string, parameters: readonly string[]): NativePrototype {
  const type = koffi.proto(result, [...parameters]);
  const made: KoffiPrototype = { result, parameters, type, pointer: koffi.pointer(type) };
  return made;
}

/** What koffi adds to each of its functions. */
interface KoffiFunction {
  async(...parameters: unknown[]): void;
}

function callElsewhere(address: Address, type: NativePrototype): ElsewhereFunction {
  const callee = koffi.decode(address, ownPrototype(type).type) as KoffiFunction;
  return (parameters, done) => {
    callee.async(...parameters, (error: unknown, result: unknown) => {
      if (error === null) done(result);
      else reportUncaught(error);
    });
  };
}

function callback(type: NativePrototype, callee: NativeFunction): NativeCallback {
  const address = koffi.register(callee, ownPrototype(type).pointer);
  let released = false;
  return {
    address,
    release: () => {
      if (released) return;
      released = true;
      koffi.unregister(address);
    },
  };
}

function ownPrototype(type: NativePrototype): KoffiPrototype {
  if (!("pointer" in type)) throw new Error("a prototype comes from the seam that uses it");
  return type as KoffiPrototype;
}
