// A small but ordinary oidc-provider, in memory (its own default adapter: nothing is durable, which is in its favour).
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// Installed beside the results, not beside this file.
const found = createRequire(process.cwd() + "/").resolve("oidc-provider");
const { default: Provider } = await import(pathToFileURL(found));

const port = Number(process.argv[2]);
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [
    {
      client_id: "bench",
      client_secret: "s".repeat(40),
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: "client_secret_post",
    },
  ],
  scopes: ["read", "write"],
  features: {
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    devInteractions: { enabled: false },
  },
});
provider.listen(port, "127.0.0.1");
