import type { Message } from '#protocol/models';
import type { OutboxEntry } from './outbox-storage.ts';
import { messageKey, type MessageWindow, type UnsentMessage } from './room-state.ts';

/** My messages that are not in the window yet, as they are shown after it. */
export class UnsentMessages {
  /** Acknowledged, but what comes before them in the room was not told yet: shown as pending until it was. */
  #acknowledged: Message[] = [];

  acknowledge(message: Message): void {
    this.#acknowledged.push(message);
  }

  clear(): void {
    this.#acknowledged = [];
  }

  after(window: MessageWindow, entries: readonly OutboxEntry[], me: string): UnsentMessage[] {
    const lastSeq = window.messages.at(-1)?.message.seq ?? 0;
    // What is not after the window's end is in it, or before it: more may have come meanwhile than a page holds.
    this.#acknowledged = this.#acknowledged.filter(({ seq }) => seq > lastSeq && !window.hasAfter);
    const waiting = [...this.#acknowledged, ...this.#notThereYet(window, entries, me)];
    return waiting.map((entry) => asUnsent(entry, me));
  }

  /** Another page may have sent what was taken over from it; the answer to our own try will say so. */
  #notThereYet(window: MessageWindow, entries: readonly OutboxEntry[], me: string): readonly OutboxEntry[] {
    if (entries.length === 0) return entries;
    const shown = new Set(window.messages.map(({ key }) => key));
    const acknowledged = new Set(this.#acknowledged.map(({ clientMsgId }) => clientMsgId));
    return entries.filter(({ clientMsgId }) => !acknowledged.has(clientMsgId) && !shown.has(messageKey(me, clientMsgId)));
  }
}

type Unsent = Pick<OutboxEntry, 'clientMsgId' | 'text' | 'at' | 'error'>;

function asUnsent({ clientMsgId, text, at, error }: Unsent, me: string): UnsentMessage {
  const common = { key: messageKey(me, clientMsgId), clientMsgId, text, at };
  return error === undefined ? { ...common, status: 'pending' } : { ...common, status: 'failed', error };
}
