import { describe, expect, it } from 'vitest';
import { HubError } from '../error.ts';
import {
  activate,
  applyHandoverFact,
  countHandovers,
  demandUsable,
  emptyHandovers,
  freshSecret,
  generate,
  HANDING_LEVELS,
  HANDOVER_STATES,
  handoverRow,
  handOn,
  holderOf,
  openSecret,
  reasonSchema,
  REASON_CHARS_MAX,
  reissue,
  revoke,
  sendSecret,
  SECRET_ALPHABET,
  signInName,
  takeBack,
  verifyHead,
  type CredentialHandover,
  type HandingLevel,
  type HandoverState,
} from './credential-handover.ts';

const WHO = { name: 'Орлова Анна Петровна' };
const opener = (level: HandingLevel) => ({ id: level, name: WHO.name, levels: [level] });
const EVERY_LEVEL = HANDING_LEVELS;

/** An access of a survey (S4) of a federal hub: it goes all the way. */
const made = (viaMunicipality = true): CredentialHandover =>
  generate(
    { institution: 'i26-1', batch: 'b', username: 'i26-1', person: 'p', origin: 'federation', viaMunicipality },
    1,
  );

/** Brings an access to a state by the way that is allowed. */
function at(state: HandoverState, viaMunicipality = true): CredentialHandover {
  let one = made(viaMunicipality);
  if (state === 'generated') return one;
  if (state === 'revoked') return revoked(one);
  one = handOn(one, ['federation'], 2);
  if (state === 'handedToRegion') return one;
  if (viaMunicipality) one = handOn(one, ['region'], 3);
  if (state === 'handedToMunicipality') return one;
  one = verified(openSecret(one, opener(viaMunicipality ? 'municipality' : 'region'), 0, 4));
  one = handOn(one, [viaMunicipality ? 'municipality' : 'region'], 5);
  if (state === 'handedToInstitution') return one;
  return active(one);
}

function revoked(one: CredentialHandover): CredentialHandover {
  const done = revoke(one, 'карточка потеряна', WHO, 9);
  if (!done) throw new Error('nothing revoked');
  return done;
}
function verified(one: CredentialHandover, email = 'head@example.org'): CredentialHandover {
  return verifyHead(one, email, WHO, 4) ?? one;
}
function active(one: CredentialHandover): CredentialHandover {
  const done = activate(one, 6);
  if (!done) throw new Error('nothing activated');
  return done;
}
function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof HubError) return error.code;
    throw error;
  }
  return 'done';
}

describe('the way down', () => {
  it('[S1-32] [S4-11] [S4-12] leads from the federal level to the institution, one level at a time, through a municipality in a survey', () => {
    const way: HandoverState[] = [];
    let one = made();
    for (const level of ['federation', 'region'] as const) {
      way.push(one.state);
      one = handOn(one, [level], 2);
    }
    way.push(one.state);
    one = verified(openSecret(one, opener('municipality'), 0, 3));
    one = handOn(one, ['municipality'], 4);
    way.push(one.state, active(one).state);
    expect(way).toEqual(HANDOVER_STATES.filter((state) => state !== 'revoked'));
  });

  it('[S1-32] of a college has no municipality in it', () => {
    const region = openSecret(at('handedToRegion', false), opener('region'), 0, 3);
    expect(handOn(verified(region), ['region'], 4).state).toBe('handedToInstitution');
  });

  it('begins with the level that made it: a region hands down what it made itself', () => {
    const one = generate(
      { institution: 'i', batch: 'b', username: 'i-1', person: 'p', origin: 'region', viaMunicipality: true },
      1,
    );
    expect(one.state).toBe('handedToRegion');
    expect(refusal(() => takeBack(one, EVERY_LEVEL, 2))).toBe('handover_elsewhere');
  });

  it.each(HANDOVER_STATES)('[S1-32] from «%s» is gone by the level that has it, and by nobody else', (state) => {
    const one = verified(state === 'revoked' ? at('generated') : at(state));
    const now = state === 'revoked' ? revoked(one) : one;
    const holder = holderOf(now);
    for (const level of HANDING_LEVELS) {
      const outcome = refusal(() => handOn(now, [level], 9));
      const isAllowed = level === holder;
      if (!isAllowed) expect(outcome, level).toBe('handover_elsewhere');
      else expect(outcome, level).toBe(state === 'handedToMunicipality' ? 'handover_unopened' : 'done');
    }
  });

  it('[S4-09] [S4-10] ends before an institution whose head’s address nobody verified', () => {
    const one = openSecret(at('handedToMunicipality'), opener('municipality'), 0, 4);
    expect(refusal(() => handOn(one, ['municipality'], 5))).toBe('head_address_unverified');
    expect(refusal(() => handOn(verified(one), ['municipality'], 5))).toBe('done');
  });

  it('[S4-10] does not end there for a leg above the institution', () => {
    expect(handOn(at('handedToRegion'), ['region'], 5).state).toBe('handedToMunicipality');
  });

  it('is not gone with empty hands: without an opening there is no card to give', () => {
    expect(refusal(() => handOn(verified(at('handedToMunicipality')), ['municipality'], 5))).toBe('handover_unopened');
  });
});

