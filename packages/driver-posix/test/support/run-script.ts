/**
 * Lines of TypeScript in a process of their own.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Where scripts run: relative imports start here, `./src/index.ts`. */
export const packageFolder: string = fileURLToPath(new URL("../..", import.meta.url));

export interface ScriptEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
}

/** Arguments with which Node runs `source` as a module. */
export function scriptArguments(source: string, nodeOptions: readonly string[] = []): string[] {
  const loader = ["--import", "tsx", "--conditions=@ipcz/source"];
  return [...loader, ...nodeOptions, "--input-type=module", "--eval", source];
}

export function runScript(source: string, nodeOptions: readonly string[] = []): Promise<ScriptEnd> {
  const child = spawn(process.execPath, scriptArguments(source, nodeOptions), {
    cwd: packageFolder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, output, errors }));
  });
}

/** Start of a script that has a driver. */
export const driverPrelude = `
  import { posixDriver } from "./src/index.ts";
  const driver = posixDriver();
  const cell = () => ({ value: 0 });
  function createPair() {
    const [a, b] = [cell(), cell()];
    driver.CreateTransports(0, 0, 0, null, a, b);
    return [a.value, b.value];
  }
  function transmit(transport, text, handles = []) {
    const bytes = Buffer.from(text);
    return driver.Transmit(transport, bytes, bytes.length, handles, handles.length, 0, null);
  }
  function listen(transport, handle) {
    return driver.ActivateTransport(transport, 1, (_listener, data, _numBytes, handles, _numHandles, flags) =>
      handle(flags, data, handles) ?? 0, 0, null);
  }
  function end(transport) {
    driver.DeactivateTransport(transport, 0, null);
    driver.Close(transport, 0, null);
  }
`;
