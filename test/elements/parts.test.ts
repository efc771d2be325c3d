import { deepEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { composerParts, handOn, messageListParts, roomDetailsParts, roomListParts, roomParts, statusParts } from '../../elements/parts.ts';

const read = (name: string): string => readFileSync(new URL(`../../elements/${name}.ts`, import.meta.url), 'utf8');
const sorted = (names: readonly string[]): string[] => [...new Set(names)].sort();

/** An element, the files whose templates stand in its shadow root, and what it hands on from elements inside. */
const elements: Record<string, { files: string[]; handsOn?: readonly string[]; all?: readonly string[] }> = {
  'chatter-composer': { files: ['chatter-composer'], all: composerParts },
  'chatter-connection': { files: ['chatter-connection'] },
  'chatter-message-list': {
    files: ['chatter-message-list', 'renderers/message-row', 'renderers/text', 'controllers/seen-controller', 'avatar'], all: messageListParts,
  },
  'chatter-new-room': { files: ['chatter-new-room'], handsOn: ['people', 'person', 'chip', 'avatar'] },
  'chatter-people-picker': { files: ['chatter-people-picker', 'avatar'] },
  'chatter-room': {
    files: ['chatter-room', 'avatar'], handsOn: [...statusParts, ...messageListParts, ...composerParts, ...roomDetailsParts], all: roomParts,
  },
  'chatter-room-list': { files: ['chatter-room-list', 'room-item', 'avatar'], handsOn: statusParts, all: roomListParts },
  'chatter-room-details': { files: ['chatter-room-details', 'avatar'], all: roomDetailsParts },
  'chatter-status': { files: ['chatter-status'], all: statusParts },
};

/** Names in the `part` attributes of templates; where an expression says them, they are its quoted words. */
function partsIn(source: string): string[] {
  const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');
  return [...source.matchAll(/[\s(]part ?= ?(?:"([^"]*)"|\$\{([^}]*)\}|([^;\n]*);)/g)].flatMap(([, plain, bound, assigned]) => (
    plain !== undefined ? wordsOf(plain) : [...(bound ?? assigned!).matchAll(/'([^']*)'/g)].flatMap(([, text]) => wordsOf(text!))
  ));
}

for (const [tag, { files, handsOn = [], all }] of Object.entries(elements)) {
  test(`<${tag}> tells what each of its parts is, and of none that it has not`, () => {
    const documented = [...read(tag).matchAll(/@csspart ([\w-]+) - /g)].map(([, part]) => part!);
    const present = [...files.flatMap((file) => partsIn(read(file))), ...handsOn];
    deepEqual(sorted(documented), sorted(present));
    if (all) deepEqual(sorted(all), sorted(present), 'what those around it hand on');
  });
}

test('a part is handed on under its own name, or with a prefix', () => {
  deepEqual(handOn(['time', 'day']), 'time:time,day:day');
  deepEqual(handOn(['time', 'day'], 'list-'), 'time:list-time,day:list-day');
});
