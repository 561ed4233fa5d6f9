/** Signing in through the composition root: real store, real argon2, the clock in the test's hand. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ATTEMPT_POLICIES } from '#models/attempts/attempts.ts';
import { GIVEN_PASSWORD_LIFE_MS, LINK_LIFE_MS } from '#models/safeguard/safeguard.ts';
import { codeAt } from '#models/safeguard/totp.ts';
import { WAY_BACK_MS } from '#models/participation/participation.ts';
import { appointNewcomer } from '../newcomer.ts';
import { PROCEDURE, startTestHub, type TestHub } from '../testing.ts';
import { Browser } from './browser.testing.ts';
import { USE_NOTED_EVERY_MS } from './sessions.ts';

const PASSWORD = 'long enough phrase';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** A machine with much else to do takes so long to make a hub with its accounts, at the most. */
const START_MS = 5 * MINUTE_MS;

let hub: TestHub;
const door = () => hub.door;

/** Nothing of one test is remembered against the next. */
beforeEach(() => {
  hub.clock.nowMs += 2 * DAY_MS;
});

async function refusal(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
    return null;
  } catch (error) {
    return { code: (error as { code?: string }).code, params: (error as { params?: unknown }).params };
  }
}
const WRONG = { code: 'wrong_credentials', params: {} };

const ids = new Map<string, string>();
/** Signs in once to learn the person's id. */
async function idOf(username: string): Promise<string> {
  const id = ids.get(username) ?? (await hub.person(username)).id;
  ids.set(username, id);
  return id;
}

/** Turns the second factor on and returns what the telephone and the sheet hold. */
async function enrol(username: string): Promise<{ secret: string; recovery: string[] }> {
  const person = await hub.person(username);
  const { secret } = await door().safeguards.enrolment(person);
  const plain = secret.replaceAll('-', '');
  const { recovery } = await door().safeguards.confirmSecondFactor(person.id, codeAt(plain, hub.clock.nowMs), 'ru');
  // The code that confirmed it is used up: the next one comes half a minute later.
  hub.clock.nowMs += 30_000;
  return { secret: plain, recovery };
}

/** Gives an account a confirmed address. */
async function confirmAddress(username: string, email: string): Promise<string> {
  const id = await idOf(username);
  await door().safeguards.nameEmail(id, { email, present: PASSWORD }, 'ru');
  await door().safeguards.confirmEmail(await linkIn(email));
  return id;
}

/** The token of the link in the latest letter to an address. */
async function linkIn(email: string): Promise<string> {
  const letter = (await lettersTo(email))[0];
  return /\/(?:address|link)\/(\S+)/.exec(letter?.status === 'kept' ? letter.text : '')?.[1] ?? '';
}
const lettersTo = async (email: string) =>
  (await door().letters.list(hub.coordinator)).filter(({ to }) => to === email);

