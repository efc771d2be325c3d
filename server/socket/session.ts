import { randomBytes } from 'node:crypto';
import { closeCodes, protocolVersion, rhythms } from '#protocol/codes';
import { clientEnvelope, type RequestKind, type ServerFrame, typingFrame } from '#protocol/frames';
import { isRequestKind, parseInput } from '../actions/parse-input.ts';
import { TokenBucket } from '../actions/rate-limiter.ts';
import type { Identity } from '../auth/auth.ts';
import { TokenEndedError } from '../auth/auth.ts';
import type { Actor } from '../context.ts';
import { ChatterError } from '../errors.ts';
import { answer } from './handlers.ts';
import { parseHello } from './hello.ts';
import { Liveness } from './liveness.ts';
import { Outlet } from './outlet.ts';
import { RequestLines } from './request-lines.ts';
import type { Watcher } from './presence-watches.ts';
import type { Subscription } from './room-feed.ts';
import type { SessionDoor, SessionSocket } from './session-socket.ts';
import type { Sessions } from './sessions.ts';
import type { SharedFrame } from './shared-frame.ts';

const maxBadFrames = 10;

type State =
  | { phase: 'awaiting-hello'; since: number }
  | { phase: 'authenticating' }
  /** `warnAt`: when the end of the token is to be announced; undefined once that is done, and for one without an end. */
  | { phase: 'live'; identity: Identity; leave: () => void; warnAt: number | undefined }
  | { phase: 'closed'; identity?: Identity };

/** One socket, from its first frame to its end. */
export class Session implements SessionDoor, Watcher {
  readonly id = randomBytes(12).toString('base64url');
  /** Open rooms; kept by the hub. */
  readonly subscriptions = new Map<string, Subscription>();
  readonly #sessions: Sessions;
  readonly #liveness: Liveness;
  readonly #outlet: Outlet;
  readonly #requests: RequestLines;
  readonly #frames: TokenBucket;
  /** Most sessions are never refused a frame, and most stand idle: what they do not need is not there. */
  #refusals: TokenBucket | undefined;
  #state: State;
  #badFrames = 0;

  constructor(sessions: Sessions, socket: SessionSocket) {
    const { clock, metrics } = sessions.context;
    this.#sessions = sessions;
    this.#frames = new TokenBucket(sessions.frameRate, clock.now());
    this.#state = { phase: 'awaiting-hello', since: clock.monotonic() };
    this.#liveness = new Liveness(socket, clock);
    this.#outlet = new Outlet(socket, clock, metrics, this);
    this.#requests = new RequestLines(this.#outlet);
  }

  get isLive(): boolean {
    return this.#state.phase === 'live';
  }

