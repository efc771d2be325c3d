import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import type { Fact } from '#protocol/models';
import { topicOf } from '../../../server/bus/topics.ts';
import { type BusFrame, parseBusFrame } from '../../../server/socket/bus-frames.ts';
import { OutgoingChanges } from '../../../server/socket/outgoing-changes.ts';

const people = ['ann', 'ben', 'Zoë'].map((id) => ({ id, name: `${id} of the garden` }));
const head = { room: 'r', epoch: 'e', seq: 100, messageCount: 1, deletedCount: 0, activeAt: 1 };

function message(seq: number, text: string, senderId = 'ann'): Fact {
  return { seq, kind: 'message', message: { seq, changedSeq: seq, ordinal: seq, senderId, clientMsgId: `c${seq}`, text, at: 1 } };
}

function member(seq: number, name: string): Fact {
  return { seq, kind: 'member', member: { userId: `user-${seq}`, changedSeq: seq, joinedAt: 1, readSeq: seq }, person: { id: `user-${seq}`, name } };
}

/** The frames of a change, as another node understands them, and their bytes. */
function said(facts: readonly Fact[], lastMessage?: Fact): { frames: BusFrame[]; bytes: number[] } {
  const changes = new OutgoingChanges();
  const last = lastMessage?.kind === 'message' ? { lastMessage: lastMessage.message } : {};
  changes.add('t', 'r', { facts: [...facts], people, head: { ...head, ...last } });
  const payloads: string[] = [];
  changes.publish((topic, payload) => {
    assert.equal(topic, topicOf('t', 'r'));
    payloads.push(payload);
  });
  changes.publish(() => assert.fail('Once is enough.'));
  return { frames: payloads.map((payload) => parseBusFrame(payload) ?? assert.fail(payload)), bytes: payloads.map((payload) => Buffer.byteLength(payload)) };
}

it('what is short is one frame, with all that one turn has committed in the room', () => {
  const changes = new OutgoingChanges();
  changes.add('t', 'r', { facts: [message(1, 'one')], people: [people[0]!], head: { ...head, seq: 1 } });
  changes.add('t', 'r', { facts: [message(2, 'two', 'ben')], people: [people[1]!], head: { ...head, seq: 2 } });
  const payloads: string[] = [];
  changes.publish((_topic, payload) => payloads.push(payload));
  assert.deepEqual(payloads.map(parseBusFrame), [{
    kind: 'changed', tenant: 't', room: 'r', facts: [message(1, 'one'), message(2, 'two', 'ben')], people: people.slice(0, 2), head: { ...head, seq: 2 },
  }]);
});

it('much of what is short is several frames, each with the people that it names', () => {
  const facts = Array.from({ length: 64 }, (_, index) => message(index + 1, 'x'.repeat(200), people[index % 3]!.id));
  const { frames, bytes } = said(facts);
  assert.ok(frames.length > 3 && bytes.every((count) => count <= 4_096), bytes.join());
  for (const frame of frames) {
    assert.ok(frame.kind === 'changed');
    assert.deepEqual(frame.people.map(({ id }) => id).sort(), people.map(({ id }) => id).sort());
  }
  assert.deepEqual(frames.flatMap((frame) => (frame.kind === 'changed' ? frame.facts : [])), facts);
});

it('bytes count, not characters', () => {
  const [frame] = said([message(1, '\u{1F331}'.repeat(1_000))]).frames;
  assert.equal(frame?.kind, 'moved');
});

it('where the last message is long, a short fact goes as a reference too: the head would hold the message', () => {
  const { frames } = said([message(7, '')], message(6, 'x'.repeat(8_000)));
  assert.deepEqual(frames, [{ kind: 'moved', tenant: 't', room: 'r', epoch: 'e', seqs: [7], facts: [] }]);
});

it('every fact is said once, whole or as a place; no frame has over 4 KiB but for who came and went', () => {
  const fact = fc.record({ isMember: fc.boolean(), length: fc.oneof(fc.nat(300), fc.integer({ min: 3_000, max: 8_000 })) });
  fc.assert(fc.property(fc.array(fact, { minLength: 1, maxLength: 40 }), (drafts) => {
    const facts = drafts.map(({ isMember, length }, index) => (isMember ? member(index + 1, 'ä'.repeat(length)) : message(index + 1, 'ä'.repeat(length))));
    const { frames, bytes } = said(facts);
    const whole = frames.flatMap((frame) => (frame.kind === 'changed' || frame.kind === 'moved' ? frame.facts : []));
    const seqs = frames.flatMap((frame) => (frame.kind === 'changed' ? frame.facts.map(({ seq }) => seq) : frame.kind === 'moved' ? frame.seqs : []));
    assert.deepEqual(seqs.sort((a, b) => a - b), facts.map(({ seq }) => seq));
    const missing = facts.filter(({ seq }) => !whole.some((other) => other.seq === seq));
    assert.ok(missing.every(({ kind }) => kind === 'message'), 'G7: who came and went is always said');
    for (const [index, frame] of frames.entries()) {
      assert.ok(bytes[index]! <= 4_096 || (frame.kind === 'moved' && frame.facts.length > 0), `${bytes[index]} bytes of ${frame.kind}`);
    }
  }), { numRuns: 200 });
});