describe('taking back', () => {
  it.each([
    ['handedToRegion', 'federation', 'generated'],
    ['handedToMunicipality', 'region', 'handedToRegion'],
    ['handedToInstitution', 'municipality', 'handedToMunicipality'],
  ] as const)('what is «%s» comes back to the %s that gave it, and to no other', (state, giver, back) => {
    const one = at(state);
    expect(takeBack(one, [giver], 9).state).toBe(back);
    for (const level of HANDING_LEVELS.filter((candidate) => candidate !== giver))
      expect(refusal(() => takeBack(one, [level], 9))).toBe('handover_elsewhere');
  });

  it('is over once the next level has opened it, or the institution has signed in', () => {
    const opened = openSecret(at('handedToMunicipality'), opener('municipality'), 0, 4);
    expect(refusal(() => takeBack(opened, ['region'], 5))).toBe('handover_next_opened');
    expect(refusal(() => takeBack(at('activated'), EVERY_LEVEL, 9))).toBe('handover_next_opened');
  });

  it('is possible when the level above had opened it for a sealed card', () => {
    const sealed = handOn(openSecret(at('handedToRegion'), opener('region'), 0, 3), ['region'], 4);
    expect(takeBack(sealed, ['region'], 5).state).toBe('handedToRegion');
  });

  it('of what has not moved, or is revoked, is refused', () => {
    for (const state of ['generated', 'revoked'] as const)
      expect(refusal(() => takeBack(at(state), EVERY_LEVEL, 9))).toBe('handover_elsewhere');
  });
});

describe('opening', () => {
  it('notes who, when and at which level, and counts', () => {
    const one = openSecret(at('handedToRegion'), opener('region'), 0, 7);
    expect(one.opening).toEqual({ atMs: 7, by: 'region', byName: WHO.name, level: 'region' });
    expect(one.openings).toBe(1);
  });

  it('twice with the same knowledge is refused, and says who was first', () => {
    const one = openSecret(at('handedToRegion'), opener('region'), 0, 7);
    expect(() => openSecret(one, opener('region'), 0, 8)).toThrow(
      new HubError('handover_opened', { by: WHO.name, atMs: 7 }),
    );
    expect(openSecret(one, opener('region'), 1, 8).openings).toBe(2);
  });

  it.each(HANDOVER_STATES)('of what is «%s» belongs to the level that has it', (state) => {
    const one = at(state);
    for (const level of HANDING_LEVELS) {
      const outcome = refusal(() => openSecret(one, opener(level), one.openings, 9));
      expect(outcome, level).toBe(level === holderOf(one) ? 'done' : 'handover_elsewhere');
    }
  });
});

describe('a letter', () => {
  it.each(HANDOVER_STATES)(
    '[S4-10] [S4-12] from «%s» goes only on the last leg, by who has it, to a verified address',
    (state) => {
      const one = at(state);
      const ready = state === 'revoked' ? one : verified(one);
      const isLast = state === 'handedToMunicipality';
      for (const level of HANDING_LEVELS) {
        const isAllowed = isLast && level === 'municipality';
        expect(
          refusal(() => sendSecret(ready, opener(level), ready.openings, 9)),
          level,
        ).toBe(isAllowed ? 'done' : 'handover_elsewhere');
      }
      if (isLast) expect(refusal(() => sendSecret(one, opener('municipality'), 0, 9))).toBe('head_address_unverified');
    },
  );

  it('opens and hands in one step, and refuses who does not know that somebody opened it meanwhile', () => {
    const one = verified(at('handedToMunicipality'));
    const sent = sendSecret(one, opener('municipality'), 0, 9);
    expect(sent).toMatchObject({ state: 'handedToInstitution', openings: 1, rev: one.rev + 1 });
    const opened = openSecret(one, opener('municipality'), 0, 8);
    expect(refusal(() => sendSecret(opened, opener('municipality'), 0, 9))).toBe('handover_opened');
  });
});

describe('the first sign-in', () => {
  it.each(HANDOVER_STATES)('from «%s» activates only what was handed to the institution', (state) => {
    const one = at(state);
    if (state === 'activated') expect(activate(one, 9)).toBeNull();
    else expect(refusal(() => activate(one, 9))).toBe(state === 'handedToInstitution' ? 'done' : 'handover_elsewhere');
  });

  it.each([
    ['generated', 'credentials_revoked'],
    ['handedToRegion', 'credentials_revoked'],
    ['handedToMunicipality', 'credentials_revoked'],
    ['handedToInstitution', 'done'],
    ['activated', 'done'],
    ['revoked', 'credentials_revoked'],
  ] as const)('with the secret of what is «%s» and nobody opened: %s', (state, outcome) => {
    expect(refusal(() => demandUsable(at(state)))).toBe(outcome);
  });

  it('with a card that was opened but not handed over is refused, so that no level above signs in for the institution', () => {
    expect(refusal(() => demandUsable(openSecret(at('handedToMunicipality'), opener('municipality'), 0, 4)))).toBe(
      'credentials_not_handed',
    );
  });
});

