/** Makes secrets: in memory, for the one who is shown them. */
import { randomInt } from 'node:crypto';
import { HubError } from '../error.ts';
import type { PasswordChoice } from '../password/password.choice.ts';
import type { ChosenPassword } from '../password/password.ts';
import { freshSecret } from './credential-handover.ts';

/** A secret that happens to hold a word of the institution's name is thrown away; ten in a row never are. */
const TRIES_MAX = 10;

/** A secret that the rules of passwords let through. */
export function makeSecret(passwords: PasswordChoice, username: string, unitName: string): ChosenPassword {
  const owner = { username, roles: ['institutionHead'] as const, unitNames: [unitName] };
  for (let tried = 1; ; tried += 1)
    try {
      return passwords.choose(
        freshSecret((below) => randomInt(below)),
        owner,
      );
    } catch (error) {
      if (!(error instanceof HubError) || tried >= TRIES_MAX) throw error;
    }
}
