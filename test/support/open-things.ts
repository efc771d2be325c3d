import type { ChatClient } from '../../elements/client/chat-client.ts';

/** What was begun and not ended yet, by kind. */
export type OpenThings = Record<'listeners' | 'timers' | 'observers' | 'watches' | 'nodes', number>;

/**
 * Counts what elements begin on the page around them: listeners of window, document and the visual viewport, timers,
 * observers, what they watch of a client, and nodes. `undo` gives the page its own functions back.
 */
export function countOpenThings(client: ChatClient, roomId: string): { count: () => OpenThings; undo: () => void } {
  const undos: (() => void)[] = [];
  const replace = <T extends object, K extends keyof T>(holder: T, name: K, make: (own: T[K]) => T[K]): void => {
    const own = holder[name];
    const isOwn = Object.hasOwn(holder, name);
    holder[name] = make(own);
    undos.push(() => {
      if (isOwn) holder[name] = own;
      else delete holder[name];
    });
  };

  const listeners = new Set<string>();
  const numbers = new Map<unknown, number>();
  const numberOf = (listener: unknown): number => numbers.get(listener) ?? (numbers.set(listener, numbers.size), numbers.size - 1);
  for (const [name, target] of Object.entries({ window, document, viewport: window.visualViewport! })) {
    replace(target as EventTarget, 'addEventListener', (own) => function (this: EventTarget, type, listener, options) {
      const key = `${name} ${type} ${numberOf(listener)}`;
      listeners.add(key);
      if (typeof options === 'object') options.signal?.addEventListener('abort', () => listeners.delete(key));
      own.call(target, type, listener, options);
    });
    replace(target as EventTarget, 'removeEventListener', (own) => function (this: EventTarget, type, listener, options) {
      listeners.delete(`${name} ${type} ${numberOf(listener)}`);
      own.call(target, type, listener, options);
    });
  }

  const timers = new Set<number>();
  replace(window, 'setTimeout', (own) => ((run: () => void, ms?: number) => {
    const timer = own.call(window, () => {
      timers.delete(timer);
      run();
    }, ms) as unknown as number;
    timers.add(timer);
    return timer;
  }) as unknown as typeof setTimeout);
  replace(window, 'clearTimeout', (own) => (timer) => {
    timers.delete(timer as unknown as number);
    own.call(window, timer);
  });

  const observers = new Set<unknown>();
  for (const { prototype } of [ResizeObserver, IntersectionObserver, MutationObserver]) {
    replace(prototype as ResizeObserver, 'observe', (own) => function (this: ResizeObserver, target, options) {
      observers.add(this);
      own.call(this, target, options);
    });
    replace(prototype as ResizeObserver, 'disconnect', (own) => function (this: ResizeObserver) {
      observers.delete(this);
      own.call(this);
    });
  }

  let watches = 0;
  const counted = (undo: () => void): (() => void) => {
    watches += 1;
    let isOver = false;
    return () => {
      if (!isOver) watches -= 1;
      isOver = true;
      undo();
    };
  };
  const room = client.room(roomId);
  replace(client, 'onChange', (own) => (listener) => counted(own.call(client, listener)));
  replace(client, 'watchPresence', (own) => (ids, listener) => counted(own.call(client, ids, listener)));
  replace(client.rooms, 'onChange', (own) => (listener) => counted(own.call(client.rooms, listener)));
  replace(room, 'onChange', (own) => (listener) => counted(own.call(room, listener)));
  replace(room, 'open', (own) => () => counted(own.call(room)));

  return {
    count: () => ({
      listeners: listeners.size, timers: timers.size, observers: observers.size, watches,
      nodes: document.querySelectorAll('*').length,
    }),
    undo: () => undos.splice(0).reverse().forEach((undo) => undo()),
  };
}
