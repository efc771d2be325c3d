import { writeFileSync } from 'node:fs';
import { durableSends } from './durable-sends.ts';
import { bareFanOut, chatterFanOut, type FanOutShape } from './fan-out.ts';
import { bareIdleMemory, chatterIdleMemory } from './idle-memory.ts';
import { machineName } from './machine.ts';
import { fanOutRows, idleMemoryRows, printTable, sendsRow, type Row } from './report.ts';

/**
 * `npm run bench` measures and prints; `npm run bench -- --save` also writes `results.json`, from which the README's table
 * is made. Each server runs in a process of its own; the load shares the machine with it.
 */
const fanOutShape: FanOutShape = { sessions: 1_000, senders: 20, window: 8, messages: 3_000, calmMessages: 200, calmPerSecond: 20 };
const idleConnections = 2_000;

const rows: Row[] = [];
const { result, frameBytes } = await chatterFanOut(fanOutShape);
rows.push(...fanOutRows(fanOutShape, frameBytes, result, await bareFanOut(fanOutShape, frameBytes)));
rows.push(sendsRow('50 people in one room', await durableSends({ senders: 50, roomSize: 50, window: 8, messages: 30_000 })));
rows.push(sendsRow('50 people in 25 rooms of two', await durableSends({ senders: 50, roomSize: 2, window: 8, messages: 30_000 })));
rows.push(...idleMemoryRows(idleConnections, await chatterIdleMemory(idleConnections), await bareIdleMemory(idleConnections)));

const machine = machineName();
const date = new Date().toISOString().slice(0, 10);
printTable(rows);
console.log(`\n${machine}; load and server on the same machine; ${date}`);
if (process.argv.includes('--save')) {
  writeFileSync(new URL('./results.json', import.meta.url), `${JSON.stringify({ machine, date, rows }, null, 2)}\n`);
}
