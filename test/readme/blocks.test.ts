import assert from 'node:assert/strict';
import { it } from 'node:test';
import { claimedSnippets, readSnippets, type Snippet } from '../support/readme.ts';

const nameOf = ({ heading, language, number }: Omit<Snippet, 'text'>): string => `${heading}: ${language === '' ? '(no language)' : language} ${number}`;

it('every block of the README is run by a test of this folder, and every test runs one that is there', () => {
  const written = readSnippets().map(nameOf);
  const claimed = claimedSnippets().map(nameOf);
  assert.ok(written.length > 10, `${written.length} blocks`);
  assert.deepEqual(written.filter((name) => !claimed.includes(name)), [], 'blocks that nothing runs');
  assert.deepEqual(claimed.filter((name) => !written.includes(name)), [], 'tests of blocks that are gone');
});
