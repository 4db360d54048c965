// What programs get for "koffi" under Wine: itself, which `?real=` says where to find, but for one function of Windows.
// Nothing is awaited, so that it can be had by `require`.
import { createRequire } from "node:module";
import { patientDuplicate } from "./duplicate-handle.mjs";

const IS_DUPLICATE = /\bDuplicateHandle\(/;

const real = new URL(import.meta.url).searchParams.get("real");
const koffi = createRequire(real)("./index.cjs");

export default Object.create(koffi, { load: { value: load, enumerable: true } });

function load(path, ...options) {
  const library = koffi.load(path, ...options);
  return {
    symbol: (...parameters) => library.symbol(...parameters),
    func: (...definition) => {
      const made = library.func(...definition);
      return IS_DUPLICATE.test(definition[0]) ? patientDuplicate(real, library, made) : made;
    },
  };
}
