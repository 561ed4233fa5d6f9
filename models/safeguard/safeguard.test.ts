import { describe, expect, it } from 'vitest';
import {
  addLink,
  confirmEmail,
  confirmSecondFactor,
  DEVICES_MAX,
  dutiesOf,
  GIVEN_PASSWORD_LIFE_MS,
  isGivenPasswordOver,
  isObliged,
  knowsDevice,
  LINK_LIFE_MS,
  letterAddress,
  linkOf,
  nameEmail,
  newSafeguard,
  noteDevice,
  offerSecondFactor,
  ownDevice,
  passwordChosen,
  passwordGiven,
  useCode,
  useRecovery,
  type Safeguard,
} from './safeguard.ts';
import { codeAt, freshRecovery, freshSecret, plainRecovery, stepOf } from './totp.ts';

const NOW_MS = Date.UTC(2013, 10, 20, 8);
const STEP_MS = 30_000;
const fresh = newSafeguard('p');
const guarded = (): Safeguard => confirmSecondFactor(offerSecondFactor(fresh, 'sealed'), 100, ['r1', 'r2'], NOW_MS);
const held = (role: 'administrator' | 'municipalCoordinator' | 'institutionCoordinator') => [
  { role, unit: '48', path: '/48/' },
];

describe('the second factor', () => {
  it('is asked of every role but the institution’s, and of nobody where it is only offered', () => {
    expect(isObliged(held('administrator'), 'required')).toBe(true);
    expect(isObliged(held('municipalCoordinator'), 'required')).toBe(true);
    expect(isObliged(held('institutionCoordinator'), 'required')).toBe(false);
    expect(isObliged([...held('institutionCoordinator'), ...held('administrator')], 'required')).toBe(true);
    expect(isObliged(held('administrator'), 'offered')).toBe(false);
  });

  it('guards nothing until a code proved that the secret arrived', () => {
    const offered = offerSecondFactor(fresh, 'sealed');
    expect(dutiesOf(offered, true)).toEqual(['secondFactor']);
    expect(() => confirmSecondFactor(offered, null, [], NOW_MS)).toThrow('code_wrong');
    expect(dutiesOf(guarded(), true)).toEqual([]);
  });

  it('is not replaced in silence: one that is on is turned off first', () => {
    expect(() => offerSecondFactor(guarded(), 'other')).toThrow('second_factor_on');
    expect(() => confirmSecondFactor(guarded(), 7, [], NOW_MS)).toThrow('second_factor_on');
  });

  it('takes each code once, and none older than one taken', () => {
    const used = useCode(guarded(), 101);
    expect(() => useCode(used, 101)).toThrow('code_wrong');
    expect(() => useCode(used, 100)).toThrow('code_wrong');
    expect(() => useCode(used, null)).toThrow('code_wrong');
    expect(useCode(used, 102).secondFactor).toMatchObject({ lastStep: 102 });
    // The code that confirmed the enrolment has been used by that.
    expect(() => useCode(guarded(), 100)).toThrow('code_wrong');
  });

  it('takes each recovery code once', () => {
    const used = useRecovery(guarded(), 'r1');
    expect(used.secondFactor).toMatchObject({ recovery: ['r2'] });
    expect(() => useRecovery(used, 'r1')).toThrow('code_wrong');
  });

  it('takes the code of this step and of its two neighbours, with blanks inside, and nothing else', () => {
    const secret = freshSecret();
    const step = Math.floor(NOW_MS / STEP_MS);
    const taken = [-2, -1, 0, 1, 2].map((by) => stepOf(secret, codeAt(secret, NOW_MS + by * STEP_MS), NOW_MS));
    expect(taken).toEqual([null, step - 1, step, step + 1, null]);
    expect(stepOf(secret, codeAt(secret, NOW_MS).replace(/^.../, '$& '), NOW_MS)).toBe(step);
    for (const wrong of ['', 'abcdef', '12345', '1234567', '-12345']) expect(stepOf(secret, wrong, NOW_MS)).toBeNull();
  });

  it('gives ten recovery codes of 120 bits, read as meant however they are typed', () => {
    const codes = freshRecovery();
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) {
      expect(code).toMatch(/^([A-Z2-7]{4}-){5}[A-Z2-7]{4}$/);
      expect(plainRecovery(` ${code.toLowerCase().replaceAll('-', ' ')}`)).toBe(code.replaceAll('-', ''));
    }
    expect(plainRecovery('0I8A')).toBe('OIBA');
  });
});