describe('ending', () => {
  it.each(HANDOVER_STATES)('revokes what is «%s», once', (state) => {
    const one = at(state);
    const done = revoke(one, 'ошибка', WHO, 9);
    if (state === 'revoked') expect(done).toBeNull();
    else expect(done).toMatchObject({ state: 'revoked', reason: 'ошибка', rev: one.rev + 1 });
  });

  it.each(HANDOVER_STATES)('makes what is «%s» anew with whoever asks, unopened, in another edition', (state) => {
    const one = at(state);
    expect(reissue(one, ['region'], 9)).toMatchObject({ state: 'handedToRegion', edition: 2, opening: null });
    expect(reissue(one, ['municipality'], 9)).toMatchObject({ state: 'handedToMunicipality', opening: null });
    expect(reissue(one, EVERY_LEVEL, 9)).toMatchObject({ state: 'generated', opening: null });
  });

  it('anew never lies above who made it, nor with a municipality that the way does not pass', () => {
    const own = generate(
      { institution: 'c', batch: 'b', username: 'c-1', person: 'p', origin: 'region', viaMunicipality: false },
      1,
    );
    expect(reissue(own, ['federation', 'region'], 9).state).toBe('handedToRegion');
    expect(refusal(() => reissue(own, ['municipality'], 9))).toBe('not_allowed');
  });

  it('asks for a reason within its limits', () => {
    expect(reasonSchema.safeParse('  ').success).toBe(false);
    expect(reasonSchema.safeParse('а'.repeat(REASON_CHARS_MAX)).success).toBe(true);
    expect(reasonSchema.safeParse('а'.repeat(REASON_CHARS_MAX + 1)).success).toBe(false);
  });
});

describe('the head’s address', () => {
  it('[S4-09] is confirmed once and corrected any time, but not of a revoked access', () => {
    const one = verified(at('handedToMunicipality'));
    expect(verifyHead(one, 'head@example.org', WHO, 9)).toBeNull();
    expect(verifyHead(one, 'other@example.org', WHO, 9)?.head).toEqual({
      email: 'other@example.org',
      verifiedAtMs: 9,
      byName: WHO.name,
    });
    expect(refusal(() => verifyHead(at('revoked'), 'a@example.org', WHO, 9))).toBe('handover_elsewhere');
  });
});

describe('the row', () => {
  const unit = { id: 'i26-1', name: 'МБОУ СОШ № 201', order: 1 };

  it('[S1-32] holds neither the secret nor anybody’s address or name', () => {
    const text = JSON.stringify(handoverRow(unit, at('activated')));
    expect(text).not.toContain('head@example.org');
    expect(text).not.toContain(WHO.name);
  });

  it('follows facts by revision: twice, late and out of order it is the same', () => {
    const states = [at('handedToRegion'), at('handedToMunicipality'), at('activated')];
    const facts = states.map((one) => ({
      type: 'handoverChanged' as const,
      body: { row: handoverRow(unit, one) },
    }));
    const inOrder = facts.reduce(applyHandoverFact, emptyHandovers('m'));
    const disordered = [...facts, ...facts.toReversed()].reduce(applyHandoverFact, emptyHandovers('m'));
    expect(disordered).toEqual(inOrder);
    expect(countHandovers(inOrder.rows)).toMatchObject({ all: 1, activated: 1, above: 0, unverified: 0 });
  });
});

describe('names and secrets', () => {
  it('make a name of the code, never too short, never too long, and another one when it is taken', () => {
    expect(signInName('i48-1', 0)).toBe('i48-1');
    expect(signInName('i48-1', 1)).toBe('i48-1-2');
    expect(signInName('7', 0)).toBe('org-7');
    expect(signInName('a'.repeat(40), 11)).toBe(`${'a'.repeat(37)}-12`);
  });

  it('use no sign that looks like another, and every one that does not', () => {
    let next = 0;
    const signs = new Set<string>();
    for (let times = 0; times < 2; times += 1)
      for (const sign of freshSecret((below) => (next += 1) % below).replaceAll('-', '')) signs.add(sign);
    expect(freshSecret(() => 0)).toBe('aaaa-aaaa-aaaa-aaaa');
    expect(SECRET_ALPHABET).not.toMatch(/[ilo01]/);
    expect(signs.size).toBe(SECRET_ALPHABET.length);
  });
});
