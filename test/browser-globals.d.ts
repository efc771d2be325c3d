/**
 * What Mocha puts into the page of a `*.browser.ts` test, as far as these tests use it: no `only` and no `skip`, on purpose.
 * Tests in Node import theirs from `node:test`.
 */
declare function describe(name: string, suite: () => void): void;
declare function it(name: string, test: () => void | Promise<void>): void;
declare function before(hook: () => void | Promise<void>): void;
declare function after(hook: () => void | Promise<void>): void;
declare function beforeEach(hook: () => void | Promise<void>): void;
declare function afterEach(hook: () => void | Promise<void>): void;
