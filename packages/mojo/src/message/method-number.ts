/**
 * Numbers of methods. A release of Chromium scrambles them, by its version: nobody is to rely on them from one release
 * to the next. Whoever knows the version can tell them (spec: mojo 7).
 */
import { createHash } from "node:crypto";

/** A version of Chromium: "156.0.8078.79". */
export interface ChromiumVersion {
  readonly major: number;
  readonly minor: number;
  readonly build: number;
  readonly patch: number;
}

/** Finds a version in what `chromium --version` prints; null when there is none. */
export function parseVersion(text: string): ChromiumVersion | null {
  const found = /\b(\d+)\.(\d+)\.(\d+)\.(\d+)\b/.exec(text);
  if (!found) return null;
  const [major = 0, minor = 0, build = 0, patch = 0] = found.slice(1).map(Number);
  return { major, minor, build, patch };
}

/**
 * The number of a method in that version.
 *
 * @param interfaceName without the names of modules: "Gzipper".
 * @param position of the method among those that this build has, from 1.
 */
export function methodNumber(
  { major, minor, build, patch }: ChromiumVersion,
  interfaceName: string,
  position: number,
): number {
  const salt = `MAJOR=${major}\nMINOR=${minor}\nBUILD=${build}\nPATCH=${patch}\n`;
  const digest = createHash("sha256").update(`${salt}${interfaceName}${position}`).digest();
  return digest.readUInt32LE(0) & 0x7fff_ffff;
}
