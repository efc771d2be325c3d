import { ChatterError } from '../errors.ts';

/**
 * The text of a request's body; empty where it has none. Counts what really comes, whatever the request says of itself, and
 * reads no further than it may. Hono's own limit makes a second Request of the first, which Node 20 does not do for a request
 * without a body.
 */
export async function readBody(request: Request, maxBytes: number): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const piece of (request.body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += piece.byteLength;
      if (bytes > maxBytes) throw new ChatterError('too_large', `A request may have up to ${maxBytes} bytes.`);
      pieces.push(piece);
    }
  } catch (error) {
    // Whoever hangs up in the middle, or says nonsense of its length, has made no error of ours.
    throw error instanceof ChatterError ? error : new ChatterError('bad_frame', 'The body did not come as it was said to.', { cause: error });
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** The JSON object of a request's body; an empty one where it has no body. */
export async function readJson(request: Request, maxBytes: number): Promise<object> {
  const text = await readBody(request, maxBytes);
  if (text === '') return {};
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new ChatterError('bad_frame', 'The body is not JSON.');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new ChatterError('bad_frame', 'The body is a JSON object.');
  return body;
}
