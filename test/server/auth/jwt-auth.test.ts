import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { describe, it } from 'node:test';
import { exportJWK, SignJWT, UnsecuredJWT } from 'jose';
import { ChatterError, createJwtAuth, type JwtAuthOptions, TokenEndedError } from '../../../server/index.ts';
import { ManualClock } from '../../support/clock.ts';

const clock = new ManualClock();
const issuer = 'https://login.example.com';
const audience = 'chat';

const secret = randomBytes(32).toString('base64');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
const pem = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();

/** Ways to sign: the algorithm that the header names, and the key that is really used. */
const signers = {
  'HS256 with the secret': { alg: 'HS256', key: new TextEncoder().encode(secret) },
  'HS256 with another secret': { alg: 'HS256', key: randomBytes(32) },
  'HS384 with the secret': { alg: 'HS384', key: new TextEncoder().encode(secret) },
  'HS512 with the secret': { alg: 'HS512', key: new TextEncoder().encode(secret) },
  'HS256 with the public RSA key as the secret': { alg: 'HS256', key: new TextEncoder().encode(pem(rsa.publicKey)) },
  'HS256 with the public EC key as the secret': { alg: 'HS256', key: new TextEncoder().encode(pem(ec.publicKey)) },
  'RS256 with the key': { alg: 'RS256', key: rsa.privateKey },
  'RS512 with the key': { alg: 'RS512', key: rsa.privateKey },
  'PS256 with the key': { alg: 'PS256', key: rsa.privateKey },
  'RS256 with another key': { alg: 'RS256', key: generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey },
  'ES256 with the key': { alg: 'ES256', key: ec.privateKey },
  'ES256 with another key': { alg: 'ES256', key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey },
  'EdDSA with the key': { alg: 'EdDSA', key: ed.privateKey },
} as const;

const trusts: Record<string, { options: JwtAuthOptions; accepts: readonly (keyof typeof signers)[] }> = {
  'a secret': { options: { secrets: [secret] }, accepts: ['HS256 with the secret'] },
  'two secrets': { options: { secrets: [randomBytes(32).toString('hex'), secret] }, accepts: ['HS256 with the secret'] },
  'a public RSA key': { options: { publicKey: pem(rsa.publicKey) }, accepts: ['RS256 with the key'] },
  'a public RSA key for PS256': { options: { publicKey: pem(rsa.publicKey), algorithm: 'PS256' }, accepts: ['PS256 with the key'] },
  'a public EC key': { options: { publicKey: pem(ec.publicKey) }, accepts: ['ES256 with the key'] },
  'a public Ed25519 key': { options: { publicKey: pem(ed.publicKey) }, accepts: ['EdDSA with the key'] },
};

const nowSeconds = clock.now() / 1000;
const good = { sub: 'ann', name: 'Ann', exp: nowSeconds + 300, iss: issuer, aud: audience };
/** What is changed in the claims, and what comes of it where everything else is good. */
const claims: Record<string, { claims: Record<string, unknown>; verdict: 'good' | 'bad' | 'ended' }> = {
  'good claims': { claims: good, verdict: 'good' },
  'no sub': { claims: { ...good, sub: undefined }, verdict: 'bad' },
  'an empty sub': { claims: { ...good, sub: '' }, verdict: 'bad' },
  'a sub with a line break': { claims: { ...good, sub: 'ann\nben' }, verdict: 'bad' },
  'a sub of 129 characters': { claims: { ...good, sub: 'x'.repeat(129) }, verdict: 'bad' },
  'a sub with half a character': { claims: { ...good, sub: 'ann \uD83D' }, verdict: 'bad' },
  'no exp': { claims: { ...good, exp: undefined }, verdict: 'bad' },
  'another issuer': { claims: { ...good, iss: 'https://evil.example.com' }, verdict: 'bad' },
  'no issuer': { claims: { ...good, iss: undefined }, verdict: 'bad' },
  'another audience': { claims: { ...good, aud: 'mail' }, verdict: 'bad' },
  'one of several audiences': { claims: { ...good, aud: ['mail', audience] }, verdict: 'good' },
  'a tenant with NUL': { claims: { ...good, tenant: 'a\u0000b' }, verdict: 'bad' },
  'a tenant that is a number': { claims: { ...good, tenant: 7 }, verdict: 'bad' },
  'an end an hour ago': { claims: { ...good, exp: nowSeconds - 3_600 }, verdict: 'ended' },
  'an end within the skew': { claims: { ...good, exp: nowSeconds - 30 }, verdict: 'good' },
  'a beginning within the skew': { claims: { ...good, nbf: nowSeconds + 30 }, verdict: 'good' },
  'a beginning in an hour': { claims: { ...good, nbf: nowSeconds + 3_600 }, verdict: 'bad' },
};

