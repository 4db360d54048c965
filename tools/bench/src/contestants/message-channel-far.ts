/** The far end of the MessageChannel, in a worker thread. */
import { MessagePort, workerData } from "node:worker_threads";
import { serve } from "../messages/serve.ts";
import { MessagePortPort } from "./message-channel.ts";

const port: unknown = workerData;
if (!(port instanceof MessagePort)) throw new Error("started without a message port");
serve(new MessagePortPort(port));
