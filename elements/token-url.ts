/**
 * Asks the page's own site for a token: `GET url` with the site's cookies, answered with JSON `{ "token": "…" }`.
 * Throws a sentence for the page's author.
 */
export async function tokenFromUrl(url: string): Promise<string> {
  let response: Response;
  try {
    response = await fetch(url, {
      credentials: 'same-origin', cache: 'no-store', headers: { accept: 'application/json' },
    });
  } catch (error) {
    throw new Error(`token-url ${url} could not be reached.`, { cause: error });
  }
  if (!response.ok) throw new Error(`token-url ${url} answered ${response.status}; it should answer 200 and {"token": "…"}.`);
  const body: unknown = await response.json().catch(() => undefined);
  const token = typeof body === 'object' && body !== null && 'token' in body ? body.token : undefined;
  if (typeof token !== 'string' || token === '') {
    throw new Error(`token-url ${url} did not answer with JSON {"token": "…"}.`);
  }
  return token;
}
