import { describe, expect, it } from "vitest";
import {
  commonFeatures,
  featuresFromWords,
  featuresToWords,
  NO_FEATURES,
} from "../../src/wire/features.ts";

describe("features", () => {
  it("are one word, also when there are none", () => {
    expect(featuresToWords(NO_FEATURES)).toEqual([0n]);
    expect(featuresToWords({ memV2: true })).toEqual([1n]);
  });

  it("are read from the bits that are known; missing words are zero", () => {
    expect(featuresFromWords([])).toEqual(NO_FEATURES);
    expect(featuresFromWords([2n ** 64n - 2n, 1n])).toEqual({ memV2: false });
    expect(featuresFromWords([2n ** 64n - 1n, 7n])).toEqual({ memV2: true });
  });

  it("are in force when both ends have them", () => {
    for (const own of [false, true])
      for (const remote of [false, true])
        expect(commonFeatures({ memV2: own }, { memV2: remote })).toEqual({ memV2: own && remote });
  });
});