describe('a password that another set', () => {
  it('is replaced before anything else is done, the second factor after it', () => {
    expect(dutiesOf(passwordGiven(fresh, NOW_MS), true)).toEqual(['password', 'secondFactor']);
    expect(dutiesOf(passwordChosen(passwordGiven(fresh, NOW_MS)), false)).toEqual([]);
  });

  it('is good for seven days, to the millisecond; one’s own is good until it is changed', () => {
    const given = passwordGiven(fresh, NOW_MS);
    expect(isGivenPasswordOver(given, NOW_MS + GIVEN_PASSWORD_LIFE_MS - 1)).toBe(false);
    expect(isGivenPasswordOver(given, NOW_MS + GIVEN_PASSWORD_LIFE_MS)).toBe(true);
    expect(isGivenPasswordOver(passwordChosen(given), NOW_MS + 10 * GIVEN_PASSWORD_LIFE_MS)).toBe(false);
    expect(isGivenPasswordOver(null, NOW_MS)).toBe(false);
  });

  it('ends unfinished sign-ins and links to a new password', () => {
    const linked = addLink(
      addLink(fresh, { kind: 'entrance', hash: 'e' }, NOW_MS),
      { kind: 'password', hash: 'w' },
      NOW_MS,
    );
    expect(passwordGiven(linked, NOW_MS).links).toEqual([]);
    expect(passwordChosen(linked).links).toEqual([]);
  });
});

describe('links', () => {
  it('end to the millisecond, and open nothing of another kind', () => {
    const linked = addLink(fresh, { kind: 'password', hash: 'h' }, NOW_MS);
    const endMs = NOW_MS + LINK_LIFE_MS.password;
    expect(linkOf(linked, 'password', 'h', endMs - 1)).toMatchObject({ hash: 'h' });
    expect(() => linkOf(linked, 'password', 'h', endMs)).toThrow('link_over');
    expect(() => linkOf(linked, 'address', 'h', NOW_MS)).toThrow('link_over');
    expect(() => linkOf(null, 'password', 'h', NOW_MS)).toThrow('link_over');
  });

  it('stand five of a kind at once: the oldest gives way', () => {
    let linked = fresh;
    for (const hash of ['1', '2', '3', '4', '5', '6']) linked = addLink(linked, { kind: 'entrance', hash }, NOW_MS);
    expect(linked.links.map(({ hash }) => hash)).toEqual(['2', '3', '4', '5', '6']);
  });

  it('confirm the address they were sent to, and no other', () => {
    const named = addLink(
      nameEmail(fresh, 'a@example.org'),
      { kind: 'address', hash: 'h', email: 'a@example.org' },
      NOW_MS,
    );
    expect(letterAddress(named)).toBeNull();
    const link = linkOf(named, 'address', 'h', NOW_MS);
    expect(letterAddress(confirmEmail(named, link, NOW_MS))).toBe('a@example.org');
    expect(() => confirmEmail(nameEmail(named, 'b@example.org'), link, NOW_MS)).toThrow('link_over');
  });
});

describe('devices', () => {
  const seen = (hash: string) => ({ id: `id-${hash}`, hash, agent: 'browser', address: '::1' });

  it('are new but for the first one ever, and wait for the person’s word', () => {
    const first = noteDevice(fresh, seen('a'), NOW_MS);
    expect(first.isNew).toBe(false);
    const second = noteDevice(first.safeguard, seen('b'), NOW_MS + 1);
    expect(second.isNew).toBe(true);
    expect(second.safeguard.devices.map(({ isOwn }) => isOwn)).toEqual([false, true]);
    const again = noteDevice(second.safeguard, { ...seen('b'), id: 'other' }, NOW_MS + 2);
    expect(again.isNew).toBe(false);
    expect(again.safeguard.devices[0]).toMatchObject({ id: 'id-b', firstAtMs: NOW_MS + 1, lastAtMs: NOW_MS + 2 });
    expect(ownDevice(again.safeguard, 'id-b').devices.every(({ isOwn }) => isOwn)).toBe(true);
  });

  it('are kept up to twenty; the one unused longest is forgotten', () => {
    let safeguard = fresh;
    for (let n = 0; n <= DEVICES_MAX; n += 1) ({ safeguard } = noteDevice(safeguard, seen(String(n)), NOW_MS + n));
    expect(safeguard.devices).toHaveLength(DEVICES_MAX);
    expect(knowsDevice(safeguard, '0')).toBe(false);
    expect(knowsDevice(safeguard, String(DEVICES_MAX))).toBe(true);
  });
});
