import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { limits } from '#protocol/codes';
import { ConfigError, describeSettings, limitsOf, readConfig, type Setting, settings, unknownVariables } from '../../server/config.ts';

describe('the settings', () => {
  it('C2: takes origins with a slash at the end, as the address bar shows them', () => {
    assert.deepEqual(readConfig({ CHATTER_ORIGINS: 'https://www.example.com/, http://localhost:8080' }).origins, ['https://www.example.com', 'http://localhost:8080']);
    assert.throws(() => readConfig({ CHATTER_ORIGINS: 'https://www.example.com/page/' }), /CHATTER_ORIGINS should be origins/);
  });

  it('with nothing set are the documented defaults', () => {
    const config = readConfig({});
    assert.deepEqual([config.host, config.port, config.database, config.origins, config.guests, config.directory], ['localhost', 3000, 'sqlite:chatter.sqlite3', [], false, 'tenant']);
    for (const [name, value] of Object.entries(limitsOf(config))) assert.equal(value, limits[name as keyof typeof limits]);
  });

  it('are read from the environment; set to nothing is not set', () => {
    const config = readConfig({
      CHATTER_PORT: '0', CHATTER_ORIGINS: ' https://a.example , https://b.example:8443', CHATTER_JWT_SECRET: 'one,two', CHATTER_GUESTS: '',
      CHATTER_SENDS_PER_SECOND: '50', CHATTER_DIRECTORY: 'shared', CHATTER_BASE_PATH: '/chat',
    });
    assert.equal(config.port, 0);
    assert.deepEqual(config.origins, ['https://a.example', 'https://b.example:8443']);
    assert.deepEqual(config.jwtSecrets, ['one', 'two']);
    assert.equal(config.sendsPerSecond, 50);
    assert.equal(config.directory, 'shared');
  });

  it('understand PORT, and CHATTER_PORT before it', () => {
    assert.equal(readConfig({ PORT: '8080' }).port, 8080);
    assert.equal(readConfig({ PORT: '8080', CHATTER_PORT: '9090' }).port, 9090);
  });

  it('understand a PEM with written-out line breaks, as env files have it', () => {
    assert.equal(readConfig({ CHATTER_JWT_PUBLIC_KEY: '-----BEGIN PUBLIC KEY-----\\nMII\\n-----END PUBLIC KEY-----' }).jwtPublicKey?.split('\n').length, 3);
  });

  for (const [variable, value] of Object.entries({
    CHATTER_PORT: '80a', CHATTER_ORIGINS: 'www.example.com', CHATTER_DIRECTORY: 'all', CHATTER_GUESTS: 'maybe', CHATTER_LOG_LEVEL: 'loud',
    CHATTER_TEXT_CHARACTERS: '8001', CHATTER_FRAME_BYTES: '0', CHATTER_JWKS_URL: 'login.example.com', CHATTER_JWT_PUBLIC_KEY: 'MII', CHATTER_BASE_PATH: 'a b',
  })) {
    it(`${variable}="${value}" stops the start with a sentence that names it`, () => {
      assert.throws(() => readConfig({ [variable]: value }), (error) => error instanceof ConfigError && error.message.startsWith(`${variable} should be `) && error.message.includes(value));
    });
  }

  it('tell of everything that is wrong at once, and never a secret', () => {
    assert.throws(() => readConfig({ CHATTER_PORT: 'x', CHATTER_DIRECTORY: 'y', CHATTER_JWT_SECRET: ' , ' }), ({ message }: Error) => message.split('\n').length === 3);
    assert.throws(() => readConfig({ CHATTER_JWT_SECRET: 'hush-hush', CHATTER_JWKS_URL: 'https://a.example', CHATTER_GUESTS: '1' }),
      ({ message }: Error) => /CHATTER_JWT_SECRET and CHATTER_JWKS_URL and CHATTER_GUESTS/.test(message) && !message.includes('hush'));
  });

  it('misspelt are told of', () => {
    assert.deepEqual(unknownVariables({ CHATTER_PROT: '1', CHATTER_PORT: '1', OTHER: '1' }), ['CHATTER_PROT']);
  });

  it('all have a variable of their own and a sentence, and stand in the help', () => {
    const all: Setting[] = Object.values(settings);
    assert.equal(new Set(all.map(({ variable }) => variable)).size, all.length);
    for (const { variable, doc, fallback, schema } of all) {
      assert.match(variable, /^CHATTER_[A-Z_]+$/);
      assert.match(doc, /\.$/);
      if (fallback !== undefined) assert.ok(schema.safeParse(fallback).success, variable);
      assert.ok(describeSettings().includes(variable));
    }
  });
});
