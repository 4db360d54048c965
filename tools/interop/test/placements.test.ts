import { describe, expect, it } from "vitest";
import { placementNamed, placements } from "../src/placements.ts";

describe("placements", () => {
  it("let chains alternate, from either side", () => {
    const labels = ["main", "client", "client/grandchild", "other#2"];
    expect(labels.map((label) => placementNamed("C-TS-C").sideOf(label))).toEqual([
      "C",
      "TS",
      "C",
      "TS",
    ]);
    expect(labels.map((label) => placementNamed("TS-C-TS").sideOf(label))).toEqual([
      "TS",
      "C",
      "TS",
      "C",
    ]);
  });

  it("put brokers on either side", () => {
    expect(placementNamed("C-broker").sideOf("main")).toBe("C");
    expect(placementNamed("C-broker").sideOf("client/b")).toBe("TS");
    expect(placementNamed("TS-broker").sideOf("main")).toBe("TS");
    expect(placementNamed("TS-broker").sideOf("client/b")).toBe("C");
  });

  it("tell siblings apart when mixed", () => {
    const sides = ["client", "client#2", "client#3"].map((label) =>
      placementNamed("C-mixed").sideOf(label),
    );
    expect(new Set(sides).size).toBe(2);
  });

  it("have names that differ, and no others", () => {
    expect(new Set(placements.map(({ name }) => name)).size).toBe(placements.length);
    expect(() => placementNamed("nowhere")).toThrow("no placement is named nowhere");
  });
});
