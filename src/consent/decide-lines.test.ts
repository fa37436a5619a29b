import { describe, expect, it } from 'vitest';
import { decideLine } from './decide-lines.ts';
import { SETTING_NAMES, SETTINGS } from './settings.ts';
import { consent, permit, question } from './testing/invented.ts';

const input = question({ consents: [consent(permit())] });
const answer = (value: unknown) => JSON.parse(decideLine(typeof value === 'string' ? value : JSON.stringify(value)));

describe('a line', () => {
  it('with an input gives the decision', () =>
    expect(answer(input)).toEqual({
      decision: 'permit',
      reasons: ['CONSENT'],
      items: { 'Observation/lengte': 'release' },
      obligations: [],
    }));

  it('may leave out what is not known', () => {
    const bare = { ...input, patients: [{ ref: 'Patient/kind' }], resources: [{ ref: 'Observation/x' }] };
    expect(answer(bare)).toMatchObject({ decision: 'deny', reasons: ['OTHER_PATIENT'] });
  });

  it('with any JSON for consents is decided', () =>
    expect(answer({ ...input, consents: [null, 7, {}] }).reasons).toEqual(['UNSUPPORTED_CONSENT']));
});

describe('the settings of a line', () => {
  const setting = (config: object) => answer({ ...input, config });

  it('are all known, with every choice', () => {
    for (const name of SETTING_NAMES)
      for (const choice of SETTINGS[name].choices) expect(setting({ [name]: choice })).not.toHaveProperty('error');
  });

  it('bear on the decision', () =>
    expect(answer({ ...input, env: {}, config: { mitz: 'used' } }).reasons).toEqual(['REGISTRY_UNAVAILABLE']));

  it.each([
    [{ at13: 'x' }],
    [{ mitz: 'perhaps' }],
    [{ consentMaxAgeMonths: -1 }],
    [{ consentMaxAgeMonths: 1.5 }],
    [{ consentMaxAgeMonths: 121 }],
    [{ breakGlassMinutes: '60' }],
    [{ decisionMaxAgeSeconds: 1 }],
  ])('that are not to be chosen are refused: %j', (config) =>
    expect(setting(config)).toMatchObject({ error: { code: 'input-invalid' } }),
  );
});

describe('a line that is no input', () => {
  const secret = '999912345';
  it.each([
    ['', 'json-syntax'],
    [`{"asOf": "${secret}"`, 'json-syntax'],
    [`{"x":1,"x":"${secret}"}`, 'json-duplicate-key'],
    [`{"__proto__":"${secret}"}`, 'json-forbidden-key'],
    [JSON.stringify(secret), 'input-invalid'],
    [JSON.stringify({ ...input, asOf: secret }), 'input-invalid'],
    [JSON.stringify({ ...input, [secret]: 1 }), 'input-invalid'],
    [JSON.stringify({ ...input, request: { ...input.request, mode: secret } }), 'input-invalid'],
    [JSON.stringify({ ...input, resources: [{ ref: 'a', protectedAdress: true }] }), 'input-invalid'],
    [
      JSON.stringify({ ...input, patients: [{ ref: 'a', custody: [{ refs: [], custodial: secret }] }] }),
      'input-invalid',
    ],
    [JSON.stringify({ ...input, config: { mitzDenyWins: secret } }), 'input-invalid'],
  ])('%#: one error, without what stood there', (line, code) => {
    const out = decideLine(line);
    expect(JSON.parse(out)).toEqual({ error: { code, message: expect.stringMatching(/\.\)?$/) } });
    expect(out).not.toContain(secret);
  });
});
