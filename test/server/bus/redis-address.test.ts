import assert from 'node:assert/strict';
import { it } from 'node:test';
import { parseRedisAddress } from '../../../server/bus/redis-address.ts';

it('one Redis, by host and port, with a name, a password and TLS', () => {
  assert.deepEqual(parseRedisAddress('redis://localhost'), { kind: 'single', hosts: [{ host: 'localhost', port: 6379 }], isTls: false });
  assert.deepEqual(parseRedisAddress('rediss://chatter:p%40ss:w%2Ford@cache.example.com:7000/0'), {
    kind: 'single', hosts: [{ host: 'cache.example.com', port: 7000 }], isTls: true, username: 'chatter', password: 'p@ss:w/ord',
  });
  assert.deepEqual(parseRedisAddress('redis://:only@[::1]:6380'), {
    kind: 'single', hosts: [{ host: '::1', port: 6380 }], isTls: false, password: 'only',
  });
  assert.equal(parseRedisAddress('redis://:with@sign@localhost').password, 'with@sign');
});

it('Sentinels and the name they know it by', () => {
  assert.deepEqual(parseRedisAddress('redis+sentinel://user:pass@h1:26380,h2,[fe80::1]/mymaster?sentinelPassword=s%20p&sentinelUsername=me'), {
    kind: 'sentinel', hosts: [{ host: 'h1', port: 26380 }, { host: 'h2', port: 26379 }, { host: 'fe80::1', port: 26379 }], isTls: false,
    username: 'user', password: 'pass', name: 'mymaster', sentinelPassword: 's p', sentinelUsername: 'me',
  });
  assert.equal(parseRedisAddress('rediss+sentinel://h1/mymaster').isTls, true);
});

it('some machines of a cluster', () => {
  assert.deepEqual(parseRedisAddress('redis+cluster://h1:6379,h2'), {
    kind: 'cluster', hosts: [{ host: 'h1', port: 6379 }, { host: 'h2', port: 6379 }], isTls: false,
  });
});

it('what makes no sense is told in a sentence, without the address: there is a password in it', () => {
  const wrong = {
    'http://user:secret@localhost': /should be like redis:\/\/localhost:6379/,
    'redis://:secret@': /should be like/,
    'redis://:secret@h1,h2': /names several hosts/,
    'redis+sentinel://:secret@h1,h2': /needs the name/,
    'redis://:secret@localhost/chat': /path/,
    'redis://:secret@local host': /host that is none/,
    'redis://:secret@localhost:99999': /port that is none/,
    'redis://:secret@localhost:': /host that is none/,
    'redis+cluster://:secret@h1,,h2': /host that is none/,
    'redis://:secret%@localhost': /%25/,
    'redis://:secret@localhost?sentinelPassword=secret': /option that is not known/,
    'redis+sentinel://:secret@h1/name?password=secret': /there are sentinelUsername and sentinelPassword/,
  };
  for (const [url, sentence] of Object.entries(wrong)) {
    assert.throws(() => parseRedisAddress(url), (error: Error) => {
      assert.match(error.message, sentence, url);
      assert.ok(!error.message.includes('secret'), error.message);
      return true;
    });
  }
});
