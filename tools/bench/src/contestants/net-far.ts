/** The far end of `net`. */
import { connect } from "node:net";
import process from "node:process";
import { serve } from "../messages/serve.ts";
import { StreamPort } from "./net.ts";

serve(new StreamPort(connect(process.argv[2] ?? "")));
