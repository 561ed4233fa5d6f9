import type { Context } from '../context.ts';
import { HubError } from '../error.ts';
import { positionOf } from '../journal/position.ts';
import type { Snapshot } from '../journal/journal.ts';
import { pushDevicesStream } from '../journal/stream.ts';
import type { Person } from '../people/person.ts';
import { devicesOf, ownDevice, type PushDevices } from './push.ts';

export function createPushQueries({ journal, pushDevices, origin }: Context) {
  return {
    /** By himself only. Errors: HubError `not_allowed` of another's, `viewing_only` for whoever looks through his eyes. */
    async snapshot(person: Person, parts: { person: string }): Promise<Snapshot<PushDevices>> {
      if (parts.person !== person.id) throw new HubError('not_allowed');
      if (origin()?.viewing !== undefined) throw new HubError('viewing_only');
      const stream = pushDevicesStream(person.id);
      const position = await positionOf(journal, stream);
      return { stream, position, state: devicesOf((await pushDevices.list({ person: person.id })).map(ownDevice)) };
    },
  };
}

export type PushQueries = ReturnType<typeof createPushQueries>;
