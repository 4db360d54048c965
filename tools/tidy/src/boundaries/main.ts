/** `npm run boundaries`: who imports whom, and may it. Exits with 1 on any finding. */
import { report, rootFolder } from "../report.ts";
import { openRepository } from "../repository.ts";
import { checkCoreLayers } from "./core-layers.ts";
import { checkFileCycles, checkPackageCycles } from "./cycles.ts";
import { checkPackageLayers } from "./package-layers.ts";

const repository = openRepository(rootFolder());
report("boundaries", [
  ...checkPackageLayers(repository),
  ...checkPackageCycles(repository),
  ...checkCoreLayers(repository),
  ...checkFileCycles(repository),
]);
