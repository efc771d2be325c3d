import { z } from 'zod';
import { hostId, messageText, roomName } from '#protocol/models';

/**
 * One message of a conversation, as a line of a file holds it: `{"room","from","at","text"}`, `at` in ISO 8601.
 * `import` reads this form and `export` writes it. `from` is the person's id.
 */
const conversationLine = z.object(
  { room: roomName, from: hostId, at: z.iso.datetime({ offset: true, error: 'must be a date and time as 2024-12-25T09:14:00.000Z' }), text: messageText },
  { error: 'must be an object with "room", "from", "at" and "text"' },
);

export interface SpokenLine {
  room: string;
  from: string;
  /** Milliseconds since 1970. */
  at: number;
  text: string;
}

/** What a line says, or the reason why it says nothing. */
export function parseConversationLine(line: string): SpokenLine | { problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return { problem: `is not JSON (${(error as Error).message})` };
  }
  const parsed = conversationLine.safeParse(value, { reportInput: true });
  if (!parsed.success) return { problem: parsed.error.issues.map(describeIssue).join('; ') };
  return { ...parsed.data, at: Date.parse(parsed.data.at) };
}

export function formatConversationLine({ room, from, at, text }: SpokenLine): string {
  return `${JSON.stringify({ room, from, at: new Date(at).toISOString(), text })}\n`;
}

function describeIssue(issue: z.core.$ZodIssue): string {
  if (issue.path.length === 0) return issue.message;
  const field = `"${issue.path.join('.')}"`;
  if (issue.code === 'invalid_type') return issue.input === undefined ? `${field} is missing` : `${field} must be a ${issue.expected}`;
  if (issue.code === 'too_big') return `${field} must have at most ${issue.maximum} characters`;
  if (issue.code === 'too_small') return `${field} must not be empty`;
  return `${field} ${issue.message}`;
}
