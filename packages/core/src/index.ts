/**
 * @ipcz/core: the implementation of the contract in @ipcz/api, over any driver.
 */
export {
  getAPI,
  getPortalBacklog,
  IpczGetAPI,
  type IpczAPITarget,
  watchPortalBacklog,
} from "./table/table.ts";
