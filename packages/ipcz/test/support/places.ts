/**
 * Where nodes can listen: sockets in a folder of the test's own, on Windows pipes with names of its own.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect } from "vitest";
import { isWindows } from "../../../../tools/conformance/src/runs-here.ts";
import { systemDriver } from "./system-driver.ts";

let count = 0;

/** The places of one test. */
export class Places {
  /** For files beside them. */
  readonly folder: string = mkdtempSync(join(tmpdir(), "ipcz-"));
  private readonly prefix: string = isWindows
    ? String.raw`\\.\pipe\ipcz-test-${process.pid}-${count++}-`
    : `${this.folder}/`;

  at(name: string): string {
    return `${this.prefix}${name}`;
  }

  /** Expects that nobody has left anything there: no file, or no end of a pipe, which the system takes a moment to close. */
  async free(name: string): Promise<void> {
    if (!isWindows) {
      expect(existsSync(this.at(name))).toBe(false);
      return;
    }
    while (isServed(this.at(name))) await new Promise((resolve) => setImmediate(resolve));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

function isServed(pipe: string): boolean {
  try {
    systemDriver()
      .listen(pipe, {}, () => undefined)
      .close();
    return false;
  } catch {
    return true;
  }
}
