import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { History } from '../history.ts';
import type { FromNode, NodeOptions, Question, Revocable, ToNode } from './node-messages.ts';

/** A late sample of a node, or a late timer of ours, counts as a stall from here on. */
export const stallMs = 200;
/** What a node said last is kept to this length, for the report of one that broke. */
const keptOutput = 4_000;
/** Starts that may fail in a row: each takes a second or two, and a database that was killed some more to come back. */
const maxTries = 20;

/** One node's process, as its machine sees it: started, killed, stopped, started again on the same port. */
export class NodeProcess {
  readonly options: NodeOptions;
  readonly #history: History;
  #child: ChildProcess | undefined;
  /** Whether the end of the process is somebody's will. */
  #mayDie = false;
  #isPaused = false;
  #clockOffsetMs = 0;
  #output = '';
  #questions = 0;

  constructor(options: NodeOptions, history: History) {
    this.options = options;
    this.#history = history;
  }

  get name(): string {
    return this.options.name;
  }

  /** Listening, and not standing still. */
  get isUp(): boolean {
    return this.#child !== undefined && !this.#isPaused;
  }

  /** Its clock shows what the others show. */
  get isOnTime(): boolean {
    return this.#clockOffsetMs === 0;
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  /** Resolves when it listens. Where the database cannot be opened now, it ends and is started again, as by systemd. */
  async start(): Promise<void> {
    for (let triesLeft = maxTries; ; triesLeft -= 1) {
      try {
        return await this.#startOnce();
      } catch (error) {
        if (triesLeft === 0) throw error;
      }
    }
  }

  async #startOnce(): Promise<void> {
    const child = fork(fileURLToPath(new URL('./main.ts', import.meta.url)), [JSON.stringify(this.options)], {
      execArgv: ['--import', 'tsx'], stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#mayDie = false;
    this.#output = '';
    this.#clockOffsetMs = 0;
    for (const pipe of [child.stdout!, child.stderr!]) {
      pipe.on('data', (data: Buffer) => (this.#output = (this.#output + data.toString()).slice(-keptOutput)));
    }
    let isListening = false;
    await new Promise<void>((resolve, reject) => {
      child.on('message', (message: FromNode) => {
        if (message.type !== 'listening') return this.#hear(message);
        isListening = true;
        resolve();
      });
      child.once('exit', (code, signal) => {
        if (isListening) this.#ended(child, code, signal);
        else reject(new Error(`Node ${this.name} ended with ${code ?? signal} before it listened:\n${this.#output}`));
      });
    });
    this.#child = child;
    this.#history.add('node', { node: this.name, what: 'started', detail: '' });
  }

  /** As `kill -9`. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** As a deployment does it: told to go, and waited for. */
  async terminate(): Promise<void> {
    await this.#end('SIGTERM');
  }

  pause(): void {
    this.#isPaused = true;
    this.#child?.kill('SIGSTOP');
    this.#history.add('node', { node: this.name, what: 'paused', detail: '' });
  }

  resume(): void {
    this.#isPaused = false;
    this.#child?.kill('SIGCONT');
    this.#history.add('node', { node: this.name, what: 'resumed', detail: '' });
  }

  setClock(offsetMs: number): void {
    this.#clockOffsetMs = offsetMs;
    this.tell({ type: 'clock', offsetMs });
  }

  /** It will die of what it is told now: that is no fault of its own. Resolves when it has, or `patience` is over. */
  async dieOf(message: ToNode, patience: Promise<void>): Promise<boolean> {
    const child = this.#child;
    if (!child) return false;
    this.#mayDie = true;
    const died = once(child, 'exit').then(() => true);
    this.tell(message);
    if (await Promise.race([died, patience.then(() => false)])) return true;
    // Until it has heard that it may live on, it may still die.
    const lives = await this.#ask({ type: 'live-on' });
    if (lives) this.#mayDie = false;
    return !lives;
  }

  /** Resolves to whether the node has said that it is done; to false where it died over it. */
  revoke(tenant: string, what: Revocable, isRevoked: boolean): Promise<boolean> {
    return this.#ask({ type: 'revoke', tenant, what, isRevoked });
  }

  tell(message: ToNode): void {
    if (this.#child?.connected === true) this.#child.send(message);
  }

  async #ask(question: Question): Promise<boolean> {
    const child = this.#child;
    if (!child) return false;
    const id = ++this.#questions;
    return new Promise((resolve) => {
      const onMessage = (message: FromNode): void => {
        if (message.type === 'done' && message.id === id) settle(message.isWell);
      };
      const onExit = (): void => settle(false);
      const settle = (isWell: boolean): void => {
        child.off('message', onMessage);
        child.off('exit', onExit);
        resolve(isWell);
      };
      child.on('message', onMessage);
      child.once('exit', onExit);
      this.tell({ ...question, id });
    });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.#mayDie = true;
    const exit = once(child, 'exit');
    child.kill(signal);
    // Who stands still hears of no other signal than SIGKILL.
    child.kill('SIGCONT');
    await exit;
  }

  #hear(message: FromNode): void {
    if (message.type === 'sample') {
      const { rssBytes, sessions, lagMs } = message;
      this.#history.add('memory', { node: this.name, rssBytes, sessions });
      if (lagMs > stallMs) this.#history.add('stall', { who: this.name, ms: lagMs });
    } else if (message.type === 'bus') {
      this.#history.add('bus', { node: this.name, mode: message.mode });
    }
  }

  #ended(child: ChildProcess, code: number | null, signal: NodeJS.Signals | null): void {
    const what = signal === 'SIGKILL' && this.#mayDie ? 'killed' : code === 0 && this.#mayDie ? 'ended' : 'broke';
    const detail = what === 'broke' ? `ended with ${code ?? signal}:\n${this.#output}` : '';
    if (this.#child === child) this.#child = undefined;
    this.#isPaused = false;
    this.#history.add('node', { node: this.name, what, detail });
  }
}
