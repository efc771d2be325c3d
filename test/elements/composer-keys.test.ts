import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readComposerKey, type ComposerKey } from '../../elements/composer-keys.ts';

const enter: ComposerKey = { key: 'Enter', keyCode: 13, isComposing: false, shiftKey: false, altKey: false, ctrlKey: false, metaKey: false };

describe('keys of the composer', () => {
  it('Enter sends, Shift+Enter and Alt+Enter break the line', () => {
    assert.equal(readComposerKey(enter, false), 'send');
    assert.equal(readComposerKey({ ...enter, shiftKey: true }, false), 'newline');
    assert.equal(readComposerKey({ ...enter, altKey: true }, false), 'newline');
  });

  it('by touch Enter breaks the line; Ctrl+Enter and Cmd+Enter send everywhere', () => {
    assert.equal(readComposerKey(enter, true), 'newline');
    assert.equal(readComposerKey({ ...enter, ctrlKey: true }, true), 'send');
    assert.equal(readComposerKey({ ...enter, metaKey: true }, true), 'send');
  });

  it('the Enter that ends a composition sends nothing, in Chromium and Firefox (isComposing) and in Safari (229 after compositionend)', () => {
    assert.equal(readComposerKey({ ...enter, isComposing: true }, false), 'none');
    assert.equal(readComposerKey({ ...enter, keyCode: 229 }, false), 'none');
    assert.equal(readComposerKey({ ...enter, isComposing: true, key: 'Escape', keyCode: 27 }, false), 'none');
  });

  it('Escape leaves the field; any other key is the field’s own', () => {
    assert.equal(readComposerKey({ ...enter, key: 'Escape', keyCode: 27 }, false), 'blur');
    assert.equal(readComposerKey({ ...enter, key: 'ArrowUp', keyCode: 38 }, false), 'none');
  });
});
