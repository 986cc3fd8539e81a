// The Model Context Protocol's own SDK, unmodified from npm, on both sides: an MCP server whose tokens are Omniport's, and
// clients that nobody has registered. They find their way as the protocol's authorisation chapter says: the server's 401,
// its metadata (RFC 9728), ours (RFC 8414), a client ID metadata document or dynamic registration, PKCE, `resource`.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { InvalidTokenError } from "@modelcontextprotocol/sdk/server/auth/errors.js";
import { requireBearerAuth } from "@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js";
import { createMcpExpressApp } from "@modelcontextprotocol/sdk/server/express.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import * as oauth from "oauth4webapi";
import { Browser } from "./person.mjs";
import { freePort, startProvider } from "./provider.mjs";

const REDIRECT = "http://127.0.0.1:5123/callback";
const SCOPE = "notes.read";
const tls = { cert: readFileSync(process.env.CERTIFICATE), key: readFileSync(process.env.KEY) };
const opened = [];
const servers = {};
let provider;

before(async () => {
  provider = await startProvider({
    OMNIPORT_REGISTRATION_POLICY: "open",
    OMNIPORT_REGISTRATION_APPROVAL: "automatic",
    OMNIPORT_REGISTRATION_CLIENT_ID_DOCUMENTS: "automatic",
    OMNIPORT_REGISTRATION_OWNER: "dev",
    OMNIPORT_REGISTRATION_SCOPE: `openid profile offline_access ${SCOPE} archive.read`,
  });
  servers.notes = await startMcpServer({ name: "Notes", scope: SCOPE, format: "opaque", verifier: introspected });
  servers.archive = await startMcpServer({ name: "Archive", scope: "archive.read", format: "jwt", verifier: read });
});
after(async () => {
  for (const server of opened) {
    server.closeAllConnections();
    server.close();
  }
  await provider?.stop();
});

async function listen(handler, port) {
  const server = createServer(tls, handler);
  opened.push(server);
  await new Promise((done) => server.listen(port, "127.0.0.1", done));
}

/** An MCP server with one tool, which says whose token it was called with. Its owner registers it as an open API. */
async function startMcpServer({ name, scope, format, verifier }) {
  const port = await freePort();
  const url = new URL(`https://localhost:${port}/mcp`);
  const desk = provider.addApp({ client_name: `${name} desk`, grant_types: ["client_credentials"], data_points: [] });
  provider.omniport(["api", "add", "--owner", "dev", "--uri", url.href, "--name", name, "--open", "--format", format,
    "--scope", `${scope}=Read your ${name}`, "--introspected-by", desk.client_id]);
  const api = JSON.parse(provider.omniport(["api", "show", url.href, "--json"]));
  // What a command beside the server changed of APIs it knows within a second (docs/decisions/0017).
  for (const until = Date.now() + 5_000; !(await fetch(api.resource_metadata)).ok; await setTimeout(50)) {
    assert.ok(Date.now() < until, "the server does not know the API");
  }
  const app = createMcpExpressApp({ host: "localhost" });
  const guard = requireBearerAuth({
    verifier: { verifyAccessToken: (token) => verifier(token, { url, desk }) },
    requiredScopes: [scope],
    resourceMetadataUrl: api.resource_metadata,
    expectedResource: url,
  });
  app.post("/mcp", guard, async (request, response) => {
    const server = new McpServer({ name, version: "1.0.0" });
    server.registerTool("whoami", { description: "Whose token this is" }, ({ authInfo }) => ({
      content: [{ type: "text", text: JSON.stringify({ client: authInfo.clientId, scopes: authInfo.scopes }) }],
    }));
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
    response.on("close", () => server.close());
    await server.connect(transport);
    await transport.handleRequest(request, response, request.body);
  });
  app.all("/mcp", guard, (_, response) => response.status(405).end());
  await listen(app, port);
  return url;
}

/** Asks introspection what a token is worth (RFC 7662). */
async function introspected(token, { desk }) {
  const response = await fetch(`${provider.issuer}/oauth/introspect`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${desk.client_id}:${desk.client_secret}`)}` },
    body: new URLSearchParams({ token }),
  });
  const facts = await response.json();
  if (!facts.active) throw new InvalidTokenError("inactive");
  return { token, clientId: facts.client_id, scopes: facts.scope.split(" "), expiresAt: facts.exp, resource: new URL(facts.aud) };
}

