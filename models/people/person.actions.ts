/** Use cases of people: the first administrator, and coordinators he makes. */
import { z } from 'zod';
import type { Context } from '../context.ts';
import { HubError } from '../error.ts';
import type { createUnitActions, RegionInput } from '../org/unit.actions.ts';
import { passwordSchema } from '../password/password.ts';
import type { PasswordChoice } from '../password/password.choice.ts';
import type { SafeguardActions } from '../safeguard/safeguard.actions.ts';
import type { AssignmentRecord } from './assignment.store.ts';
import { personNameSchema, usernameSchema, type Person } from './person.ts';
import { isAllowed, type Role } from './rights.ts';

export const coordinatorSchema = z.strictObject({
  name: personNameSchema,
  username: usernameSchema,
  password: passwordSchema,
  role: z.enum(['regionalCoordinator', 'municipalCoordinator']),
  unit: z.string().max(40),
});

export const removalSchema = z.strictObject({
  person: z.string().max(100),
  role: coordinatorSchema.shape.role,
  unit: z.string().max(40),
});

export const firstAdministratorSchema = z.strictObject({
  name: personNameSchema,
  username: usernameSchema,
  password: passwordSchema,
});

/** Which kind of unit a role belongs to. */
const UNIT_OF_ROLE = { regionalCoordinator: 'region', municipalCoordinator: 'municipality' } as const;

export function createPersonActions(
  context: Context,
  units: ReturnType<typeof createUnitActions>,
  passwords: PasswordChoice,
  safeguards: SafeguardActions,
) {
  const { assignments, accounts } = context;

  const assignment = (person: string, role: Role, unit: string, path: string): AssignmentRecord => ({
    id: `${person}.${unit}.${role}`,
    rev: 1,
    person,
    role,
    unit,
    path,
  });

  return {
    /** The person with his assignments, or null for an account that is gone. */
    async load(personId: string): Promise<Person | null> {
      const [account, held] = await Promise.all([accounts.find(personId), assignments.list({ person: personId })]);
      return (
        account && {
          ...account,
          assignments: held.map(({ role, unit, path, procedure = null }) => ({ role, unit, path, procedure })),
        }
      );
    },

    hasAdministrator: async (): Promise<boolean> => (await assignments.count({ role: 'administrator' })) > 0,

    /** The first start: one administrator, who is also the coordinator of the one region. A second call is refused. */
    async setUp(input: { administrator: unknown; region: RegionInput }): Promise<void> {
      const administrator = firstAdministratorSchema.parse(input.administrator);
      if ((await assignments.count({ role: 'administrator' })) > 0) throw new HubError('setup_done');
      const password = passwords.choose(administrator.password, {
        username: administrator.username,
        roles: ['administrator'],
        unitNames: [input.region.name],
      });
      const personId = await accounts.open({ owner: 'first-administrator', ...administrator, password });
      const region = (await context.units.find(input.region.id)) ?? (await units.createTop(input.region));
      await assignments.save(assignment(personId, 'regionalCoordinator', region.id, region.path));
      // The last write is the one that ends the setup: a crash before it leaves it open to be repeated.
      await assignments.save(assignment(personId, 'administrator', region.id, region.path));
    },

    /** A coordinator with an account of his own, in the territory of the one who makes him. */
    async addCoordinator(person: Person, input: unknown): Promise<void> {
      const { name, username, password: given, role, unit: unitId } = coordinatorSchema.parse(input);
      const unit = await context.units.get(unitId);
      if (!isAllowed(person, 'people.manage', unit.path)) throw new HubError('not_allowed');
      if (unit.kind !== UNIT_OF_ROLE[role]) throw new HubError('bad_input', { field: 'unit', reason: 'kind' });
      const password = passwords.choose(given, { username, roles: [role], unitNames: [unit.name] });
      // An account without a role is what a crash left half done: asking again finishes it.
      const present = await accounts.findByName(username);
      if (present && (await assignments.list({ person: present.id })).length > 0)
        throw new HubError('username_taken', { username });
      const personId = await accounts.open({ owner: `coordinator.${username}`, username, name, password });
      await safeguards.notePasswordGiven(personId);
      await assignments.save(assignment(personId, role, unit.id, unit.path));
    },

    /** Ends a coordinator's role over a unit: his open pages of it go dark on every node. */
    async removeCoordinator(person: Person, input: unknown): Promise<void> {
      const { person: personId, role, unit: unitId } = removalSchema.parse(input);
      const unit = await context.units.get(unitId);
      if (!isAllowed(person, 'people.manage', unit.path)) throw new HubError('not_allowed');
      const held = await assignments.list({ person: personId, role, unit: unit.id });
      if (held.length === 0) throw new HubError('not_found');
      await assignments.end(held);
    },

    /** The coordinators of a territory, for the one who manages them. */
    async coordinators(
      person: Person,
    ): Promise<{ id: string; name: string; username: string; role: Role; unit: string }[]> {
      const held = await assignments.list({ role: { $in: ['regionalCoordinator', 'municipalCoordinator'] } });
      const mine = held.filter(({ path }) => isAllowed(person, 'people.manage', path));
      return Promise.all(
        mine.map(async ({ person: id, role, unit }) => {
          const account = await accounts.find(id);
          return { id, name: account?.name ?? '', username: account?.username ?? '', role, unit };
        }),
      );
    },
  };
}
