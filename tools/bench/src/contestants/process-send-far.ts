/** The far end of `process.send`. */
import process from "node:process";
import { serve } from "../messages/serve.ts";
import { ProcessPort } from "./process-send.ts";

serve(new ProcessPort(process, process.argv[2] === "advanced" ? "advanced" : "json"));
