import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkBounded } from './bounded.ts';
import { Story } from './story.ts';

const mebibyte = 2 ** 20;

test('G9: memory that its connections explain is well, and more of it is seen', () => {
  const story = new Story();
  story.add('memory', { node: 'node1', rssBytes: 150 * mebibyte, sessions: 0 });
  story.add('memory', { node: 'node1', rssBytes: 290 * mebibyte, sessions: 30 });
  assert.deepEqual(story.judge(checkBounded), []);
  story.add('memory', { node: 'node1', rssBytes: 400 * mebibyte, sessions: 30 });
  assert.deepEqual(story.judge(checkBounded), ['G9: node1 took 400 MiB for 30 connections.']);
});

test('G9: a node that ends by itself is seen, and one that was killed is not', () => {
  const story = new Story();
  story.add('node', { node: 'node1', what: 'killed', detail: '' });
  assert.deepEqual(story.judge(checkBounded), []);
  story.add('node', { node: 'node1', what: 'broke', detail: 'ended with 1' });
  assert.deepEqual(story.judge(checkBounded), ['G9: node1 ended by itself: ended with 1']);
});
