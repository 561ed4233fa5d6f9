/** What pages read of uploads. */
import type { Context } from '../context.ts';
import { HubError } from '../error.ts';
import type { Snapshot } from '../journal/journal.ts';
import { uploadsStream } from '../journal/stream.ts';
import type { Person } from '../people/person.ts';
import type { UploadPurposes } from './upload.purpose.ts';
import { ENDED_SHOWN_MAX, uploadsOf, uploadView, type UploadsPart } from './upload.ts';

const ENDED = ['stored', 'refused', 'abandoned'];

export function createUploadQueries({ uploads, journal }: Context, purposes: UploadPurposes) {
  return {
    /** The uploads of one target, those that others have begun too: whoever may send there goes on with any of them. */
    async part(person: Person, purpose: string, target: string): Promise<Snapshot<UploadsPart>> {
      const known = Object.hasOwn(purposes, purpose) ? purposes[purpose] : undefined;
      if (!known) throw new HubError('not_allowed');
      await known.authorizeView(person, target);
      const stream = uploadsStream(purpose, target);
      const [head] = await journal.heads([stream]);
      if (!head) throw new Error(`no head of ${stream}`);
      const [open, ended] = await Promise.all([
        uploads.list({ purpose, target, status: { $in: ['receiving', 'received'] } }),
        uploads.list(
          { purpose, target, status: { $in: ENDED } },
          { sort: { endedAtMs: -1, _id: -1 }, limit: ENDED_SHOWN_MAX },
        ),
      ]);
      const state = uploadsOf(purpose, target, [...open, ...ended].map(uploadView));
      return { stream, position: { epoch: head.epoch, seq: head.seq }, state };
    },
  };
}

export type UploadQueries = ReturnType<typeof createUploadQueries>;
