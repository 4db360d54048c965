/** Bridges between native code and TypeScript, contract to contract: every public name, listed one by one. */
export { exportAPI, type ExportedAPI } from "./export/export-api.ts";
export { exportDriver, type ExportedDriver } from "./export/export-driver.ts";
export { importAPI, loadNative } from "./import/load-native.ts";
export { importDriver } from "./import/native-driver.ts";
