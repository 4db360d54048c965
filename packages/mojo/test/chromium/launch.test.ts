/**
 * Starting a child and being one, without a browser: the program that is started is ours.
 */
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { isLinux, runsHere } from "../../../../tools/conformance/src/runs-here.ts";
import { childCommand, childSwitches, invite, launchChild } from "../../src/index.ts";
import { newNode, nothingLeft } from "../support/pair.ts";

const onLinux = runsHere(isLinux, "tests of how Chromium gives descriptors to its children");
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
  folders.length = 0;
});

/** A program that runs our child with the arguments it is given. */
function program(): { path: string; folder: string } {
  const folder = mkdtempSync(joinPath(tmpdir(), "ipcz-mojo-"));
  folders.push(folder);
  const path = joinPath(folder, "program");
  const child = fileURLToPath(new URL("../fixtures/child.mjs", import.meta.url));
  writeFileSync(path, `#!/bin/sh\nexec '${process.execPath}' '${child}' "$@"\n`);
  chmodSync(path, 0o755);
  return { path, folder };
}

describe.runIf(onLinux)("a child", () => {
  test("finds its socket where Chromium's children look for it, and joins", async () => {
    const { path, folder } = program();
    const descriptors = readdirSync("/proc/self/fd").length;
    const { node, driver } = newNode();
    const options = { program: path, service: "a.mojom.Service", dataDirectory: folder };
    const { child, transport } = launchChild(driver, { ...options, output: "inherit" });
    const exit = new Promise((resolve) => child.once("exit", resolve));
    const invitation = invite(node, transport);
    const portal = invitation.attachment(0);
    portal.put("hello");
    expect((await portal.receive())?.text()).toBe("utility a.mojom.Service: hello");
    portal.close();
    expect(await exit).toBe(0);
    invitation.close();
    await nothingLeft();
    expect(readdirSync("/proc/self/fd").length).toBeLessThanOrEqual(descriptors + 8);
  });

  test("whose program is not there ends the invitation", async () => {
    const { node, driver } = newNode();
    const options = { program: "/no/such/browser", service: "x", dataDirectory: "/tmp" };
    const { child, transport } = launchChild(driver, options);
    const failed = new Promise((resolve) => child.once("error", resolve));
    const portal = invite(node, transport).attachment(0);
    expect(await portal.receive()).toBeNull();
    expect(String(await failed)).toContain("ENOENT");
  });
});

describe("switches", () => {
  const options = { program: "p", service: "a.mojom.Service", dataDirectory: "/data" };

  test("name the service, and leave the sandbox off", () => {
    const switches = childSwitches({ ...options, switches: ["--more"] });
    expect(switches).toContain("--utility-sub-type=a.mojom.Service");
    expect(switches).toContain("--user-data-dir=/data");
    expect(switches).toContain("--no-sandbox");
    expect(switches.at(-1)).toBe("--more");
    expect(switches).not.toContain("--disable-mojo-broker");
  });

  test("say when the broker is that of the inviter", () => {
    expect(childSwitches({ ...options, inheritBroker: true })).toContain("--disable-mojo-broker");
  });

  test("are found in what a browser starts", () => {
    const argv = ["/usr/lib/x", "--type=utility", "--utility-sub-type=a.mojom.B", "--lang=en"];
    expect(childCommand(argv)).toEqual({
      command: "/usr/lib/x",
      args: argv.slice(1),
      type: "utility",
      service: "a.mojom.B",
    });
    expect(childCommand(["x", "--type=renderer"])?.service).toBeNull();
    expect(childCommand(["x"])).toBeNull();
    expect(childCommand([])).toBeNull();
  });
});
