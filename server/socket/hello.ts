import { limits } from '#protocol/codes';
import { helloFrame } from '#protocol/frames';
import type { z } from 'zod';

export type Hello = z.infer<typeof helloFrame>;

/** The first frame of a session; where it is none, a sentence that says why (C3). */
export function parseHello(text: string): Hello | string {
  if (Buffer.byteLength(text) > limits.helloBytes) return `hello may have up to ${limits.helloBytes} bytes.`;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return 'The first frame is hello, in JSON.';
  }
  const parsed = helloFrame.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') ?? '';
  if (field === '' || field === 'kind') return 'The first frame is hello, with ref, version and token.';
  return `hello: "${field}": ${issue!.message}.`;
}