async function verdictOf(options: JwtAuthOptions, token: string): Promise<'good' | 'bad' | 'ended'> {
  try {
    await (await createJwtAuth({ ...options, clock })).authenticate(token);
    return 'good';
  } catch (error) {
    assert.ok(error instanceof ChatterError, `a refusal, not ${String(error)}`);
    assert.equal(error.code, 'unauthorized');
    return error instanceof TokenEndedError ? 'ended' : 'bad';
  }
}

it('a name is one line that can be seen, whatever the token says; where nothing is left of it, the id stands in', async () => {
  const auth = await createJwtAuth({ secrets: [secret], clock });
  for (const [name, shown] of [
    [' Ann  ', 'Ann'], ['Ann\nBen\u0000', 'Ann Ben'], ['half \uD83D', 'half \uFFFD'], ['\u200B\u2060', 'ann'], [undefined, 'ann'], ['', 'ann'],
  ]) {
    // Signed as it stands: what signs for us would put the half character right.
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part({ alg: 'HS256' })}.${part({ ...good, name })}`;
    const { user } = await auth.authenticate(`${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`);
    assert.equal(user.name, shown, JSON.stringify(name));
  }
});

describe('which tokens are good (C5)', () => {
  for (const [trust, { options, accepts }] of Object.entries(trusts)) {
    it(`with ${trust}: only ${accepts.join(', ')}, and only with ${Object.keys(claims).length} kinds of claims as they should be`, async () => {
      for (const [signer, { alg, key }] of Object.entries(signers)) {
        for (const [name, { claims: payload, verdict }] of Object.entries(claims)) {
          const token = await new SignJWT(payload).setProtectedHeader({ alg }).sign(key);
          const isTrusted = (accepts as readonly string[]).includes(signer);
          assert.equal(await verdictOf({ ...options, issuer, audience }, token), isTrusted ? verdict : 'bad', `${signer}, ${name}`);
        }
      }
    });

    it(`with ${trust}: nothing unsigned, torn, or with a key of its own`, async () => {
      const signer = signers[accepts[0]!];
      const token = await new SignJWT(good).setProtectedHeader({ alg: signer.alg }).sign(signer.key);
      const [header, payload, signature] = token.split('.') as [string, string, string];
      const forged = Buffer.from(JSON.stringify({ ...good, sub: 'ben' })).toString('base64url');
      const bad = [
        new UnsecuredJWT(good).encode(), '', '.', '..', 'null', `${header}.${payload}.`, `${header}.${forged}.${signature}`,
        `${header}.${payload}`, `${token}.${token}`, token.slice(0, -4), `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`,
      ];
      for (const foreign of [{ jwk: await exportJWK(rsa.publicKey) }, { jku: 'https://evil.example.com/keys' }, { x5u: 'https://evil.example.com' }, { x5c: ['x'] }]) {
        bad.push(await new SignJWT(good).setProtectedHeader({ alg: signer.alg, ...foreign } as { alg: string }).sign(signer.key));
      }
      for (const one of bad) assert.equal(await verdictOf({ ...options, issuer, audience }, one), 'bad', one.slice(0, 60));
    });
  }
});

describe('who a token speaks of', () => {
  const identify = async (payload: Record<string, unknown>) => {
    const auth = await createJwtAuth({ secrets: [secret], clock });
    return auth.authenticate(await new SignJWT({ exp: nowSeconds + 300, ...payload }).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret)));
  };

  it('takes the person, the tenant and the end from the claims', async () => {
    assert.deepEqual(await identify({ sub: 'ann', name: 'Ann', avatar: 'https://example.com/a.png', tenant: 'acme' }), {
      tenant: 'acme', user: { id: 'ann', name: 'Ann', avatar: 'https://example.com/a.png' }, expiresAt: (nowSeconds + 300) * 1000,
    });
  });

  it('takes when it was made, its id, and whether it may revoke, which no other claim says', async () => {
    const { issuedAt, tokenId, isAdmin } = await identify({ sub: 'ann', iat: nowSeconds, jti: 'one', chatter_admin: true });
    assert.deepEqual({ issuedAt, tokenId, isAdmin }, { issuedAt: nowSeconds * 1000, tokenId: 'one', isAdmin: true });
    for (const claims of [{ admin: true }, { chatter_admin: false }, { isAdmin: true }]) {
      assert.equal((await identify({ sub: 'ann', ...claims })).isAdmin, undefined);
    }
    await assert.rejects(identify({ sub: 'ann', chatter_admin: 'yes' }), /chatter_admin/);
  });

  it('without a name the id stands in, without a tenant it is the default one', async () => {
    assert.deepEqual(await identify({ sub: 'ann', name: '  ' }), { tenant: 'default', user: { id: 'ann', name: 'ann' }, expiresAt: (nowSeconds + 300) * 1000 });
  });

  it('a picture that is no web address is left out', async () => {
    for (const avatar of ['javascript:alert(1)', 'data:image/png;base64,AA', 'not a url', '//example.com/a.png']) {
      assert.deepEqual((await identify({ sub: 'ann', avatar })).user, { id: 'ann', name: 'ann' });
    }
  });
});

describe('what a verifier is made of', () => {
  it('a secret shorter than 32 bytes is refused with a sentence that shows how to make one', async () => {
    await assert.rejects(createJwtAuth({ secrets: ['x'.repeat(31)] }), /32 bytes.*openssl rand/);
  });
  it('a public key that is none is refused, and so is a shared-secret algorithm for one', async () => {
    await assert.rejects(createJwtAuth({ publicKey: 'no key' }), /not a PEM public key/);
    await assert.rejects(createJwtAuth({ publicKey: pem(rsa.publicKey), algorithm: 'HS256' }), /cannot be checked with a public key/);
    await assert.rejects(createJwtAuth({ jwksUrl: 'https://example.com', algorithms: ['RS256', 'HS256'] }), /cannot be checked/);
  });
});

describe('keys that are published (JWKS)', () => {
  const jwks = async (kid: string, key: KeyObject) => ({ ...(await exportJWK(key)), kid, alg: 'RS256', use: 'sig' });
  const sign = (kid: string, key: KeyObject) =>
    new SignJWT({ sub: 'ann', exp: nowSeconds + 300 }).setProtectedHeader({ alg: 'RS256', kid }).sign(key);

  it('are fetched once, kept where the issuer fails, and asked for again after a pause', async () => {
    let fetches = 0;
    let isDown = true;
    const keys = { keys: [await jwks('one', rsa.publicKey)] };
    const fetchKeys = async () => {
      fetches += 1;
      if (isDown) throw new TypeError('fetch failed');
      return Response.json(keys);
    };
    const auth = await createJwtAuth({ jwksUrl: `${issuer}/jwks`, clock, fetch: fetchKeys as typeof fetch });
    const token = await sign('one', rsa.privateKey);
    await assert.rejects(auth.authenticate(token), (error: ChatterError) => error.code === 'unavailable', 'not the fault of the token');
    isDown = false;
    assert.equal((await auth.authenticate(token)).user.id, 'ann');
    for (let index = 0; index < 20; index++) await auth.authenticate(token);
    assert.equal(fetches, 2);
    for (let index = 0; index < 20; index++) await assert.rejects(auth.authenticate(await sign(`made-up-${index}`, rsa.privateKey)));
    assert.ok(fetches <= 3, `made-up key ids do not flood the issuer: ${fetches} fetches`);
  });

  it('C5: a key that is newer than the last fetch is not a bad one: the token is good when the keys may be fetched again', async (test) => {
    test.mock.timers.enable({ apis: ['Date'], now: clock.now() });
    const keys = [await jwks('one', rsa.publicKey)];
    const auth = await createJwtAuth({ jwksUrl: `${issuer}/jwks`, clock, fetch: (async () => Response.json({ keys })) as typeof fetch });
    await auth.authenticate(await sign('one', rsa.privateKey));
    const next = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    keys.push(await jwks('two', next.publicKey));
    const [good, madeUp] = [await sign('two', next.privateKey), await sign('three', next.privateKey)];
    for (const token of [good, madeUp]) {
      await assert.rejects(auth.authenticate(token), (error: ChatterError) => error.code === 'unavailable', 'nobody can tell yet');
    }
    test.mock.timers.tick(31_000);
    await assert.rejects(auth.authenticate(madeUp), (error: ChatterError) => error.code === 'unauthorized');
    assert.equal((await auth.authenticate(good)).user.id, 'ann');
  });

  it('never take a shared secret', async () => {
    const keys = { keys: [{ kty: 'oct', k: Buffer.from(secret).toString('base64url'), kid: 'one', alg: 'HS256' }, await jwks('two', rsa.publicKey)] };
    const auth = await createJwtAuth({ jwksUrl: `${issuer}/jwks`, clock, fetch: (async () => Response.json(keys)) as typeof fetch });
    const token = await new SignJWT({ sub: 'ann', exp: nowSeconds + 300 }).setProtectedHeader({ alg: 'HS256', kid: 'one' }).sign(new TextEncoder().encode(secret));
    await assert.rejects(auth.authenticate(token), (error: ChatterError) => error.code === 'unauthorized');
  });
});
