/** The documents that are written from the sources. */
export { generateDocs } from "./generate-docs.ts";
