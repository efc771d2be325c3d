import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Bus } from '../../server/bus/bus.ts';

/** What a test needs of an implementation: nodes on one broker, and a way to lose the line to it. */
export interface BusWorld {
  /** A new node. It is up, unless the broker is down. */
  bus(): Promise<Bus>;
  /** The broker is gone. Resolves when all nodes know. */
  down(): Promise<void>;
  /** It is there again. Resolves when all nodes are up. */
  up(): Promise<void>;
  close(): Promise<void>;
}

interface Heard {
  topic: string;
  payload: string;
}

/** What every bus keeps. `open` makes a world that nobody else is in. */
export function busContract(name: string, open: () => Promise<BusWorld>): void {
  describe(`${name} as a bus`, () => {
    const inWorld = (test: (world: BusWorld) => Promise<void>) => async () => {
      const world = await open();
      try {
        await test(world);
      } finally {
        await world.close();
      }
    };

    it('carries what is published on a topic to the other nodes that listen to it', inWorld(async (world) => {
      const [from, to, other] = [await world.bus(), await world.bus(), await world.bus()];
      const [heard, heardElsewhere] = [record(to), record(other)];
      await to.subscribe('garden');
      await other.subscribe('kitchen');
      from.publish('garden', 'hello');
      from.publish('kitchen', 'soup');
      await heard.count(1);
      await heardElsewhere.count(1);
      assert.deepEqual(heard.all, [{ topic: 'garden', payload: 'hello' }]);
      assert.deepEqual(heardElsewhere.all, [{ topic: 'kitchen', payload: 'soup' }]);
    }));

    it('never brings a node its own words', inWorld(async (world) => {
      const [self, other] = [await world.bus(), await world.bus()];
      const [heard, heardByOther] = [record(self), record(other)];
      await Promise.all([self.subscribe('garden'), other.subscribe('garden')]);
      self.publish('garden', 'mine');
      await heardByOther.count(1);
      other.publish('garden', 'yours');
      await heard.count(1);
      assert.deepEqual(heard.all.map(({ payload }) => payload), ['yours']);
    }));

    it('what is published after a subscription has resolved is heard, also by the one that follows at once', inWorld(async (world) => {
      const from = await world.bus();
      for (let round = 0; round < 20; round++) {
        const to = await world.bus();
        const heard = record(to);
        await to.subscribe(`round ${round}`);
        from.publish(`round ${round}`, 'now');
        await heard.count(1);
      }
    }));

    it('carries any text, whole', inWorld(async (world) => {
      const [from, to] = [await world.bus(), await world.bus()];
      const heard = record(to);
      await to.subscribe('garden');
      const payloads = ['', '\u0000', '\u2028\r\n', 'ünï\u{1F331}', JSON.stringify({ text: 'x'.repeat(200_000) })];
      for (const payload of payloads) from.publish('garden', payload);
      await heard.count(payloads.length);
      assert.deepEqual(heard.all.map(({ payload }) => payload).sort(), [...payloads].sort());
    }));

    it('after unsubscribing nothing of the topic comes, and the others go on', inWorld(async (world) => {
      const [from, to] = [await world.bus(), await world.bus()];
      const heard = record(to);
      await Promise.all([to.subscribe('garden'), to.subscribe('kitchen')]);
      await to.unsubscribe('garden');
      from.publish('garden', 'hello');
      from.publish('kitchen', 'soup');
      await heard.count(1);
      assert.deepEqual(heard.all, [{ topic: 'kitchen', payload: 'soup' }]);
    }));

    it('listeners are let go by their undo', inWorld(async (world) => {
      const [from, to] = [await world.bus(), await world.bus()];
      const gone = record(to);
      const heard = record(to);
      await to.subscribe('garden');
      gone.stop();
      from.publish('garden', 'hello');
      await heard.count(1);
      assert.deepEqual(gone.all, []);
    }));

    it('a listener that throws is told to onError, and the next delivery comes', inWorld(async (world) => {
      const [from, to] = [await world.bus(), await world.bus()];
      const stages: string[] = [];
      to.onError((_error, stage) => stages.push(stage));
      const undo = to.onDelivery(() => {
        throw new Error('clumsy');
      });
      const heard = record(to);
      await to.subscribe('garden');
      from.publish('garden', 'one');
      await heard.count(1);
      undo();
      from.publish('garden', 'two');
      await heard.count(2);
      assert.deepEqual(stages, ['delivery']);
    }));

    it('is up where deliveries can be trusted, down where they cannot, and tells of a gap once they can again', inWorld(async (world) => {
      const [from, to] = [await world.bus(), await world.bus()];
      const heard = record(to);
      await to.subscribe('garden');
      assert.equal(to.mode, 'up');
      const told: string[] = [];
      to.onModeChange((mode) => told.push(`turned ${mode}, is ${to.mode}`));
      to.onGap(() => told.push(`gap, is ${to.mode}`));
      await world.down();
      assert.equal(to.mode, 'down');
      from.publish('garden', 'into the void, or late');
      await world.up();
      assert.deepEqual(told, ['turned down, is down', 'turned up, is up', 'gap, is up']);
      from.publish('garden', 'again');
      await heard.until('again');
    }));

    it('listeners of the mode and of gaps are let go by their undo', inWorld(async (world) => {
      const bus = await world.bus();
      const told: string[] = [];
      bus.onModeChange(() => told.push('mode'))();
      bus.onGap(() => told.push('gap'))();
      await world.down();
      await world.up();
      assert.deepEqual(told, []);
    }));

    it('a topic that is subscribed while it is down is in force when it is up; one that is unsubscribed is not', inWorld(async (world) => {
      const [from, to] = [await world.bus(), await world.bus()];
      const heard = record(to);
      await to.subscribe('kitchen');
      await world.down();
      await Promise.all([to.subscribe('garden'), to.unsubscribe('kitchen')]);
      const late = await world.bus();
      assert.equal(late.mode, 'down');
      const heardByLate = record(late);
      await late.subscribe('garden');
      await world.up();
      assert.equal(late.mode, 'up');
      from.publish('kitchen', 'soup');
      from.publish('garden', 'hello');
      await heard.count(1);
      await heardByLate.count(1);
      assert.deepEqual([...heard.all, ...heardByLate.all].map(({ payload }) => payload), ['hello', 'hello']);
    }));

    it('counts what it says and hears', inWorld(async (world) => {
      const [from, to] = [await world.bus(), await world.bus()];
      const heard = record(to);
      await to.subscribe('garden');
      for (const payload of ['one', 'two', 'three']) from.publish('garden', payload);
      await heard.count(3);
      await from.close();
      assert.deepEqual(from.counters, { published: 3, delivered: 0, unsent: 0, garbage: 0 });
      assert.deepEqual(to.counters, { published: 0, delivered: 3, unsent: 0, garbage: 0 });
    }));

    it('a closed node says and hears nothing, and its calls do no harm', inWorld(async (world) => {
      const [gone, from, to] = [await world.bus(), await world.bus(), await world.bus()];
      const [heardByGone, heard] = [record(gone), record(to)];
      await Promise.all([gone.subscribe('garden'), to.subscribe('garden')]);
      await gone.close();
      gone.publish('garden', 'ghost');
      from.publish('garden', 'hello');
      await heard.count(1);
      assert.deepEqual(heard.all.map(({ payload }) => payload), ['hello']);
      assert.deepEqual(heardByGone.all, []);
      await gone.close();
    }));
  });
}

function record(bus: Bus): { all: Heard[]; count(least: number): Promise<void>; until(payload: string): Promise<void>; stop(): void } {
  const all: Heard[] = [];
  let wake = (): void => {};
  const wait = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await new Promise<void>((resolve) => (wake = resolve));
  };
  const stop = bus.onDelivery((topic, payload) => {
    all.push({ topic, payload });
    wake();
  });
  return {
    all, stop,
    count: (least) => wait(() => all.length >= least),
    until: (last) => wait(() => all.some(({ payload }) => payload === last)),
  };
}
