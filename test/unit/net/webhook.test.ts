import { describe, expect, it } from 'vitest';
import { sign, verify } from '../../../src/net/webhook.ts';

/** The example that the Standard Webhooks libraries are tested with. */
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const TIMESTAMP = 1614265330;
const MESSAGE = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: String(TIMESTAMP),
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  body: '{"test": 2432232314}',
};
const THEN = { now: TIMESTAMP };

describe('sign', () => {
  it('gives the known signature', () => {
    expect(sign(SECRET, MESSAGE.id, TIMESTAMP, MESSAGE.body)).toBe(MESSAGE.signature);
    expect(sign(SECRET.slice(6), MESSAGE.id, TIMESTAMP, Buffer.from(MESSAGE.body))).toBe(MESSAGE.signature);
  });

  it.each(['', 'whsec_', 'whsec_c2hvcnQ=', 'my secret passphrase that is long enough!'])(
    'refuses the secret %j without repeating it',
    (secret) => {
      expect(() => sign(secret, 'id', 0, '')).toThrow(
        'the webhook secret is not base64 of 24 bytes or more: make one with "openssl rand -base64 32"',
      );
    },
  );
});

describe('verify', () => {
  it('takes what was signed, also beside signatures of another secret', () => {
    expect(verify(SECRET, MESSAGE, THEN)).toBe(true);
    expect(verify(SECRET, { ...MESSAGE, signature: `v1,AAAA v1a,x ${MESSAGE.signature}` }, THEN)).toBe(true);
    const other = Buffer.alloc(32, 1).toString('base64');
    expect(verify(other, MESSAGE, THEN)).toBe(false);
  });

  it.each([
    { body: '{"test": 2432232315}' },
    { body: '' },
    { id: 'msg_other' },
    { timestamp: String(TIMESTAMP + 1) },
    { timestamp: `0${TIMESTAMP}` },
    { timestamp: `${TIMESTAMP}.0` },
    { timestamp: 'soon' },
    { timestamp: '' },
    { signature: '' },
    { signature: MESSAGE.signature.slice(3) },
    { signature: MESSAGE.signature.replace('v1,', 'v2,') },
    { signature: MESSAGE.signature.replace('g0', 'G0') },
    { signature: `${MESSAGE.signature}=` },
  ])('refuses %j', (change) => {
    expect(verify(SECRET, { ...MESSAGE, ...change }, THEN)).toBe(false);
  });

  it('refuses what is too old or from the future', () => {
    expect(verify(SECRET, MESSAGE, { now: TIMESTAMP + 300 })).toBe(true);
    expect(verify(SECRET, MESSAGE, { now: TIMESTAMP + 301 })).toBe(false);
    expect(verify(SECRET, MESSAGE, { now: TIMESTAMP - 301 })).toBe(false);
    expect(verify(SECRET, MESSAGE, { now: TIMESTAMP + 11, toleranceSeconds: 10 })).toBe(false);
    expect(verify(SECRET, MESSAGE)).toBe(false);
  });
});
