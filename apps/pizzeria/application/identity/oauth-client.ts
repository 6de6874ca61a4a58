// The programs that may ask for tokens in a person's name. They are public clients (RFC 6749, section 2.1): what proves
// them is the redirection and PKCE, not a secret.

export interface OAuthClient {
  readonly id: string;
  readonly name: string;
  /** Exact addresses; `http://127.0.0.1` and `http://[::1]` stand for any port and path there (RFC 8252, section 7.3). */
  readonly redirectUris: readonly string[];
}

/** Programs on the same machine: command lines, notebooks, scripts. */
export const LOCAL_CLIENT: OAuthClient = {
  id: 'mario-cli',
  name: 'A program on this machine',
  redirectUris: ['http://127.0.0.1', 'http://[::1]'],
};

export function isRegistered(client: OAuthClient, redirectUri: string): boolean {
  if (!URL.canParse(redirectUri)) return false;
  const asked = new URL(redirectUri);
  if (asked.hash !== '' || asked.username !== '' || asked.password !== '') return false;
  return client.redirectUris.some((registered) => {
    const known = new URL(registered);
    const isLoopback = known.protocol === 'http:' && ['127.0.0.1', '[::1]'].includes(known.hostname);
    return isLoopback ? asked.protocol === 'http:' && asked.hostname === known.hostname : asked.href === known.href;
  });
}

/** Reads MARIO_OAUTH_CLIENTS: a JSON array of `{ id, name, redirectUris }`. Throws with what to write. */
export function parseClients(text: string | undefined): readonly OAuthClient[] {
  if (text === undefined || text.trim() === '') return [LOCAL_CLIENT];
  const refuse = (what: string) =>
    new Error(`MARIO_OAUTH_CLIENTS ${what}: write [{"id":"app","name":"The app","redirectUris":["https://…"]}].`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw refuse('is not JSON');
  }
  if (!Array.isArray(parsed)) throw refuse('is not a list');
  const clients = parsed.map((each: Partial<OAuthClient> | null) => {
    const uris = each?.redirectUris;
    if (typeof each?.id !== 'string' || !Array.isArray(uris) || !uris.every((uri) => URL.canParse(String(uri)))) {
      throw refuse('has an entry without id or redirectUris');
    }
    return { id: each.id, name: String(each.name ?? each.id), redirectUris: uris.map(String) };
  });
  return [LOCAL_CLIENT, ...clients];
}
