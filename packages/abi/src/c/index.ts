/** The C ABI as declared data, and the header written from it. */
export { constantGroups, STATED_SIZES, type Constant, type ConstantGroup } from "./constants.ts";
export {
  API_SIGNATURES,
  DRIVER_SIGNATURES,
  HANDLER_SIGNATURES,
  type HandlerName,
  type Parameter,
  type Signature,
} from "./functions.ts";
export { ipczHeader } from "./ipcz-h.ts";
export { functionOffset, layoutOf, sizeOfScalar, WORD_BYTES, type StructLayout } from "./layout.ts";
export {
  SIZE_FIELD,
  STRUCTS,
  type FieldName,
  type ScalarType,
  type StructField,
  type StructName,
} from "./structs.ts";
