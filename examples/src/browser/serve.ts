/** A web server for the page: three files, and the two headers without which a page has no shared memory. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { bundle } from "./bundle.ts";

const PAGE = `<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <title>ipcz between a page and its workers</title>
  <link rel="icon" href="data:," />
  <h1>ipcz between a page and its workers</h1>
  <ol id="story"></ol>
  <script type="module" src="./page-main.js"></script>
</html>
`;

/** Only an isolated page may share memory with its workers. */
const HEADERS: Readonly<Record<string, string>> = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/** A server that runs. */
export interface Served {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the page on this machine only, at a free port unless one is given. */
export async function serve(port = 0): Promise<Served> {
  const modules = await bundle();
  const server = createServer((request, response) => {
    const name = (request.url ?? "/").slice(1);
    const text = name === "" ? PAGE : modules.get(name);
    const type = name === "" ? "text/html" : "text/javascript";
    response.writeHead(text === undefined ? 404 : 200, { ...HEADERS, "content-type": type });
    response.end(text);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(taken)}/`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
