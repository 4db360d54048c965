/**
 * How a handshake ended, as a promise.
 */
import { IPCZ_RESULT_OK, type IpczAPI } from "@ipcz/api";
import { IpczError } from "../errors/ipcz-error.ts";
import { handshakesOf } from "../objects/context.ts";
import type { Portal } from "../objects/objects.ts";

/** As `LocalNode.whenConnected`. */
export function whenConnected(api: IpczAPI, portal: Portal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (connected: boolean): void => {
      if (connected) resolve();
      else reject(notConnected());
    };
    const teller = handshakesOf(api);
    if (!teller) {
      resolve();
      return;
    }
    const result = teller.watch(portal.handle, end);
    if (result !== IPCZ_RESULT_OK) end(!portal.status.peerClosed);
  });
}

function notConnected(): IpczError {
  return new IpczError(
    "ERR_IPCZ_CONNECTION",
    "the connection ended before both nodes had agreed: the other side refused it, or is no node of the expected kind",
  );
}
