/**
 * @ipcz/core: the implementation of the contract in @ipcz/api, over any driver.
 */
export {
  getAPI,
  getPortalBacklog,
  IpczGetAPI,
  type IpczAPITarget,
  setNetworkObserver,
  watchPortalBacklog,
  watchPortalHandshake,
} from "./table/table.ts";
export type { NetworkObserver } from "./base/network-events.ts";
