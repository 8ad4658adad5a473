// An OpenID Connect provider on a free port of this machine, for one client, with its own login form.
// node provider.mjs CLIENT SECRET REDIRECT_URI; the first line it says is its address.
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [clientId, clientSecret, redirectUri] = process.argv.slice(2);
const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const address = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(address, {
    clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
    claims: { openid: ["sub"], profile: ["preferred_username", "roles"] },
    conformIdTokenClaims: false, // what the scopes name stands in the ID token, too
    // Who logs in as ann.reviewer is ann, and a reviewer.
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        preferred_username: id.split(".")[0],
        roles: id.split(".").slice(1),
      }),
    }),
    pkce: { required: () => true, methods: ["S256"] },
  });
  server.on("request", provider.callback());
  console.log(address);
});
