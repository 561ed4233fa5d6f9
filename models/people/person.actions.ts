/** Use cases of people: who somebody is now, and the first administrator. */
import { z } from 'zod';
import type { Context } from '../context.ts';
import { differencesOf } from '../deeds/deed.ts';
import { HubError } from '../error.ts';
import type { Deed } from '../journal/journal.ts';
import { topSchema, type createUnitActions } from '../org/unit.actions.ts';
import { zoneAt } from '../org/unit.zone.ts';
import { passwordSchema } from '../password/password.ts';
import type { PasswordChoice } from '../password/password.choice.ts';
import type { AppointmentFacts } from './appointment.facts.ts';
import { appointed, isInForce, nextChangeMs } from './appointment.ts';
import { personNameSchema, usernameSchema, type Person } from './person.ts';

export const firstAdministratorSchema = z.strictObject({
  name: personNameSchema,
  username: usernameSchema,
  password: passwordSchema,
});

export function createPersonActions(
  context: Context,
  units: ReturnType<typeof createUnitActions>,
  passwords: PasswordChoice,
  factsOf: AppointmentFacts,
) {
  const { journal, assignments, accounts, now, newId } = context;

  return {
    /** The person with what he holds at this moment, or null for an account that is gone. */
    async load(personId: string): Promise<Person | null> {
      const nowMs = now();
      const [account, held] = await Promise.all([
        accounts.find(personId),
        assignments.held({ person: personId }, nowMs),
      ]);
      return (
        account && {
          ...account,
          assignments: held
            .filter((one) => isInForce(one, nowMs))
            .map(({ role, unit, path, procedure }) => ({ role, unit, path, procedure })),
          changesAtMs: nextChangeMs(held, nowMs),
        }
      );
    },

    hasAdministrator: async (): Promise<boolean> => (await assignments.count({ role: 'administrator' })) > 0,

    /** The first start: one administrator, who is also the coordinator of the region, or of the federation. A second call is refused. */
    async setUp(input: { administrator: unknown; top: unknown }): Promise<void> {
      const administrator = firstAdministratorSchema.parse(input.administrator);
      const wish = topSchema.parse(input.top);
      if ((await assignments.count({ role: 'administrator' })) > 0) throw new HubError('setup_done');
      const password = passwords.choose(administrator.password, {
        username: administrator.username,
        roles: ['administrator'],
        unitNames: [wish.name],
      });
      const person = await accounts.open({ owner: 'first-administrator', ...administrator, password });
      const top = (await context.units.find(wish.id)) ?? (await units.createTop(wish));
      const nowMs = now();
      const place = { unit: top.id, path: top.path, zone: await zoneAt(context.units, top.path) };
      const coordinator = top.kind === 'federation' ? 'federalCoordinator' : 'regionalCoordinator';
      const { name } = administrator;
      const first = ([coordinator, 'administrator'] as const).map((role) =>
        appointed({ id: newId(), ...place }, { role, person, name }, { name }, nowMs),
      );
      // The last write is the one that ends the setup: a crash before it leaves it open to be repeated.
      const deed: Deed = {
        actor: person,
        atMs: nowMs,
        commandId: newId(),
        note: {
          kind: 'role.given',
          actorName: name,
          path: top.path,
          subject: person,
          subjectName: name,
          differences: differencesOf(null, { role: 'administrator', unit: top.name, person: name }),
        },
      };
      await journal.record(deed, await factsOf(first), async (session) => {
        for (const one of first) await assignments.save(one, session);
      });
    },
  };
}

export type PersonActions = ReturnType<typeof createPersonActions>;
