import { ChatterError } from '../errors.ts';

/** What stores refuse with: the same words from every implementation. */
export function noSuchRoom(): ChatterError {
  return new ChatterError('not_found', 'There is no such room.');
}

export function noSuchMessage(): ChatterError {
  return new ChatterError('not_found', 'There is no such message in this room.');
}

export function usedClientMsgId(): ChatterError {
  return new ChatterError('conflict', 'This clientMsgId was used for another text. Make a new id for a new message.');
}

export function roomIsHeld(): ChatterError {
  return new ChatterError('unavailable', 'This room is busy. Try again in a moment.', { afterMs: 1_000 });
}

export function storeClosed(): ChatterError {
  return new ChatterError('unavailable', 'The server is going away. Try again in a moment.', { afterMs: 1_000 });
}
