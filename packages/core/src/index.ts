/**
 * @ipcz/core: the implementation of the contract in @ipcz/api, over any driver.
 */
export { getAPI, IpczGetAPI, type IpczAPITarget } from "./table/table.ts";