async function untilLetters(email: string, count: number): Promise<void> {
  while ((await lettersTo(email)).length < count) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('where the second factor is offered', () => {
  beforeAll(async () => {
    hub = await startTestHub();
    for (const institution of ['i48-1', 'i48-2', 'i48-3']) await hub.enrol(institution);
  }, START_MS);
  afterAll(() => hub.stop());

  describe('a refused sign-in', () => {
    it('is the same for an unknown name, a wrong password and what is no name at all', async () => {
      const answers = [];
      for (const [username, password] of [
        ['nobody-here', PASSWORD],
        ['i48-1', 'not the password at all'],
        ['Не имя вовсе', PASSWORD],
        ['', ''],
      ] as const)
        answers.push(await refusal(new Browser().signIn(door(), username, password)));
      expect(answers).toEqual([WRONG, WRONG, WRONG, WRONG]);
    });

    it('waits after the fifth try from one address, for known and unknown names alike, and not elsewhere', async () => {
      const { firstWaitMs } = ATTEMPT_POLICIES.pair;
      for (const username of ['i48-1', 'nobody-here']) {
        for (let n = 0; n < 5; n += 1)
          expect(await refusal(new Browser('192.0.2.7').signIn(door(), username, 'wrong'))).toEqual(WRONG);
        const late = { code: 'rate_limited', params: { seconds: firstWaitMs / 1000 } };
        expect(await refusal(new Browser('192.0.2.7').signIn(door(), username, PASSWORD))).toEqual(late);
      }
      expect(await new Browser('192.0.2.8').signIn(door(), 'i48-1', PASSWORD)).toBe('open');
      hub.clock.nowMs += firstWaitMs;
      expect(await new Browser('192.0.2.7').signIn(door(), 'i48-1', PASSWORD)).toBe('open');
    });

    it('counts tries in the same moment too, and a node that starts anew remembers them', async () => {
      const tries = Array.from({ length: 12 }, () =>
        refusal(new Browser('192.0.2.9').signIn(door(), 'i48-2', 'wrong')),
      );
      const answers = (await Promise.all(tries)) as { code: string }[];
      expect(answers.filter(({ code }) => code === 'wrong_credentials').length).toBeLessThanOrEqual(5);
      for (let n = 0; n < 5; n += 1) await refusal(new Browser('192.0.2.9').signIn(door(), 'i48-2', 'wrong'));
      await hub.restart();
      expect(await refusal(new Browser('192.0.2.9').signIn(door(), 'i48-2', PASSWORD))).toMatchObject({
        code: 'rate_limited',
      });
    });

    it('of a guesser from everywhere slows strangers down, never the owner on a device of his', async () => {
      const own = new Browser('198.51.100.1');
      await own.signIn(door(), 'i48-3', PASSWORD);
      own.keep(await door().signIn.signOut(own.headers));
      for (let n = 0; n < ATTEMPT_POLICIES.name.freeTries; n += 1)
        expect(await refusal(new Browser(`203.0.113.${n}`).signIn(door(), 'i48-3', 'guess'))).toEqual(WRONG);
      // A stranger waits, though he is new here; so does the owner on a machine that he never used.
      expect(await refusal(new Browser('203.0.113.99').signIn(door(), 'i48-3', PASSWORD))).toMatchObject({
        code: 'rate_limited',
      });
      own.address = '198.51.100.77';
      expect(await own.signIn(door(), 'i48-3', PASSWORD)).toBe('open');
    });
  });

  describe('a session', () => {
    it('gets a token of its own, whatever the browser brought, and ends the one before', async () => {
      const browser = new Browser();
      browser.cookies.set('svod.session_token', 'planted.by-another');
      await browser.signIn(door(), 'i48-1', PASSWORD);
      const first = browser.token;
      expect(first).not.toContain('planted');
      const before = new Browser();
      before.cookies.set('svod.session_token', first ?? '');
      await browser.signIn(door(), 'i48-1', PASSWORD);
      expect(browser.token).not.toBe(first);
      expect(await before.identify(door())).toBeNull();
      expect(await browser.identify(door())).toBe(await idOf('i48-1'));
    });

    it('ends four hours after its last use, to the millisecond; asking is no use', async () => {
      const browser = new Browser();
      await browser.signIn(door(), 'i48-1', PASSWORD);
      hub.clock.nowMs += 4 * HOUR_MS - 1;
      expect(await browser.identify(door())).not.toBeNull();
      hub.clock.nowMs += 1;
      expect(await browser.identify(door())).toBeNull();
      // It is gone, not only hidden.
      hub.clock.nowMs -= 1;
      expect(await browser.identify(door())).toBeNull();
    });

    it('in use lives sixteen hours, to the millisecond, and its cookie is renewed to the browser as long', async () => {
      const browser = new Browser();
      const startedAtMs = hub.clock.nowMs;
      await browser.signIn(door(), 'i48-1', PASSWORD);
      expect(browser.lives.get('svod.session_token')).toBe(4 * 3_600);
      for (let hours = 3; hours <= 15; hours += 3) {
        hub.clock.nowMs = startedAtMs + hours * HOUR_MS;
        expect((await browser.visit(door()))?.cookies).toHaveLength(1);
        expect(browser.lives.get('svod.session_token')).toBe(Math.min(4, 16 - hours) * 3_600);
      }
      hub.clock.nowMs = startedAtMs + 16 * HOUR_MS - 1;
      expect(await browser.visit(door())).not.toBeNull();
      hub.clock.nowMs += 1;
      expect(await browser.visit(door())).toBeNull();
    });

    it('is noted as used once a minute, not with every request', async () => {
      const browser = new Browser();
      await browser.signIn(door(), 'i48-1', PASSWORD);
      hub.clock.nowMs += USE_NOTED_EVERY_MS - 1;
      expect((await browser.visit(door()))?.cookies).toEqual([]);
      hub.clock.nowMs += 1;
      expect((await browser.visit(door()))?.cookies).toHaveLength(1);
    });

    it('is listed with device and address; one is ended, or all others, or all', async () => {
      const id = await idOf('i48-2');
      await door().signIn.endAllSessions(id);
      const [here, there, else_] = [
        new Browser('192.0.2.1', 'A'),
        new Browser('192.0.2.2', 'B'),
        new Browser('192.0.2.3', 'C'),
      ];
      for (const browser of [here, there, else_]) await browser.signIn(door(), 'i48-2', PASSWORD);
      const current = (await here.visit(door()))?.sessionId ?? '';
      const listed = await door().signIn.sessions(id, current);
      expect(listed.map(({ agent, address, isCurrent }) => [agent, address, isCurrent])).toEqual([
        ['A', '192.0.2.1', true],
        expect.arrayContaining(['B', '192.0.2.2', false]) as unknown,
        expect.arrayContaining(['C', '192.0.2.3', false]) as unknown,
      ]);
      const victim = listed.find(({ agent }) => agent === 'B')?.id ?? '';
      // Another's session is not ended by knowing its id.
      await door().signIn.endSession(await idOf('i48-1'), victim);
      expect(await there.identify(door())).toBe(id);
      await door().signIn.endSession(id, victim);
      expect(await there.identify(door())).toBeNull();
      await door().signIn.endOtherSessions(id, current);
      expect(await else_.identify(door())).toBeNull();
      expect(await here.identify(door())).toBe(id);
      await door().signIn.endAllSessions(id);
      expect(await here.identify(door())).toBeNull();
    });

    it('is over after signing out, also for whoever copied its cookie', async () => {
      const browser = new Browser();
      await browser.signIn(door(), 'i48-1', PASSWORD);
      const copy = new Browser();
      for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
      browser.keep(await door().signIn.signOut(browser.headers));
      expect(browser.token).toBeUndefined();
      expect(await copy.identify(door())).toBeNull();
    });

    it('is not opened by a token with a changed sign', async () => {
      const browser = new Browser();
      await browser.signIn(door(), 'i48-1', PASSWORD);
      const token = browser.token ?? '';
      browser.cookies.set('svod.session_token', `${token.startsWith('a') ? 'b' : 'a'}${token.slice(1)}`);
      expect(await browser.identify(door())).toBeNull();
    });
  });

  describe('a password', () => {
    it('is changed with the present one only, ends every session, and is not the same again', async () => {
      const id = await idOf('okrug1');
      const browser = new Browser();
      await browser.signIn(door(), 'okrug1', PASSWORD);
      const change = (present: string, next: string) => door().safeguards.changePassword(id, { present, next }, 'ru');
      expect(await refusal(change('not the present one', 'a phrase of my own'))).toEqual(WRONG);
      expect(await refusal(change(PASSWORD, PASSWORD))).toMatchObject({ code: 'password_same' });
      expect(await refusal(change(PASSWORD, 'password1234567'))).toMatchObject({ code: 'password_common' });
      expect(await refusal(change(PASSWORD, 'наш округ лучше всех'))).toMatchObject({ code: 'password_own' });
      expect(await refusal(change(PASSWORD, 'fourteen signs'))).toMatchObject({
        code: 'password_short',
        params: { min: 15, length: 14 },
      });
      expect(await browser.identify(door())).toBe(id);
      await change(PASSWORD, 'a phrase of my own');
      expect(await browser.identify(door())).toBeNull();
      expect(await refusal(browser.signIn(door(), 'okrug1', PASSWORD))).toEqual(WRONG);
      await change('a phrase of my own', PASSWORD);
    });

    it('[S0-13] of an institution’s coordinator is changed by himself: the new one opens his account, the old one nothing', async () => {
      const id = await idOf('i48-1');
      const change = (present: string, next: string) => door().safeguards.changePassword(id, { present, next }, 'ru');
      expect(await refusal(change('not the present one', 'a phrase of my own'))).toEqual(WRONG);
      await change(PASSWORD, 'a phrase of my own');
      const browser = new Browser();
      expect(await refusal(browser.signIn(door(), 'i48-1', PASSWORD))).toEqual(WRONG);
      await browser.signIn(door(), 'i48-1', 'a phrase of my own');
      expect(await browser.identify(door())).toBe(id);
      const [entry] = (await door().deeds.page(hub.coordinator, { kind: 'password.changed', unit: 'i48-1' })).entries;
      expect(entry).toMatchObject({ actor: id, subject: id });
      await change('a phrase of my own', PASSWORD);
    });

    it('[S1-27] that another set is replaced before the session may do anything; the token changes with it', async () => {
      const newcomer = await appointNewcomer(door().appointments, hub.coordinator, {
        name: 'Новая Анна Ивановна',
        username: 'newcomer',
        password: PASSWORD,
        role: 'municipalCoordinator',
        unit: '48-m1',
      });
      const given = await door().safeguards.giveNewPassword(hub.coordinator, newcomer, 'ru');
      const browser = new Browser();
      await browser.signIn(door(), 'newcomer', given.password);
      expect(await browser.identify(door())).toBeNull();
      const visit = await browser.visit(door());
      expect(visit?.duties).toEqual(['password']);
      const before = browser.token;
      const id = visit?.personId ?? '';
      expect(await refusal(door().safeguards.replaceGivenPassword(id, given.password, 'ru'))).toMatchObject({
        code: 'password_same',
      });
      await door().safeguards.replaceGivenPassword(id, PASSWORD, 'ru');
      browser.keep(await door().signIn.reopen(id, browser.headers));
      expect(await browser.identify(door())).toBe(id);
      expect(browser.token).not.toBe(before);
      // Only once, and only where one was given.
      expect(await refusal(door().safeguards.replaceGivenPassword(id, 'another phrase still', 'ru'))).toMatchObject({
        code: 'not_found',
      });
    });

    it('is given anew by the one in charge of the territory, and by nobody else', async () => {
      const id = await idOf('okrug2');
      const [first] = hub.municipal;
      expect(await refusal(door().safeguards.giveNewPassword(first, id, 'ru'))).toMatchObject({ code: 'not_allowed' });
      expect(await refusal(door().safeguards.giveNewPassword(hub.coordinator, hub.coordinator.id, 'ru'))).toMatchObject(
        { code: 'not_allowed' },
      );
      const late = await door().safeguards.giveNewPassword(hub.coordinator, id, 'ru');
      hub.clock.nowMs += GIVEN_PASSWORD_LIFE_MS;
      expect(await refusal(new Browser().signIn(door(), 'okrug2', late.password))).toEqual(WRONG);
      const { password } = await door().safeguards.giveNewPassword(hub.coordinator, id, 'ru');
      const browser = new Browser();
      expect(await refusal(browser.signIn(door(), 'okrug2', PASSWORD))).toEqual(WRONG);
      await browser.signIn(door(), 'okrug2', password);
      expect((await browser.visit(door()))?.duties).toEqual(['password']);
      await door().safeguards.replaceGivenPassword(id, PASSWORD, 'ru');
    });

    it('[S2-08] that an organizer lost is set anew by the centre’s new link, once and within seven days', async () => {
      const place = { procedure: PROCEDURE, institution: 'i48-3' };
      const id = await idOf('i48-3');
      const { participations } = door();
      const old = new Browser();
      await old.signIn(door(), 'i48-3', PASSWORD);
      const { secret } = await enrol('i48-3');
      const again = (ticket: string) =>
        participations.activate(ticket, { username: 'i48-3', password: 'found my way back' });

      const late = await participations.renewTicket(hub.coordinator, place);
      hub.clock.nowMs += WAY_BACK_MS;
      expect(await refusal(again(late.ticket))).toMatchObject({ code: 'access_given_already' });
      const { ticket } = await participations.renewTicket(hub.coordinator, place);
      hub.clock.nowMs += WAY_BACK_MS - 1;
      await again(ticket);
      expect(await refusal(again(ticket))).toMatchObject({ code: 'access_given_already' });

      expect(await old.identify(door())).toBeNull();
      expect(await refusal(new Browser().signIn(door(), 'i48-3', PASSWORD))).toEqual(WRONG);
      // The telephone may be lost too: the second factor went with the password.
      expect(await new Browser().signIn(door(), 'i48-3', 'found my way back')).toBe('open');
      expect(secret).not.toBe('');
      const person = await door().people.load(id);
      expect(person?.assignments).toEqual([
        { role: 'institutionCoordinator', unit: 'i48-3', path: '/48/48-m2/i48-3/', procedure: null },
      ]);
    });
  });

  describe('the second factor', () => {
    it('is asked after the password; each code opens once, in one unfinished sign-in', async () => {
      const { secret } = await enrol('okrug1');
      const browser = new Browser();
      expect(await browser.signIn(door(), 'okrug1', PASSWORD)).toBe('code');
      expect(browser.token).toBeUndefined();
      expect(await door().signIn.awaitsCode(browser.headers)).toBe(true);
      expect(await refusal(browser.finish(door(), '000000'))).toMatchObject({ code: 'code_wrong' });
      const code = codeAt(secret, hub.clock.nowMs);
      const entrance = browser.cookies.get('svod.entrance') ?? '';
      await browser.finish(door(), code);
      expect(await browser.identify(door())).toBe(await door().signIn.identify(browser.headers));
      expect(browser.token).toBeDefined();

      // Neither the unfinished sign-in nor the code is good for another.
      const thief = new Browser('203.0.113.5');
      thief.cookies.set('svod.entrance', entrance);
      expect(await refusal(thief.finish(door(), codeAt(secret, hub.clock.nowMs)))).toMatchObject({ code: 'link_over' });
      await thief.signIn(door(), 'okrug1', PASSWORD);
      expect(await refusal(thief.finish(door(), code))).toMatchObject({ code: 'code_wrong' });
    });

    it('waits for its code ten minutes, to the millisecond', async () => {
      const browser = new Browser();
      await browser.signIn(door(), 'okrug1', PASSWORD);
      hub.clock.nowMs += LINK_LIFE_MS.entrance - 1;
      expect(await door().signIn.awaitsCode(browser.headers)).toBe(true);
      hub.clock.nowMs += 1;
      expect(await door().signIn.awaitsCode(browser.headers)).toBe(false);
      expect(await refusal(browser.finish(door(), '123456'))).toMatchObject({ code: 'link_over' });
    });

    it('slows guesses at the code down after the fifth, over all unfinished sign-ins together', async () => {
      for (let n = 0; n < 5; n += 1) {
        const browser = new Browser(`192.0.2.${n}`);
        await browser.signIn(door(), 'okrug1', PASSWORD);
        expect(await refusal(browser.finish(door(), '000000'))).toMatchObject({ code: 'code_wrong' });
      }
      const browser = new Browser('192.0.2.50');
      await browser.signIn(door(), 'okrug1', PASSWORD);
      expect(await refusal(browser.finish(door(), '000000'))).toMatchObject({ code: 'rate_limited' });
    });

    it('is passed with a recovery code, each once; new ones void the old', async () => {
      const { recovery } = await enrol('i48-2');
      const [first = '', second = ''] = recovery;
      const browser = new Browser();
      await browser.signIn(door(), 'i48-2', PASSWORD);
      await browser.finish(door(), first.toLowerCase().replaceAll('-', ' '));
      const personId = (await browser.identify(door())) ?? '';
      const person = await door().people.load(personId);
      if (!person) throw new Error('nobody');
      expect((await door().safeguards.view(person)).secondFactor).toMatchObject({ status: 'on', recoveryLeft: 9 });
      const again = new Browser();
      await again.signIn(door(), 'i48-2', PASSWORD);
      expect(await refusal(again.finish(door(), first))).toMatchObject({ code: 'code_wrong' });
      expect(await refusal(door().safeguards.renewRecovery(personId, 'wrong'))).toEqual(WRONG);
      await door().safeguards.renewRecovery(personId, PASSWORD);
      expect(await refusal(again.finish(door(), second))).toMatchObject({ code: 'code_wrong' });
      expect(await refusal(door().safeguards.turnOffSecondFactor(person, 'wrong', 'ru'))).toEqual(WRONG);
      await door().safeguards.turnOffSecondFactor(person, PASSWORD, 'ru');
      expect(await new Browser().signIn(door(), 'i48-2', PASSWORD)).toBe('open');
    });

    it('is reset by the one in charge, which ends the sessions', async () => {
      const id = await idOf('okrug1');
      expect(await refusal(door().safeguards.resetSecondFactor(hub.municipal[1], id, 'ru'))).toMatchObject({
        code: 'not_allowed',
      });
      await door().safeguards.resetSecondFactor(hub.coordinator, id, 'ru');
      expect(await new Browser().signIn(door(), 'okrug1', PASSWORD)).toBe('open');
    });
  });

  describe('a device', () => {
    it('that is new is told by letter and in the account, until the person says that it is his', async () => {
      const id = await confirmAddress('i48-1', 'i1@example.org');
      const known = new Browser('192.0.2.1', 'Own browser');
      await known.signIn(door(), 'i48-1', PASSWORD);
      const before = (await lettersTo('i1@example.org')).length;
      await known.signIn(door(), 'i48-1', PASSWORD);
      expect(await lettersTo('i1@example.org')).toHaveLength(before);

      hub.clock.nowMs += 1;
      const stranger = new Browser('203.0.113.9', 'Strange browser');
      await stranger.signIn(door(), 'i48-1', PASSWORD);
      const letter = (await lettersTo('i1@example.org')).find(({ kind }) => kind === 'device_new');
      expect(letter?.status === 'kept' && letter.text).toContain('203.0.113.9');

      const person = await door().people.load(id);
      if (!person) throw new Error('nobody');
      const pending = (await door().safeguards.view(person)).newDevices;
      const strange = pending.find(({ agent }) => agent === 'Strange browser')?.id ?? '';
      for (const device of pending) if (device.id !== strange) await door().safeguards.ownDevice(id, device.id);
      await door().safeguards.disownDevice(id, strange);
      expect(await stranger.identify(door())).toBeNull();
      expect(await known.identify(door())).toBe(id);
      expect((await door().safeguards.view(person)).newDevices).toEqual([]);
    });
  });

  describe('a forgotten password', () => {
    it('has a way back by a letter to a confirmed address: once, within an hour, and sessions end', async () => {
      const id = await confirmAddress('i48-2', 'i2@example.org');
      const open = new Browser();
      await open.signIn(door(), 'i48-2', PASSWORD);
      const ask = async () => {
        const count = (await lettersTo('i2@example.org')).length;
        await door().safeguards.requestPasswordLink('i48-2', 'ru');
        await untilLetters('i2@example.org', count + 1);
        return linkIn('i2@example.org');
      };
      const late = await ask();
      hub.clock.nowMs += LINK_LIFE_MS.password;
      expect(await refusal(door().safeguards.usePasswordLink(late, 'found it by letter', 'ru'))).toMatchObject({
        code: 'link_over',
      });
      const token = await ask();
      expect(await door().safeguards.passwordLink(token)).toEqual({ username: 'i48-2', lengthMin: 15 });
      expect(await refusal(door().safeguards.usePasswordLink(token, 'short', 'ru'))).toMatchObject({
        code: 'password_short',
      });
      await door().safeguards.usePasswordLink(token, 'found it by letter', 'ru');
      expect(await open.identify(door())).toBeNull();
      expect(await new Browser().signIn(door(), 'i48-2', 'found it by letter')).toBe('open');
      expect(await refusal(door().safeguards.usePasswordLink(token, 'once again by letter', 'ru'))).toMatchObject({
        code: 'link_over',
      });
      await door().safeguards.changePassword(id, { present: 'found it by letter', next: PASSWORD }, 'ru');
    });

    it('is answered alike for unknown names, and no letter goes to an address that is not confirmed', async () => {
      const id = await idOf('okrug2');
      await door().safeguards.nameEmail(id, { email: 'unconfirmed@example.org', present: PASSWORD }, 'ru');
      const before = (await lettersTo('unconfirmed@example.org')).length;
      for (const name of ['okrug2', 'nobody-here', 'Не имя']) await door().safeguards.requestPasswordLink(name, 'ru');
      // A letter that is due is written meanwhile.
      await door().safeguards.requestPasswordLink('i48-1', 'ru');
      await untilLetters('i1@example.org', 1);
      expect(await lettersTo('unconfirmed@example.org')).toHaveLength(before);
    });

    it('floods no mailbox: the fourth letter to one name waits', async () => {
      for (let n = 0; n < 3; n += 1) await door().safeguards.requestPasswordLink('nobody-else', 'ru');
      expect(await refusal(door().safeguards.requestPasswordLink('nobody-else', 'ru'))).toMatchObject({
        code: 'rate_limited',
      });
    });

    it('is led to the hub’s own address, by configuration and not by what a request claims', async () => {
      const [letter] = await lettersTo('i2@example.org');
      const text = (await lettersTo('i2@example.org')).map((one) => (one.status === 'kept' ? one.text : '')).join('\n');
      expect(letter).toBeDefined();
      const origins = [...text.matchAll(/https?:\/\/[^/\s]+/g)].map(([origin]) => origin);
      // A restart in an earlier test gave the node another port.
      expect(new Set(origins.map((origin) => new URL(origin).hostname))).toEqual(new Set(['127.0.0.1']));
    });
  });

  it('the letters are shown to administrators only', async () => {
    expect(await refusal(door().letters.list(null))).toMatchObject({ code: 'not_allowed' });
    expect(await refusal(door().letters.list(hub.municipal[0]))).toMatchObject({ code: 'not_allowed' });
    expect((await door().letters.list(hub.coordinator)).length).toBeGreaterThan(0);
  });

  it('rates by address are counted in the database: a node that starts anew goes on counting', async () => {
    for (let n = 0; n < 20; n += 1) await door().limits.signIn('192.0.2.200');
    await hub.restart();
    expect(await refusal(door().limits.signIn('192.0.2.200'))).toMatchObject({ code: 'rate_limited' });
    await door().limits.signIn('192.0.2.201');
  });
});

describe('where the second factor is required', () => {
  beforeAll(async () => {
    hub = await startTestHub({ SECOND_FACTOR: 'required' });
  }, START_MS);
  afterAll(() => hub.stop());

  it('a coordinator enrols it before the session may do anything, and then can’t be without', async () => {
    const browser = new Browser();
    await browser.signIn(door(), 'okrug1', PASSWORD);
    expect(await browser.identify(door())).toBeNull();
    const visit = await browser.visit(door());
    expect(visit?.duties).toEqual(['secondFactor']);
    const id = visit?.personId ?? '';
    const person = await door().people.load(id);
    if (!person) throw new Error('nobody');
    const before = browser.token;
    const { secret } = await door().safeguards.enrolment(person);
    // A reload shows the same secret: the picture may have been scanned.
    expect((await door().safeguards.enrolment(person)).secret).toBe(secret);
    const plain = secret.replaceAll('-', '');
    await door().safeguards.confirmSecondFactor(id, codeAt(plain, hub.clock.nowMs), 'ru');
    browser.keep(await door().signIn.reopen(id, browser.headers));
    expect(await browser.identify(door())).toBe(id);
    expect(browser.token).not.toBe(before);
    expect(await refusal(door().safeguards.turnOffSecondFactor(person, PASSWORD, 'ru'))).toMatchObject({
      code: 'second_factor_obliged',
    });
    expect(await refusal(door().safeguards.enrolment(person))).toMatchObject({ code: 'second_factor_on' });
  });

  it('an institution signs in with its password alone, which is longer for that', async () => {
    const person = await hub.enrol('i48-1');
    expect(person.username).toBe('i48-1');
    expect(door().passwords.lengthMin(['institutionCoordinator'])).toBe(15);
    expect(door().passwords.lengthMin(['municipalCoordinator'])).toBe(8);
    expect(door().passwords.lengthMin(['municipalCoordinator', 'institutionCoordinator'])).toBe(8);
  });
});

describe('behind https', () => {
  beforeAll(async () => {
    hub = await startTestHub({ SECOND_FACTOR: 'offered', ORIGIN: 'https://svod.example.org' });
  }, START_MS);
  afterAll(() => hub.stop());

  it('cookies are for https, out of reach of scripts and of other sites, each with a prefix that holds it so', async () => {
    const { cookies } = await door().signIn.begin({ username: 'okrug1', password: PASSWORD }, new Browser().headers);
    expect(cookies.map((line) => line.split('=')[0])).toEqual([
      '__Secure-svod.session_token',
      '__Host-svod.device',
      '__Host-svod.entrance',
    ]);
    for (const line of cookies)
      for (const attribute of ['Secure', 'HttpOnly', 'SameSite=Lax', 'Path=/']) expect(line).toContain(attribute);
  });

  it('links in letters lead to the configured origin', async () => {
    const { id } = await hub.person('okrug2');
    await door().safeguards.nameEmail(id, { email: 'o2@example.org', present: PASSWORD }, 'en');
    const [letter] = await lettersTo('o2@example.org');
    expect(letter?.subject).toBe('Confirm your e-mail address');
    expect(letter?.status === 'kept' && letter.text).toContain('https://svod.example.org/account/address/');
  });
});
