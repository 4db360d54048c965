/** Suites that prove an implementation of the contract; each also stands under its own subpath. */
export { driverConformance } from "./driver/index.ts";
export { isLinux, runsHere } from "./runs-here.ts";
