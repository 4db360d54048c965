/**
 * Names that a broker gives: 16 random bytes (spec: wire 3.2).
 */
import { type IpczDriver, IPCZ_RESULT_OK } from "@ipcz/api";
import { NO_NODE, type NodeName } from "../wire/ids.ts";
import { readNodeName } from "../wire/read-fields.ts";

const NAME_BYTES = 16;

/** A fresh name; null when the driver has no random bytes, which it must have. */
export function newNodeName(driver: IpczDriver): NodeName | null {
  const bytes = new Uint8Array(NAME_BYTES);
  if (driver.GenerateRandomBytes(NAME_BYTES, 0, null, bytes) !== IPCZ_RESULT_OK) return null;
  const name = readNodeName(bytes, 0);
  return name === NO_NODE ? null : name;
}
