/** A listener for tests: what it heard, as words. Messages are one-byte numbers. */
import {
  IPCZ_RESULT_OK,
  IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED,
  type IpczDriver,
  type IpczDriverHandle,
  type IpczHandle,
  type IpczResult,
} from "@ipcz/api";

/** What one listener heard. */
export interface Ear {
  /** Numbers of messages, "ERROR" and "DEACTIVATED", in order. */
  readonly heard: (number | string)[];
  /** Handles that came with messages. */
  readonly handles: IpczDriverHandle[];
}

/** Activates `transport` and listens; `answer` is asked after each message. */
export function listen(
  driver: IpczDriver,
  transport: IpczDriverHandle,
  answer: (number: number) => IpczResult = () => IPCZ_RESULT_OK,
): Ear {
  const ear: Ear = { heard: [], handles: [] };
  const result = driver.ActivateTransport(
    transport,
    1 as IpczHandle,
    (_listener, data, numBytes, driverHandles, _numDriverHandles, flags) => {
      if (flags !== 0) {
        ear.heard.push(flags === IPCZ_TRANSPORT_ACTIVITY_DEACTIVATED ? "DEACTIVATED" : "ERROR");
        return IPCZ_RESULT_OK;
      }
      const number = numBytes === 0 ? -1 : (data?.[0] ?? -1);
      ear.heard.push(number);
      ear.handles.push(...(driverHandles ?? []));
      return answer(number);
    },
    0,
    null,
  );
  if (result !== IPCZ_RESULT_OK) ear.heard.push(`refused with ${result}`);
  return ear;
}

/** Sends a one-byte message. */
export function send(
  driver: IpczDriver,
  transport: IpczDriverHandle,
  number: number,
  handles: readonly IpczDriverHandle[] = [],
): IpczResult {
  return driver.Transmit(transport, Uint8Array.of(number), 1, handles, handles.length, 0, null);
}

/** New memory of 64 bytes; 0 when it was refused. */
export function allocate(driver: IpczDriver, byteCount = 64): IpczDriverHandle {
  const memory = { value: 0 as IpczDriverHandle };
  driver.AllocateSharedMemory(byteCount, 0, null, memory);
  return memory.value;
}
