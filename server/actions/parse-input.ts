import { type RequestKind, type RequestParsed, requests } from '#protocol/frames';
import { ChatterError } from '../errors.ts';

/** What a request takes, out of whatever was sent. Throws a sentence that names the field (F3). */
export function parseInput<K extends RequestKind>(kind: K, raw: unknown): RequestParsed<K> {
  const parsed = requests[kind].input.safeParse(raw);
  if (parsed.success) return parsed.data as RequestParsed<K>;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.');
  throw new ChatterError('bad_frame', `${kind}: ${field ? `"${field}": ` : ''}${issue?.message ?? 'wrong fields'}.`);
}

export function isRequestKind(kind: string): kind is RequestKind {
  return Object.hasOwn(requests, kind);
}
