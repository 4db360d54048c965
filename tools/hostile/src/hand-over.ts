/**
 * Transports for a process that was started: they travel as objects in messages over the one it was started with, since
 * only that gets to a process in the same way on every system. Nothing else is ever said over it.
 */
import {
  IPCZ_RESULT_OK,
  IPCZ_RESULT_RESOURCE_EXHAUSTED,
  IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED,
  IPCZ_TRANSPORT_ACTIVITY_ERROR,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczHandle,
  type IpczTransportActivityHandler,
} from "@ipcz/api";
import { must } from "./calls.ts";

/** A driver hands it back and never looks at it. */
const LISTENER = 1 as IpczHandle;

/** Sends `transports` over `control`, a message each, and takes all of them. */
export function giveTransports(
  driver: IpczDriver,
  control: IpczDriverHandle,
  transports: readonly IpczDriverHandle[],
): void {
  listen(driver, control, () => false);
  for (const transport of transports) {
    const { bytes, handles } = serialize(driver, transport, control);
    const { length } = handles;
    const result = driver.Transmit(control, bytes, bytes.length, handles, length, 0, null);
    must(result === IPCZ_RESULT_OK, "a process is sent its transports");
  }
}

/** Takes `control`, and resolves with the `count` transports that come over it. */
export function takeTransports(
  driver: IpczDriver,
  control: IpczDriverHandle,
  count: number,
): Promise<IpczDriverHandle[]> {
  const taken: IpczDriverHandle[] = [];
  return new Promise((resolve) => {
    listen(driver, control, (bytes, handles) => {
      const out = { value: 0 as IpczDriverHandle };
      const [numBytes, numHandles] = [bytes.length, handles.length];
      const result = driver.Deserialize(
        bytes,
        numBytes,
        handles,
        numHandles,
        control,
        0,
        null,
        out,
      );
      must(result === IPCZ_RESULT_OK, "a process gets its transports");
      taken.push(out.value);
      if (taken.length < count) return false;
      resolve(taken);
      return true;
    });
  });
}

/** Closes `control` when `hear` answers true, or when the other end has. */
function listen(
  driver: IpczDriver,
  control: IpczDriverHandle,
  hear: (bytes: Uint8Array, handles: readonly IpczDriverHandle[]) => boolean,
): void {
  let ending = false;
  const end = (): void => {
    if (!ending) driver.DeactivateTransport(control, 0, null);
    ending = true;
  };
  const handler: IpczTransportActivityHandler = (
    _listener,
    data,
    numBytes,
    handles,
    count,
    flags,
  ) => {
    if ((flags & IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED) !== 0) driver.Close(control, 0, null);
    else if ((flags & IPCZ_TRANSPORT_ACTIVITY_ERROR) !== 0) end();
    else if (
      hear((data ?? new Uint8Array(0)).slice(0, numBytes), (handles ?? []).slice(0, count))
    ) {
      end();
    }
    return IPCZ_RESULT_OK;
  };
  const result = driver.ActivateTransport(control, LISTENER, handler, 0, null);
  must(result === IPCZ_RESULT_OK, "a process's first transport is activated");
}

function serialize(
  driver: IpczDriver,
  object: IpczDriverHandle,
  over: IpczDriverHandle,
): { bytes: Uint8Array; handles: IpczDriverHandle[] } {
  const [numBytes, numHandles] = [{ value: 0 }, { value: 0 }];
  const asked = driver.Serialize(object, over, 0, null, null, numBytes, null, numHandles);
  must(asked === IPCZ_RESULT_RESOURCE_EXHAUSTED, "a driver says what a transport takes");
  const bytes = new Uint8Array(numBytes.value);
  const handles = Array.from({ length: numHandles.value }, () => 0 as IpczDriverHandle);
  const done = driver.Serialize(object, over, 0, null, bytes, numBytes, handles, numHandles);
  must(done === IPCZ_RESULT_OK, "a transport that is not in use can be sent");
  return { bytes, handles };
}
