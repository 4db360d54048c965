// What Node.js for Windows runs first under Wine, in every process and thread. It makes up for three differences:
//
// 1. A pipe of Linux looks like a named pipe, but cannot be opened as one, so that the first use of process.stdout
//    throws EBADF. Then its file is written to directly.
// 2. Links of Linux do not look like links: the file system's own walk of a path finds none, so that a package of this
//    repository would be loaded once under its own path and once under that in node_modules. Asking Wine for the final
//    name of an opened file gives the one real path.
// 3. DuplicateHandle may wait for ever; see duplicate-handle.mjs. Native functions are called by way of koffi, in whose
//    place programs get koffi.mjs beside this.
import fs from "node:fs";
import { registerHooks, syncBuiltinESMExports } from "node:module";
import { Writable } from "node:stream";
import { fileURLToPath, pathToFileURL } from "node:url";

// The global: importing node:process would open the streams.
const { process } = globalThis;

repairStream("stdout", 1);
repairStream("stderr", 2);
const realPath = repairRealPath();

function repairStream(name, fd) {
  try {
    void process[name];
  } catch {
    const stream = directStream(fd);
    Object.defineProperty(process, name, { configurable: true, enumerable: true, value: stream });
  }
}

function directStream(fd) {
  const stream = new Writable({
    decodeStrings: true,
    write(chunk, _encoding, done) {
      try {
        for (let at = 0; at < chunk.length; at += fs.writeSync(fd, chunk, at));
        done();
      } catch (error) {
        done(error);
      }
    },
  });
  // What Node.js itself says of a standard stream: it is never closed.
  stream.destroy = () => stream;
  return Object.assign(stream, { fd, _type: "fs", _isStdio: true });
}

function repairRealPath() {
  const { native } = fs.realpathSync;
  fs.realpathSync = Object.assign((path, options) => native(path, options), { native });
  syncBuiltinESMExports();
  return native;
}

/** The real URLs of those met before: asking costs a millisecond. */
const urls = new Map();

function realUrl(url) {
  const { search, hash } = new URL(url);
  const real = pathToFileURL(realPath(fileURLToPath(url))).href + search + hash;
  urls.set(url, real);
  return real;
}

/** What is imported of it. */
const KOFFI = /\/node_modules\/koffi\/index\.js$/;
const koffi = new URL("koffi.mjs", realUrl(import.meta.url));

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    if (!resolved.url.startsWith("file:")) return resolved;
    const url = urls.get(resolved.url) ?? realUrl(resolved.url);
    // By its name, or by its place, as vitest does.
    if (!KOFFI.test(url)) return { ...resolved, url };
    return { url: `${koffi.href}?real=${encodeURIComponent(url)}`, format: "module" };
  },
});