  get #isAnonymous(): boolean {
    return this.#state.phase === 'awaiting-hello' || this.#state.phase === 'authenticating';
  }

  /** Who asks, through this session. */
  get actor(): Actor {
    return { ...this.#identity, session: this.id };
  }

  get tenant(): string {
    return this.#identity.tenant;
  }

  get userId(): string {
    return this.#identity.user.id;
  }

  /** Whether what may be said later should be: `Hub.recovered` is called when its time has come. */
  leavesOut(): boolean {
    return this.#outlet.leavesOut();
  }

  /** Resolves when every request that has begun was answered. Asked once, when the server goes away. */
  settled(): Promise<void> {
    return this.#requests.settled();
  }

  get #identity(): Identity {
    const identity = 'identity' in this.#state ? this.#state.identity : undefined;
    if (!identity) throw new Error('A session has a person only when it has said who it is.');
    return identity;
  }

  receive(text: string): void {
    if (this.#state.phase === 'closed') return;
    this.heard();
    switch (this.#state.phase) {
      case 'awaiting-hello':
        void this.#hello(text);
        return;
      case 'authenticating':
        return this.end(closeCodes.badFrame, 'Wait for ready before saying more.');
      case 'live':
        return this.#receiveLive(text);
    }
  }

  heard(): void {
    this.#liveness.heard();
  }

  closed(code?: number): void {
    if (this.#state.phase === 'closed') return;
    this.#sessions.context.metrics.sessionClosed(code);
    const live = this.#state.phase === 'live' ? this.#state : undefined;
    this.#state = { phase: 'closed', identity: live?.identity };
    live?.leave();
    this.#requests.end();
    this.#sessions.forget(this);
  }

  send(frame: ServerFrame): void {
    this.#outlet.send(JSON.stringify(frame));
  }

  sendShared(frame: SharedFrame): void {
    this.#outlet.sendShared(frame);
  }

  /** A frame that is left out where the reader is slow. */
  sendEphemeral(frame: SharedFrame): void {
    if (!this.leavesOut()) this.sendShared(frame);
  }

  tellPresence(online: string[], offline: string[]): boolean {
    const isTold = !this.leavesOut();
    if (isTold) this.send({ kind: 'presence', online, offline });
    return isTold;
  }

  end(code: number, reason: string): void {
    if (this.#state.phase === 'closed') return;
    this.#outlet.close(code, reason);
    this.closed(code);
  }

  endAsSlow(): void {
    this.end(closeCodes.slowReader, 'You read too slowly: come back and go on from where you are.');
  }

  /** The session's person proved anew who they are (C6). */
  renew(identity: Identity): void {
    if (this.#state.phase !== 'live') return;
    const { tenant, user } = this.#state.identity;
    if (identity.tenant !== tenant || identity.user.id !== user.id) {
      this.end(closeCodes.revoked, 'This token is of somebody else.');
      throw new ChatterError('forbidden', 'This token is of somebody else.');
    }
    this.#state = { ...this.#state, identity, warnAt: this.#warnAt(identity) };
  }

  /** Ends the session where what it came in with was revoked since (G7). */
  endIfRevoked(): void {
    if (this.#state.phase !== 'live') return;
    const verdict = this.#sessions.context.revocations.verdict(this.#state.identity);
    if (verdict === 'revoked') this.end(closeCodes.revoked, 'You may not chat here any more.');
    if (verdict === 'ended') this.end(closeCodes.tokenExpired, 'The token has ended: fetch another and come back.');
  }

  /** Everything that time does to a session; called about once a second. */
  tick(now: number, monotonic: number): void {
    switch (this.#state.phase) {
      case 'awaiting-hello':
        if (monotonic - this.#state.since >= this.#sessions.context.limits.helloTimeoutMs) {
          this.end(closeCodes.helloTimeout, 'The first frame is hello, and it did not come.');
        }
        return;
      case 'authenticating':
        if (this.#liveness.isSilent) this.end(closeCodes.overloaded, 'The server cannot let you in now: come back later.');
        return;
      case 'live':
        this.#tickToken(now, this.#state);
        this.#tickSilence(monotonic);
        this.#tickReader(monotonic);
        return;
      default:
        return;
    }
  }

  async #hello(text: string): Promise<void> {
    const { context, auth, hub } = this.#sessions;
    context.metrics.frameReceived('hello');
    const hello = parseHello(text);
    if (typeof hello === 'string') return this.end(closeCodes.badFrame, hello);
    if (hello.version !== protocolVersion) {
      return this.end(closeCodes.unsupportedVersion, `This server speaks version ${protocolVersion} of the protocol.`);
    }
    this.#state = { phase: 'authenticating' };
    try {
      const identity = await auth.authenticate(hello.token);
      await Promise.all([context.knownPeople.meet(identity), hub.listen()]);
      if (!this.#isAnonymous) return;
      this.#takeAPlace(hub.sessionsOf(identity.tenant, identity.user.id));
      this.#state = { phase: 'live', identity, warnAt: this.#warnAt(identity), leave: () => {} };
      this.#sessions.letIn(this);
      this.#state.leave = hub.join(this, identity.tenant, identity.user.id);
      // Since the token was looked at, something was awaited.
      this.endIfRevoked();
      if (!this.isLive) return;
      const { textCharacters, frameBytes, roomsPerConnection } = context.limits;
      this.send({
        kind: 'ready', ref: hello.ref, version: protocolVersion, session: this.id, user: identity.user, tenant: identity.tenant,
        now: context.clock.now(), expiresAt: identity.expiresAt, limits: { textCharacters, frameBytes, roomsPerConnection },
      });
    } catch (error) {
      this.#refuseHello(error);
    }
  }

  /**
   * A person has so many places. Where none is left it is more likely that connections broke which nobody has missed yet than
   * that all are in use: the newcomer takes the place of one of those (C11). A tab that is only looked at may have been silent
   * for longer than they are, so who takes the last place has the others asked, and it is known when the next one comes.
   */
  #takeAPlace(taken: readonly Session[]): void {
    const { connectionsPerUser } = this.#sessions.context.limits;
    if (taken.length + 1 < connectionsPerUser) return;
    if (taken.length >= connectionsPerUser) {
      const gone = taken.reduce((likeliest, other) => (other.#liveness.isLikelierGoneThan(likeliest.#liveness) ? other : likeliest));
      gone.end(closeCodes.displaced, `This chat is open in more than ${connectionsPerUser} places. Close some, and reload this one.`);
    }
    for (const other of taken) if (other.isLive) other.#liveness.ask();
  }

  #refuseHello(error: unknown): void {
    if (error instanceof TokenEndedError) return this.end(closeCodes.tokenExpired, error.message);
    if (error instanceof ChatterError && error.code === 'forbidden') return this.end(closeCodes.revoked, error.message);
    if (error instanceof ChatterError && error.code === 'unauthorized') {
      this.#sessions.refusals.warn('A token was refused.', { cause: refusalCause(error) });
      return this.end(closeCodes.unauthorized, error.message);
    }
    this.#sessions.context.troubles.tell('A hello could not be answered.', error);
    this.end(closeCodes.overloaded, 'The server cannot let anyone in now: come back later.');
  }

  #receiveLive(text: string): void {
    const { context } = this.#sessions;
    if (Buffer.byteLength(text) > context.limits.frameBytes) {
      return this.end(1009, `A frame may have up to ${context.limits.frameBytes} bytes.`);
    }
    const now = context.clock.now();
    const afterMs = this.#frames.take(now);
    const json = parseJson(text);
    if (afterMs > 0) return this.#refuseFrame(refOf(json), afterMs, now);
    const envelope = clientEnvelope.safeParse(json);
    if (!envelope.success) return this.#badFrame(refOf(json), 'A frame is a JSON object with a kind, and a request has a ref.');
    const { kind, ref } = envelope.data;
    context.metrics.frameReceived(kind);
    if (kind === 'heartbeat') return this.send({ kind: 'heartbeat' });
    if (kind === 'typing') return this.#typing(envelope.data, now);
    if (ref === undefined) return isRequestKind(kind) ? this.#badFrame(undefined, `${kind} needs a ref.`) : undefined;
    if (isRequestKind(kind)) return this.#request(kind, ref, envelope.data);
    this.#refuse(ref, new ChatterError('unsupported', `This server does not know "${kind}".`));
  }

  #request(kind: RequestKind, ref: number, frame: object): void {
    let input: { room?: string };
    try {
      input = parseInput(kind, frame) as { room?: string };
    } catch (error) {
      return this.#badFrame(ref, (error as ChatterError).message);
    }
    this.#badFrames = 0;
    if (this.#requests.isFull) {
      return this.#refuse(ref, new ChatterError('unavailable', 'Too many of your requests are waiting for an answer.', { afterMs: 1_000 }));
    }
    try {
      this.#sessions.context.rates.takeRequest(this.tenant, this.userId);
    } catch (error) {
      return this.#refuse(ref, error);
    }
    const readAt = performance.now();
    this.#requests.begin(kind, input, () => this.#answer(kind, ref, input, readAt));
  }

  /** Never rejects. */
  async #answer(kind: RequestKind, ref: number, input: object, readAt: number): Promise<void> {
    const { metrics } = this.#sessions.context;
    const later: (() => void)[] = [];
    try {
      if (!this.isLive) return;
      const data = await answer(this.#sessions, this, kind, input, (callback) => later.push(callback));
      if (!this.isLive) return;
      this.send({ kind: 'ok', ref, data });
      metrics.answered('ok');
      for (const callback of later) callback();
    } catch (error) {
      this.#refuse(ref, error);
    } finally {
      metrics.requestTook(kind, performance.now() - readAt);
    }
  }

  #typing(frame: object, now: number): void {
    const { hub } = this.#sessions;
    const typing = typingFrame.safeParse(frame).data;
    if (!typing) return;
    const { room, active } = typing;
    // Only where one stands in the room; whoever was taken out has no subscription (R10).
    const subscription = this.subscriptions.get(room);
    if (subscription?.state !== 'live') return;
    const { typedAt } = subscription;
    // Where the clock of the machine was set back, it was longer ago than it seems.
    if (active && typedAt !== undefined && now >= typedAt && now - typedAt < rhythms.typingEveryMs) return;
    if (!active && typedAt === undefined) return;
    subscription.typedAt = active ? now : undefined;
    hub.typing(this.tenant, room, this.#identity.user, active);
  }

  #refuseFrame(ref: number | undefined, afterMs: number, now: number): void {
    this.#sessions.context.metrics.rateLimited('frames');
    this.#refusals ??= new TokenBucket(this.#sessions.refusalRate, now);
    if (this.#refusals.take(now) > 0) return this.end(closeCodes.rateLimited, 'That was a flood.');
    this.#refuse(ref, new ChatterError('rate_limited', 'You are saying more than this connection takes.', { afterMs }));
  }

  #badFrame(ref: number | undefined, sentence: string): void {
    this.#badFrames += 1;
    this.#refuse(ref, new ChatterError('bad_frame', sentence));
    if (this.#badFrames >= maxBadFrames) this.end(closeCodes.badFrame, 'Too many frames in a row made no sense.');
  }

  #refuse(ref: number | undefined, error: unknown): void {
    if (!this.isLive) return;
    this.#sessions.context.troubles.tell('A request failed.', error, () => ({ session: this.id }));
    const refusal = error instanceof ChatterError ? error : new ChatterError('internal', 'Something went wrong here.');
    this.send({ kind: 'error', ref, ...refusal.toWire() });
    this.#sessions.context.metrics.answered(refusal.code);
  }

  #tickToken(now: number, state: Extract<State, { phase: 'live' }>): void {
    const { expiresAt } = state.identity;
    if (expiresAt === undefined) return;
    if (now >= expiresAt + rhythms.tokenGraceMs) {
      return this.end(closeCodes.tokenExpired, 'The token has ended: fetch another and come back.');
    }
    if (state.warnAt !== undefined && now >= state.warnAt) {
      state.warnAt = undefined;
      this.send({ kind: 'token.expiring', inMs: Math.max(0, expiresAt - now) });
    }
  }

  /** A token that is shorter than the warning would be announced as soon as it came, and so would the next one. */
  #warnAt({ expiresAt }: Identity): number | undefined {
    return expiresAt === undefined ? undefined : Math.max(expiresAt - rhythms.tokenWarningMs, (this.#sessions.context.clock.now() + expiresAt) / 2);
  }

  #tickSilence(monotonic: number): void {
    if (!this.isLive) return;
    if (this.#liveness.isGone) return this.end(closeCodes.noHeartbeat, 'Nothing was heard of you.');
    this.#liveness.tick();
    // A page cannot see the ping of a websocket, so a frame says the same.
    if (monotonic - this.#outlet.spokeAt >= rhythms.heartbeatMs) this.send({ kind: 'heartbeat' });
  }

  #tickReader(monotonic: number): void {
    if (this.isLive && this.#outlet.hasRecovered(monotonic)) this.#sessions.hub.recovered(this);
    this.#requests.proceed();
  }
}

/** Why a token was refused, for whoever runs the server; the token itself is in none of it. */
function refusalCause(error: ChatterError): string {
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Answered as a bad frame.
  }
}

/** The ref of something that may be no frame at all, so that even its refusal finds the one who waits. */
function refOf(json: unknown): number | undefined {
  return clientEnvelope.shape.ref.safeParse((json as { ref?: unknown } | null | undefined)?.ref).data;
}
