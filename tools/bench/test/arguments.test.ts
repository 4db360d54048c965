import { describe, expect, it } from "vitest";
import { readArguments, USAGE } from "../src/arguments.ts";
import { OUR_NAMES, RIVAL_NAMES } from "../src/contestants/names.ts";
import { TABLE_IDS } from "../src/tables/index.ts";

const names = (args: string[]): string[] => readArguments(args).entries.map(({ name }) => name);

describe("the options", () => {
  it("are, without any, all tables, all of our contestants, nine rounds and one run", () => {
    const { tables, rounds, repeat, scale, json, write } = readArguments([]);
    expect(tables.map(({ id }) => id)).toEqual(TABLE_IDS);
    expect(names([])).toEqual([...OUR_NAMES, ...RIVAL_NAMES]);
    expect({ rounds, repeat, scale, json, write }).toEqual({
      rounds: 9,
      repeat: 1,
      scale: 1,
      json: null,
      write: false,
    });
  });

  it("choose tables and contestants, in the usual order and with ipcz always among them", () => {
    const { tables } = readArguments(["--tables", "start-up, round-trip"]);
    expect(tables.map(({ id }) => id)).toEqual(["round-trip", "start-up"]);
    expect(names(["--contestants", "net,process.send (json)"])).toEqual([
      "ipcz",
      "process.send (json)",
      "net",
    ]);
    expect(names(["--contestants", ""])).toEqual(["ipcz"]);
  });

  it("add contestants from elsewhere by their commands, equals signs and all", () => {
    const { entries } = readArguments([
      "--contestants=",
      "--external",
      "mine=A=1 ./mine --x=2",
      "--native",
      "./c",
    ]);
    expect(entries).toEqual([
      { name: "ipcz", command: null },
      { name: "mine", command: "A=1 ./mine --x=2" },
      { name: "C ipcz", command: "./c" },
    ]);
  });

  it("are shorter when quick, unless told otherwise", () => {
    const quick = readArguments(["--quick"]);
    expect([quick.rounds, quick.scale]).toEqual([3, 0.25]);
    const pairs = quick.tables.find(({ id }) => id === "pairs-memory");
    expect(pairs?.columns.map(({ label }) => label)).toEqual(["1,000 pairs", "100,000 pairs"]);
    expect(readArguments(["--quick", "--rounds", "5", "--scale", "0.5"])).toMatchObject({
      rounds: 5,
      scale: 0.5,
    });
  });

  it("explain every table and contestant", () => {
    for (const name of [...TABLE_IDS, ...RIVAL_NAMES]) expect(USAGE).toContain(name);
    for (const line of USAGE.split("\n")) expect(line.length).toBeLessThan(121);
  });

  it.each([
    [["--tables", "nothing"], '--tables: there is no "nothing", only round-trip'],
    [["--contestants", "ipcz"], '--contestants: there is no "ipcz", only ipcz (fast lane)'],
    [["--external", "=x"], '--external: NAME=COMMAND, not "=x"'],
    [["--external", "net=x"], '"net" is the name of another contestant'],
    [["--rounds", "0"], '--rounds: a whole number from 1 to 1000, not "0"'],
    [["--rounds", "1.5"], "--rounds"],
    [["--repeat", "x"], "--repeat"],
    [["--scale", "0"], '--scale: a number above 0, at most 100, not "0"'],
    [["--scale", "NaN"], "--scale"],
    [["--pairs", "-1"], "--pairs"],
    [["--write", "--tables", "round-trip"], "--write takes all tables"],
    [["--nothing"], "--nothing"],
  ])("that are wrong (%j) are refused with what would be right", (args, message) => {
    expect(() => readArguments(args)).toThrow(message);
  });
});
