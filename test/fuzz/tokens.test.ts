import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto';
import { it } from 'node:test';
import fc from 'fast-check';
import { ChatterError, createJwtAuth, TokenEndedError } from '../../server/index.ts';
import { ManualClock } from '../support/clock.ts';
import { fuzz } from './fuzz.ts';
import { hostileKeys, hostileText, hostileValue } from './hostile.ts';

/* Tokens put together by hand: what signs for us would not make most of these. Keys and claims one by one are in jwt-auth.test.ts. */

const secret = randomBytes(32).toString('base64');
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const publicPem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const clock = new ManualClock();
const now = clock.now() / 1_000;
const good = { sub: 'ann', exp: now + 300 };
const auth = await createJwtAuth({ secrets: [secret], clock });

const encoded = (value: unknown): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** Signed by the right secret, whatever the header says. */
function signed(header: unknown, payload: unknown, key: string | Buffer = secret, hash = 'sha256'): string {
  const text = `${encoded(header)}.${encoded(payload)}`;
  return `${text}.${createHmac(hash, key).update(text).digest('base64url')}`;
}

async function verdictOf(token: string, by = auth): Promise<'good' | 'bad' | 'ended'> {
  try {
    const { user, tenant } = await by.authenticate(token);
    assert.deepEqual([user.id, tenant], ['ann', 'default']);
    return 'good';
  } catch (error) {
    assert.ok(error instanceof ChatterError && error.code === 'unauthorized', `a refusal, not ${String(error)}`);
    assert.doesNotMatch(error.message, /node:|\bat \S+ \(|\.ts:\d/);
    return error instanceof TokenEndedError ? 'ended' : 'bad';
  }
}

it('C5: whatever the header says beside alg, it chooses neither key nor algorithm', async () => {
  for (const kid of ['../../../../dev/null', '/dev/null', "' UNION SELECT 'secret", 'http://evil.example/key', '', ' ', '\u0000', 'x'.repeat(4_000), 0, null, {}, [], '__proto__']) {
    assert.equal(await verdictOf(signed({ alg: 'HS256', kid }, good)), 'good', `kid ${JSON.stringify(kid)?.slice(0, 40)} is only a name`);
    assert.equal(await verdictOf(signed({ alg: 'HS256', kid }, good, '')), 'bad', 'an empty file is no key');
    assert.equal(await verdictOf(signed({ alg: 'HS256', kid }, good, String(kid))), 'bad');
  }
  for (const more of [{ crit: ['exp'] }, { crit: [] }, { crit: ['b64'], b64: false }, { crit: 'x' }, { jwk: {} }, { jku: '' }, { x5u: null }, { x5c: [] }]) {
    assert.equal(await verdictOf(signed({ alg: 'HS256', ...more }, good)), 'bad', JSON.stringify(more));
  }
});

it('C5: a token of another kind is none, though the right key has signed it', async () => {
  for (const typ of [undefined, 'JWT', 'jwt', 'at+jwt', 'application/at+jwt', 'application/jwt']) assert.equal(await verdictOf(signed({ alg: 'HS256', typ }, good)), 'good', typ);
  for (const typ of ['logout+jwt', 'rt+jwt', 'refresh+jwt', 'dpop+jwt', 'secevent+jwt', 'id_token', 'JWE', 'JOSE', 'notjwt', '', ' JWT', 0, null, {}, ['JWT']]) {
    assert.equal(await verdictOf(signed({ alg: 'HS256', typ }, good)), 'bad', JSON.stringify(typ));
  }
});

it('CVE-2026-22817, CVE-2026-22818: the token never chooses the algorithm', async () => {
  const byPublicKey = await createJwtAuth({ publicKey: publicPem, clock });
  const pems = [publicPem, publicPem.trim(), publicPem.replaceAll('\n', '\r\n'), publicPem.replaceAll(/-----.*-----|\s/g, ''), rsa.publicKey.export({ type: 'spki', format: 'der' }), rsa.publicKey.export({ type: 'pkcs1', format: 'pem' })];
  for (const pem of pems) for (const [alg, hash] of [['HS256', 'sha256'], ['HS384', 'sha384'], ['HS512', 'sha512']] as const) assert.equal(await verdictOf(signed({ alg }, good, pem, hash), byPublicKey), 'bad', alg);
  for (const alg of ['none', 'None', 'NONE', 'nOnE', '', 'hs256', 'HS256 ', 'HS1', 'RS256', 'ES256', 'dir', 'A128KW', 'PBES2-HS256+A128KW', null, 0, ['HS256'], {}, '__proto__']) {
    assert.equal(await verdictOf(signed({ alg }, good)), 'bad', JSON.stringify(alg));
    assert.equal(await verdictOf(`${encoded({ alg })}.${encoded(good)}.`), 'bad', `${JSON.stringify(alg)}, unsigned`);
  }
});

it('C5: times that are none, or long ago, or far away', async () => {
  const verdicts: [claims: object, verdict: 'good' | 'bad' | 'ended'][] = [
    [{ exp: now - 61 }, 'ended'], [{ exp: now - 59 }, 'good'], [{ nbf: now + 59 }, 'good'], [{ nbf: now + 61 }, 'bad'], [{ iat: now + 59 }, 'good'],
    [{ exp: String(now + 300) }, 'bad'], [{ exp: null }, 'bad'], [{ exp: -1 }, 'ended'], [{ exp: 0 }, 'ended'], [{ exp: now + 300.5 }, 'good'], [{ exp: 1e300 }, 'good'],
    [{ nbf: 'soon' }, 'bad'], [{ iat: {} }, 'bad'], [{ exp: [now + 300] }, 'bad'], [{ exp: true }, 'bad'],
  ];
  for (const [claims, verdict] of verdicts) assert.equal(await verdictOf(signed({ alg: 'HS256' }, { ...good, ...claims })), verdict, JSON.stringify(claims));
  assert.equal(await verdictOf(signed({ alg: 'HS256' }, `{"sub":"ann","exp":1e400}`)), 'bad');
  assert.equal(await verdictOf(signed({ alg: 'HS256' }, `{"sub":"ben","exp":${now + 300},"sub":"ann"}`)), 'good', 'the last of two counts, here as with whoever signed it');
});

it('C5: a good token with anything changed in it is none', async () => {
  const token = signed({ alg: 'HS256' }, good);
  await fuzz(fc.tuple(fc.nat(token.length - 1), fc.constantFrom('.', 'A', 'z', '0', '9', '-', '_', '=', '+', '/', ' ', '\n', '\u0000', 'é')), 300, async ([at, other]) => {
    const changed = token.slice(0, at) + other + token.slice(at + 1);
    // The last letter of a signature says less than it could: others may say the same bytes.
    const same = Buffer.from(changed.split('.')[2] ?? '', 'base64url').equals(Buffer.from(token.split('.')[2]!, 'base64url'));
    if (changed !== token && !same) assert.notEqual(await verdictOf(changed), 'good', changed);
  });
});

it('C5: whatever stands in headers and claims, the answer is a refusal or a person', async () => {
  const entries = fc.array(fc.tuple(fc.oneof(fc.constantFrom('alg', 'typ', 'kid', 'crit', 'cty', 'zip', 'sub', 'exp', 'iss', 'aud', 'tenant', 'name', 'avatar', 'jti', 'iat', 'nbf', 'chatter_admin'), fc.constantFrom(...hostileKeys)), hostileValue), { maxLength: 4 });
  const object = (base: object) => entries.map((more) => JSON.stringify({ ...base, ...Object.fromEntries(more) }));
  const part = fc.oneof({ weight: 5, arbitrary: object({ alg: 'HS256' }) }, hostileValue.map((value) => JSON.stringify(value) ?? ''), hostileText);
  const claims = fc.oneof({ weight: 5, arbitrary: object(good) }, hostileValue.map((value) => JSON.stringify(value) ?? ''), hostileText);
  await fuzz(fc.tuple(part, claims, fc.boolean()), 500, async ([header, payload, isSigned]) => {
    const token = isSigned ? signed(header, payload) : `${header}.${payload}.`;
    try {
      const { user, tenant } = await auth.authenticate(token);
      assert.ok(isSigned && user.id !== '' && tenant !== '');
    } catch (error) {
      assert.ok(error instanceof ChatterError && error.code === 'unauthorized', `a refusal, not ${String(error)}`);
    }
  });
});
