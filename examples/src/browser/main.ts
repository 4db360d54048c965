/** Serves the page until it is interrupted. */
import process from "node:process";
import { serve } from "./serve.ts";

const served = await serve(Number(process.argv[2] ?? 0));
console.log(`open ${served.url} in a browser; end with Ctrl-C`);
process.once("SIGINT", () => void served.close());
