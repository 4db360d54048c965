/**
 * The far end of the process.send contestants, in its own process.
 */
import process from "node:process";
import { serve } from "../serve.ts";
import { ProcessPort } from "./process-send.ts";

serve(new ProcessPort(process, process.argv[2] === "advanced" ? "advanced" : "json"));
