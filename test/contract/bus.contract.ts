import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Bus } from '../../server/bus/bus.ts';

/** What a test needs of an implementation: nodes on one broker, and a way to lose the line to it. */
export interface BusWorld {
  /** A new node. */
  bus(): Promise<Bus>;
  /** Makes deliveries get lost and come back, as a reconnect does. */
  interrupt(): Promise<void>;
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

    it('tells of a gap when deliveries may have been lost, and then works on', inWorld(async (world) => {
      const [from, to] = [await world.bus(), await world.bus()];
      const heard = record(to);
      await to.subscribe('garden');
      const gap = new Promise<void>((resolve) => void to.onGap(resolve));
      await world.interrupt();
      await gap;
      from.publish('garden', 'again');
      await heard.count(1);
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

function record(bus: Bus): { all: Heard[]; count(least: number): Promise<void>; stop(): void } {
  const all: Heard[] = [];
  let wake = (): void => {};
  const stop = bus.onDelivery((topic, payload) => {
    all.push({ topic, payload });
    wake();
  });
  return {
    all, stop,
    async count(least) {
      while (all.length < least) await new Promise<void>((resolve) => (wake = resolve));
    },
  };
}
