import type { Changes, Message, MessagePage } from '#protocol/models';

/**
 * Bytes of text in one page. Counted in messages alone a page of long ones would be larger than what a connection may have
 * waiting (F7): on a slow line the session would end over its own history, and come back for the same page.
 */
const pageBytes = 256 * 1024;

/** The part of a page that is next to where was asked, as much as fits. At least one message. */
export function fittingPage(page: MessagePage, asked: { after?: number; around?: number }): MessagePage {
  const { messages } = page;
  if (asked.around !== undefined) {
    const middle = messages.findIndex(({ seq }) => seq >= asked.around!);
    const start = middle < 0 ? messages.length : middle;
    const earlier = countFitting(messages.slice(0, start).reverse(), pageBytes / 2);
    const later = countFitting(messages.slice(start), pageBytes / 2);
    return part(page, start - earlier, start + later);
  }
  if (asked.after !== undefined) return part(page, 0, countFitting(messages));
  return part(page, messages.length - countFitting(messages.toReversed()), messages.length);
}

/** As many changes as fit, from the oldest on. */
export function fittingChanges(changes: Changes): Changes {
  const count = countFitting(changes.facts.map((fact) => (fact.kind === 'message' ? fact.message : undefined)));
  if (count === changes.facts.length) return changes;
  const facts = changes.facts.slice(0, count);
  return { ...changes, facts, upTo: facts.at(-1)!.seq, more: true };
}

function part(page: MessagePage, start: number, end: number): MessagePage {
  if (start === 0 && end === page.messages.length) return page;
  const messages = page.messages.slice(start, end);
  const senders = new Set(messages.map(({ senderId }) => senderId));
  return {
    messages,
    hasBefore: page.hasBefore || start > 0,
    hasAfter: page.hasAfter || end < page.messages.length,
    people: page.people.filter(({ id }) => senders.has(id)),
  };
}

/** How many of these fit into a page, from the first on. At least one. */
export function countFitting(messages: readonly (Message | undefined)[], bytes = pageBytes): number {
  let left = bytes;
  const tooMany = messages.findIndex((message, index) => {
    left -= Buffer.byteLength(message?.text ?? '');
    return left < 0 && index > 0;
  });
  return tooMany < 0 ? messages.length : tooMany;
}
