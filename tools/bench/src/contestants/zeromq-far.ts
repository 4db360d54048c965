/** The far end of ZeroMQ. */
import process from "node:process";
import { serve } from "../messages/serve.ts";
import { openPair, PairPort } from "./zeromq.ts";

const socket = openPair();
socket.connect(process.argv[2] ?? "");
serve(new PairPort(socket));
