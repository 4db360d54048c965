/** One kind of exhaustion in a process of its own. Arguments: what is short, and the number of rounds. */
import process from "node:process";
import { exhaust } from "./exhaustion.ts";
import { isResource } from "./process-limits.ts";

const [, , resource = "", rounds = ""] = process.argv;
if (!isResource(resource)) throw new Error(`nothing is known of ${resource}`);
await exhaust(resource, Number(rounds), () => {
  process.stdout.write("a round is over\n");
});
process.exit(0);
