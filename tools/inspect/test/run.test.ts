import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { EXIT_BAD_FILE, EXIT_OK, EXIT_USAGE, run } from "../src/run.ts";

const CAPTURE = fileURLToPath(
  new URL(
    "../../../packages/core/test/fixtures/captures/handshake_1portal_parcels.json",
    import.meta.url,
  ),
);

/** Runs the command over real files and those given by name. */
function command(args: readonly string[], files: Readonly<Record<string, string>> = {}) {
  const printed: string[] = [];
  const complaints: string[] = [];
  const code = run(args, {
    readFile: (path) => files[path] ?? readFileSync(path, "utf8"),
    print: (line) => printed.push(line),
    complain: (line) => complaints.push(line),
  });
  return { code, printed, complaints };
}

describe("inspect", () => {
  it("prints one line a frame", () => {
    const { code, printed, complaints } = command([CAPTURE]);
    expect(code).toBe(EXIT_OK);
    expect(complaints).toEqual([]);
    expect(printed.map((line) => line.replace(/ +\S+ ms/, ""))).toEqual([
      expect.stringMatching(/^ {3}0 A-B A>B ConnectFromBrokerToNonBroker #0 brokerName=\w{32} /),
      "   1 A-B B>A ConnectFromNonBrokerToBroker #0 protocolVersion=0 numInitialPortals=1 features=[0x0]",
      expect.stringMatching(/^ {3}2 A-B A>B AcceptParcel #0 sublink=0 .*parcelFragment=0:1088\+64/),
      expect.stringMatching(/^ {3}3 A-B B>A AcceptParcel #0 /),
      "   4 A-B A>B RouteClosed #1 sublink=0 sequenceLength=1",
    ]);
  });

  it("prints several captures", () => {
    expect(command([CAPTURE, CAPTURE]).printed.length).toBe(10);
  });

  it("prints a frame that is no message as such", () => {
    const frame = {
      seq: 0,
      tUs: 1500,
      link: "A-B",
      from: "A",
      to: "B",
      bytesHex: "0b00000000000000180000",
    };
    const { code, printed } = command(["x"], { x: JSON.stringify({ frames: [frame] }) });
    expect(code).toBe(EXIT_OK);
    expect(printed).toEqual(["   0      1.5 ms A-B A>B invalid header, 3 bytes"]);
  });

  for (const flag of ["--help", "-h"])
    it(`explains itself (${flag})`, () => {
      const { code, printed } = command([flag]);
      expect(code).toBe(EXIT_OK);
      expect(printed[0]).toContain("usage:");
    });

  it("wants a file", () => {
    const { code, complaints } = command([]);
    expect(code).toBe(EXIT_USAGE);
    expect(complaints[0]).toContain("usage:");
  });

  it("knows no other options", () => {
    const { code, complaints } = command(["--frob", CAPTURE]);
    expect(code).toBe(EXIT_USAGE);
    expect(complaints).toEqual(["unknown option --frob; try --help"]);
  });

  it("says which file it cannot read, and prints the others", () => {
    const { code, printed, complaints } = command(["absent.json", CAPTURE]);
    expect(code).toBe(EXIT_BAD_FILE);
    expect(complaints).toEqual([expect.stringMatching(/^absent\.json: ENOENT/)]);
    expect(printed.length).toBe(5);
  });

  for (const [what, text] of [
    ["no JSON", "nonsense"],
    ["no object", "null"],
    ["no frames", "{}"],
    ["a frame without bytes", '{"frames":[{"seq":0,"tUs":0,"link":"","from":"","to":""}]}'],
    [
      "bytes that are not hex",
      '{"frames":[{"seq":0,"tUs":0,"link":"","from":"","to":"","bytesHex":"0g"}]}',
    ],
  ] as const)
    it(`refuses a file with ${what}`, () => {
      const { code, complaints } = command(["x"], { x: text });
      expect(code).toBe(EXIT_BAD_FILE);
      expect(complaints).toEqual(["x: not a capture"]);
    });
});