/** Reads it as a JWT (RFC 9068), with our published keys. */
async function read(token, { url }) {
  const issuer = new URL(provider.issuer);
  const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm: "oauth2" }));
  const request = new Request(url, { headers: { authorization: `Bearer ${token}` } });
  const claims = await oauth.validateJwtAccessToken(as, request, url.href).catch((error) => {
    throw new InvalidTokenError(error.message);
  });
  return { token, clientId: claims.client_id, scopes: claims.scope.split(" "), expiresAt: claims.exp, resource: url };
}

/** What an MCP client keeps, and how it opens the person's browser. */
class Agent {
  redirectUrl = REDIRECT;
  clientMetadata = {
    client_name: "Agent",
    redirect_uris: [REDIRECT],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  };
  kept = {};

  constructor(clientMetadataUrl) {
    this.clientMetadataUrl = clientMetadataUrl;
  }
  state = () => "of-the-agent";
  clientInformation = () => this.kept.client;
  saveClientInformation = (client) => void (this.kept.client = client);
  tokens = () => this.kept.tokens;
  saveTokens = (tokens) => void (this.kept.tokens = tokens);
  codeVerifier = () => this.kept.verifier;
  saveCodeVerifier = (verifier) => void (this.kept.verifier = verifier);
  redirectToAuthorization = (url) => void (this.kept.url = url);
}

/** Calls the tool as an agent whose person allows it: what the server saw. */
async function call(url, agent) {
  const connect = async () => {
    const client = new Client({ name: "agent", version: "1.0.0" });
    const transport = new StreamableHTTPClientTransport(url, { authProvider: agent });
    return { client, transport, connected: client.connect(transport) };
  };
  const first = await connect();
  await assert.rejects(first.connected, UnauthorizedError);
  const asked = agent.kept.url;
  assert.equal(asked.searchParams.get("resource"), url.href);
  assert.equal(asked.searchParams.get("code_challenge_method"), "S256");
  const back = await new Browser().walk(asked.href, (at) => at.startsWith(REDIRECT));
  assert.ok(back.url.startsWith(REDIRECT), back.html);
  const answer = new URL(back.url).searchParams;
  assert.equal(answer.get("iss"), provider.issuer);
  await first.transport.finishAuth(answer.get("code"));
  const { client, connected } = await connect();
  await connected;
  const { content } = await client.callTool({ name: "whoami", arguments: {} });
  await client.close();
  return JSON.parse(content[0].text);
}

test("a client of dynamic registration, and a server that introspects", async () => {
  const url = servers.notes;
  // Without a document: the client falls back to registration (RFC 7591).
  const agent = new Agent(undefined);
  const seen = await call(url, agent);
  assert.equal(seen.client, agent.kept.client.client_id);
  assert.ok(seen.scopes.includes(SCOPE));
  // An hour later: the SDK refreshes by itself, for the same resource.
  const used = agent.kept.tokens;
  assert.ok(used.refresh_token);
  agent.kept.tokens = { ...used, access_token: "ended" };
  const client = new Client({ name: "agent", version: "1.0.0" });
  await client.connect(new StreamableHTTPClientTransport(url, { authProvider: agent }));
  await client.close();
  assert.notEqual(agent.kept.tokens.access_token, used.access_token);
});

test("a client known by its document, and a server that reads JWTs", async () => {
  const url = servers.archive;
  const id = `https://localhost:${provider.appPort}/agent.json`;
  const agent = new Agent(id);
  let fetched = 0;
  await listen((_, response) => {
    fetched += 1;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ client_id: id, ...agent.clientMetadata }));
  }, provider.appPort);
  const seen = await call(url, agent);
  assert.deepEqual([seen.client, fetched], [id, 1]);
  // A second person's agent is the same client, and nothing is fetched again.
  assert.equal((await call(url, new Agent(id))).client, id);
  assert.equal(fetched, 1);
});

test("a token for one server is worth nothing at another", async () => {
  const token = async (scope) => {
    const app = provider.addApp({ grant_types: ["client_credentials"], scope: SCOPE, data_points: [] });
    const { client_id, client_secret } = app;
    const body = new URLSearchParams({ grant_type: "client_credentials", client_id, client_secret, scope });
    const response = await fetch(`${provider.issuer}/oauth/token`, { method: "POST", body });
    return (await response.json()).access_token;
  };
  const notes = await token(SCOPE);
  assert.equal(notes.length, 30);
  const refused = await fetch(servers.archive, { method: "POST", headers: { authorization: `Bearer ${notes}` } });
  assert.equal(refused.status, 401);
  assert.match(refused.headers.get("www-authenticate"), /invalid_token.*resource_metadata=/);
  // Nor one that Omniport has never made.
  const unknown = await fetch(servers.notes, { method: "POST", headers: { authorization: `Bearer ${"x".repeat(30)}` } });
  assert.equal(unknown.status, 401);
});
