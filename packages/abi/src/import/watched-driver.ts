/**
 * A driver of JavaScript that a native library uses: exported once, and watched during `ConnectNode`.
 *
 * When `ConnectNode` fails late, the contract says that the transport is ipcz's. Libraries until 2024 leave it with the
 * caller, even active; later ones close it. Which one this is shows in what it did to the transport.
 */
import { IPCZ_RESULT_OK, type IpczDriver, type IpczDriverHandle } from "@ipcz/api";
import type { Address } from "../ffi/foreign.ts";
import { exportDriver } from "../export/export-driver.ts";

/** A driver with its eye on one transport. */
export interface WatchedDriver {
  readonly pointer: Address;
  /** Begins to watch `transport`. */
  watch(transport: IpczDriverHandle): void;
  /** Ends to watch, and closes the transport unless native code has done so. */
  endUnlessClosed(transport: IpczDriverHandle): void;
}

const watchedDrivers = new WeakMap<IpczDriver, WatchedDriver>();

/** Throws unless `driver` is complete; the same driver is exported once, and for good. */
export function watchedDriver(driver: IpczDriver): WatchedDriver {
  const known = watchedDrivers.get(driver) ?? watchDriver(driver);
  watchedDrivers.set(driver, known);
  return known;
}

function watchDriver(driver: IpczDriver): WatchedDriver {
  let watched: IpczDriverHandle | null = null;
  let isActive = false;
  let isClosed = false;
  const { pointer } = exportDriver({
    ...bound(driver),
    Close(handle, flags, options) {
      if (handle === watched) isClosed = true;
      return driver.Close(handle, flags, options);
    },
    ActivateTransport(transport, ...rest) {
      const result = driver.ActivateTransport(transport, ...rest);
      if (transport === watched) isActive = result === IPCZ_RESULT_OK;
      return result;
    },
    DeactivateTransport(transport, flags, options) {
      if (transport === watched) isActive = false;
      return driver.DeactivateTransport(transport, flags, options);
    },
  });
  return {
    pointer,
    watch(transport) {
      watched = transport;
      isActive = false;
      isClosed = false;
    },
    endUnlessClosed(transport) {
      if (watched === transport && !isClosed) {
        if (isActive) driver.DeactivateTransport(transport, 0, null);
        driver.Close(transport, 0, null);
      }
      watched = null;
    },
  };
}

/** The functions of `driver`, also of one whose functions need their `this`. */
function bound(driver: IpczDriver): IpczDriver {
  return {
    size: driver.size,
    Close: (...facts) => driver.Close(...facts),
    Serialize: (...facts) => driver.Serialize(...facts),
    Deserialize: (...facts) => driver.Deserialize(...facts),
    CreateTransports: (...facts) => driver.CreateTransports(...facts),
    ActivateTransport: (...facts) => driver.ActivateTransport(...facts),
    DeactivateTransport: (...facts) => driver.DeactivateTransport(...facts),
    Transmit: (...facts) => driver.Transmit(...facts),
    ReportBadTransportActivity: (...facts) => driver.ReportBadTransportActivity(...facts),
    AllocateSharedMemory: (...facts) => driver.AllocateSharedMemory(...facts),
    GetSharedMemoryInfo: (...facts) => driver.GetSharedMemoryInfo(...facts),
    DuplicateSharedMemory: (...facts) => driver.DuplicateSharedMemory(...facts),
    MapSharedMemory: (...facts) => driver.MapSharedMemory(...facts),
    GenerateRandomBytes: (...facts) => driver.GenerateRandomBytes(...facts),
  };
}
