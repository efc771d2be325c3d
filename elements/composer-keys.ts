/** What Enter means in the composer. */
export type ComposerKeyIntent = 'send' | 'newline' | 'blur' | 'none';

/** The fields of a KeyboardEvent that decide. */
export interface ComposerKey {
  key: string;
  keyCode: number;
  isComposing: boolean;
  shiftKey: boolean;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
}

/**
 * Enter sends, Shift+Enter (and Alt+Enter) breaks the line. Where people type by touch, Enter breaks the line and the button
 * sends; a keyboard's Ctrl+Enter or Cmd+Enter sends everywhere.
 *
 * While an input method composes, Enter picks a word and must do nothing else. `isComposing` alone does not tell: Safari ends the
 * composition *before* that Enter, and marks it only by key code 229.
 */
export function readComposerKey(event: ComposerKey, typesByTouch: boolean): ComposerKeyIntent {
  if (event.isComposing || event.keyCode === 229) return 'none';
  if (event.key === 'Escape') return 'blur';
  if (event.key !== 'Enter') return 'none';
  if (event.ctrlKey || event.metaKey) return 'send';
  if (event.shiftKey || event.altKey || typesByTouch) return 'newline';
  return 'send';
}

/** Whether a keyboard comes up on the screen where one writes. */
export function typesByTouch(): boolean {
  return matchMedia('(hover: none) and (pointer: coarse)').matches;
}
