/**
 * A worker thread with one transport to whoever started it. Plain JavaScript on the built package, so that it starts
 * fast and on every version of Node. The first byte of a message says what to do.
 */
import process from "node:process";
import { workerData } from "node:worker_threads";
import { workerDriver } from "@ipcz/driver-mem/worker";

const driver = workerDriver();
const parent = driver.takeSeat(workerData.seat);

function send(transport, bytes, handles = []) {
  driver.Transmit(
    transport,
    Uint8Array.from(bytes),
    bytes.length,
    handles,
    handles.length,
    0,
    null,
  );
}

function listen(transport, onMessage) {
  const handler = (_listener, data, _numBytes, handles, _numHandles, flags) => {
    if (flags === 0) onMessage([...data], [...(handles ?? [])]);
    return 0;
  };
  driver.ActivateTransport(transport, 1, handler, 0, null);
}

function unpack(handles) {
  const object = { value: 0 };
  driver.Deserialize(null, 0, handles, handles.length, parent, 0, null, object);
  return object.value;
}

const deeds = {
  echo: (bytes, handles) => send(parent, bytes, handles),
  /** Adds one to the first word of the memory that came. */
  add(bytes, handles) {
    const address = { value: null };
    const mapping = { value: 0 };
    const memory = unpack(handles);
    driver.MapSharedMemory(memory, 0, null, address, mapping);
    Atomics.add(new Int32Array(address.value.buffer), 0, 1);
    driver.Close(mapping.value, 0, null);
    driver.Close(memory, 0, null);
    send(parent, bytes);
  },
  /** Tells the parent of everything that comes over the transport that came. */
  hear: (_bytes, handles) => listen(unpack(handles), (bytes) => send(parent, bytes)),
  /** Sends 100 numbers over the transport that came, and closes it. */
  speak(_bytes, handles) {
    const transport = unpack(handles);
    for (let number = 0; number < 100; number++) send(transport, [number]);
    driver.Close(transport, 0, null);
  },
  /** Says a hundred things and dies without a goodbye. */
  die() {
    for (let number = 0; number < 100; number++) send(parent, [number]);
    queueMicrotask(() => process.exit(7));
  },
  /** Lets go of its parent, so that nothing keeps it. */
  unref: () => driver.unref(parent),
  close: () => driver.Close(parent, 0, null),
};

listen(parent, (bytes, handles) => deeds[Object.keys(deeds)[bytes[0]]](bytes, handles));
