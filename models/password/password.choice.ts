/** The rules of passwords, asked with what the hub knows of the person. */
import type { Context } from '../context.ts';
import type { Role } from '../people/rights.ts';
import { isObliged } from '../safeguard/safeguard.ts';
import { choosePassword, PASSWORD_ALONE_LENGTH_MIN, PASSWORD_LENGTH_MIN, type ChosenPassword } from './password.ts';

export interface PasswordOwner {
  username: string;
  roles: readonly Role[];
  /** Names of his units. */
  unitNames: readonly string[];
}

/** The name of the hub itself is the first thing a guesser thinks of. */
const HUB_NAMES = ['svod', 'свод'];

export function createPasswordChoice({
  isCommonPassword,
  secondFactorPolicy,
}: Pick<Context, 'isCommonPassword' | 'secondFactorPolicy'>) {
  /** Eight signs only beside a second factor that can't be turned off. */
  const lengthMin = (roles: readonly Role[]): number => {
    const held = roles.map((role) => ({ role, unit: '', path: '' }));
    return isObliged(held, secondFactorPolicy) ? PASSWORD_LENGTH_MIN : PASSWORD_ALONE_LENGTH_MIN;
  };
  return {
    lengthMin,
    /** The password as it is to be kept. Errors: HubError `password_…`. */
    choose: (given: string, { username, roles, unitNames }: PasswordOwner): ChosenPassword =>
      choosePassword(given, {
        lengthMin: lengthMin(roles),
        ownNames: [username, ...unitNames, ...HUB_NAMES],
        isCommon: isCommonPassword,
      }),
  };
}

export type PasswordChoice = ReturnType<typeof createPasswordChoice>;
