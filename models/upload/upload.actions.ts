/** Use cases of large files on their way in: beginning, going on from any node and by any sender of the target, storing, handing over (S1-04). */
import type { Context } from '../context.ts';
import { differencesOf, type DeedKind, type DeedNote } from '../deeds/deed.ts';
import { isDuplicateKey } from '../duplicate-key.ts';
import { HubError } from '../error.ts';
import type { Deed, Fact } from '../journal/journal.ts';
import { uploadsStream } from '../journal/stream.ts';
import type { Person } from '../people/person.ts';
import type { UploadPurpose, UploadPurposes } from './upload.purpose.ts';
import {
  abandon,
  beginSchema,
  beginUpload,
  claimUpload,
  demandOffset,
  demandReceiving,
  megabytes,
  ownOutcome,
  partCame,
  refused,
  releaseUpload,
  renewLease,
  safeUploadName,
  settled,
  stored,
  STORING_LEASE_MS,
  TRIES_MAX,
  UNFINISHED_KEPT_MS,
  UNFINISHED_MAX,
  UPLOAD_PART_BYTES,
  uploadView,
  type EndedUpload,
  type Upload,
  type UploadOf,
  type UploadOutcome,
  type UploadView,
} from './upload.ts';

export type { UploadPurposes } from './upload.purpose.ts';

/** Stale uploads given up in one round. */
const GIVEN_UP_AT_ONCE_MAX = 100;
/** How long after a fault a file waits for its next try (ms). */
const TRY_AGAIN_MS = 5_000;

class Stopping extends Error {}

const isStale = (error: unknown): boolean => error instanceof HubError && error.code === 'stale_write';

const uploadFact = (upload: Upload): Fact => ({
  stream: uploadsStream(upload.purpose, upload.target),
  type: 'uploadChanged',
  entity: upload.id,
  rev: upload.rev,
  body: { upload: uploadView(upload) },
});

const noteOf = (kind: DeedKind, upload: Upload, more: { reason?: string } = {}): DeedNote => ({
  ...{ kind, path: upload.path, subject: upload.id, subjectName: upload.name },
  differences: differencesOf(null, { person: upload.ownerName, ...more }),
});

export function createUploadActions(context: Context, purposes: UploadPurposes) {
  const { uploads, blobs, journal, together, observer, now, newId } = context;

  const purposeOf = (name: string): UploadPurpose | null =>
    (Object.hasOwn(purposes, name) ? purposes[name] : null) ?? null;

  const record = (actor: string, note: DeedNote | null, upload: Upload): Promise<void> => {
    const deed: Deed = { actor, atMs: now(), commandId: newId(), note };
    return journal.record(deed, [uploadFact(upload)], (session) => uploads.save(upload, session));
  };

  async function known(id: string): Promise<{ upload: Upload; purpose: UploadPurpose }> {
    const upload = await uploads.find(id);
    const purpose = upload && purposeOf(upload.purpose);
    if (!upload || !purpose) throw new HubError('not_allowed');
    return { upload, purpose };
  }

  /** The upload, for whoever may send to its target: its owner or a colleague. What is not there and what is another's look alike. */
  async function sendable(person: Person, id: string): Promise<Upload> {
    const { upload, purpose } = await known(id);
    await purpose.authorize(person, upload.target);
    return upload;
  }

  /** The same file that the target has already. */
  async function repeated(upload: Pick<Upload, 'purpose' | 'target'>, sha256: string): Promise<HubError | null> {
    const { purpose, target } = upload;
    const [same] = await uploads.list({ purpose, target, sha256, status: 'stored' }, { limit: 1 });
    if (same?.status !== 'stored') return null;
    return new HubError('upload_repeated', { name: same.name, by: same.ownerName, atMs: same.endedAtMs });
  }

  /** Counts a part and keeps it, both or neither; told only now and then. */
  async function keep(upload: UploadOf<'receiving'>, bytes: Uint8Array): Promise<UploadOf<'receiving' | 'received'>> {
    const { upload: after, isTold } = partCame(upload, bytes.length, now());
    const save: Parameters<typeof together>[0] = async (session) => {
      await uploads.save(after, session);
      await uploads.keepPart(upload.id, upload.offset, bytes, session);
    };
    try {
      if (isTold) {
        const deed: Deed = { actor: upload.owner, atMs: now(), commandId: newId(), note: null };
        await journal.record(deed, [uploadFact(after)], save);
      } else await together(save);
    } catch (error) {
      if (!isStale(error)) throw error;
      // Somebody else sends the same file at this moment, or has given it up.
      const present = demandReceiving(await uploads.get(upload.id));
      throw new HubError('upload_moved', { offset: present.offset });
    }
    return after;
  }

  /** Streams the parts into their place while the lease is held; answers with what is then known of the file. */
  async function store(
    claimed: UploadOf<'received'> & { blob: string },
    isStopping: () => boolean,
  ): Promise<{ upload: UploadOf<'received'> & { blob: string }; sha256: string }> {
    let upload = claimed;
    const leased = async function* (): AsyncGenerator<Uint8Array> {
      for await (const part of uploads.parts(upload)) {
        if (isStopping()) throw new Stopping();
        // Whoever lost the lease ends here: another node stores the file under another blob.
        if (upload.dueAtMs !== null && upload.dueAtMs - now() < STORING_LEASE_MS / 2) {
          const renewed = renewLease(upload, now());
          await uploads.save(renewed);
          upload = renewed;
        }
        yield part;
      }
    };
    const { sha256 } = await blobs.put(claimed.blob, leased(), { type: 'application/octet-stream' });
    return { upload, sha256 };
  }

  /** What is there already is refused; of two that are stored at the same moment the index refuses one. */
  async function recordStored(upload: UploadOf<'received'> & { blob: string }, sha256: string): Promise<void> {
    const again = upload.isAgain ? null : await repeated(upload, sha256);
    const after = again ? refused(upload, again.code, again.params, now()) : stored(upload, sha256, now());
    const note =
      after.status === 'stored'
        ? noteOf('upload.stored', after)
        : noteOf('upload.refused', after, { reason: after.code });
    try {
      await record('hub', note, after);
    } catch (error) {
      const other = isDuplicateKey(error) ? await repeated(upload, sha256) : null;
      if (!other) throw error;
      const repeat = refused(upload, other.code, other.params, now());
      await record('hub', noteOf('upload.refused', repeat, { reason: repeat.code }), repeat);
    }
  }

  async function storeWhole(claimed: UploadOf<'received'>, isStopping: () => boolean): Promise<void> {
    const { blob } = claimed;
    if (blob === null) throw new Error(`upload ${claimed.id} was claimed without a blob`);
    let last: UploadOf<'received'> & { blob: string } = { ...claimed, blob };
    try {
      const { upload, sha256 } = await store(last, isStopping);
      last = upload;
      await recordStored(upload, sha256);
    } catch (error) {
      await blobs.remove(blob);
      throw error;
    }
  }

  async function handOver(upload: UploadOf<'stored'>): Promise<void> {
    await uploads.removeParts(upload.id);
    const purpose = purposeOf(upload.purpose);
    if (!purpose) throw new Error(`nobody takes files for ${upload.purpose}`);
    try {
      await purpose.received(upload);
    } catch (error) {
      if (!(error instanceof HubError) || error.code === 'busy' || error.code === 'stale_write') throw error;
      const after = refused(upload, error.code, error.params, now());
      await record('hub', noteOf('upload.refused', after, { reason: after.code }), after);
      return;
    }
    await record('hub', null, settled(upload));
  }

  async function cleanUp(upload: Exclude<EndedUpload, { status: 'stored' }>): Promise<void> {
    await uploads.removeParts(upload.id);
    if (upload.blob !== null) await blobs.remove(upload.blob);
    await record('hub', null, settled(upload));
  }

  async function giveUp(upload: UploadOf<'received' | 'stored'>): Promise<void> {
    const after = refused(upload, 'upload_unprocessed', { name: upload.name }, now());
    await record('hub', noteOf('upload.refused', after, { reason: after.code }), after);
  }

  async function work(upload: UploadOf<'received'> | EndedUpload, isStopping: () => boolean): Promise<void> {
    switch (upload.status) {
      case 'received':
        return upload.tries > TRIES_MAX ? giveUp(upload) : storeWhole(upload, isStopping);
      case 'stored':
        return upload.tries > TRIES_MAX ? giveUp(upload) : handOver(upload);
      case 'refused':
      case 'abandoned':
        return cleanUp(upload);
      default:
        throw upload satisfies never;
    }
  }

  return {
    /**
     * Begins to send a file. Errors: HubError `not_allowed`, `upload_too_large`, `upload_repeated` for a file whose declared hash the
     * target has already, `uploads_unfinished`, and what the purpose says of its name.
     */
    async begin(person: Person, input: unknown): Promise<{ id: string }> {
      // Whose matter it is not hears nothing of what was wrong with it.
      const { purpose: name, target } = (input ?? {}) as { purpose?: unknown; target?: unknown };
      const purpose = typeof name === 'string' ? purposeOf(name) : null;
      if (!purpose || typeof target !== 'string') throw new HubError('not_allowed');
      const { path } = await purpose.authorize(person, target);
      const asked = beginSchema.parse(input);
      purpose.accepts(safeUploadName(asked.name));
      const { bytesMax } = purpose.limits;
      if (asked.bytes > bytesMax)
        throw new HubError('upload_too_large', { mb: megabytes(asked.bytes), mbMax: megabytes(bytesMax) });
      const again = asked.sha256 === null || asked.isAgain ? null : await repeated(asked, asked.sha256);
      if (again) throw again;
      const unfinished = await uploads.count({ owner: person.id, status: 'receiving' });
      if (unfinished >= UNFINISHED_MAX) throw new HubError('uploads_unfinished', { max: UNFINISHED_MAX });
      const upload = beginUpload({ id: newId(), owner: person.id, ownerName: person.name, path }, asked, now());
      await record(person.id, noteOf('upload.begun', upload), upload);
      return { id: upload.id };
    },

    /** How far an upload is, for whoever may go on with it. Errors: HubError `not_allowed`. */
    async find(person: Person, id: string): Promise<UploadView> {
      return uploadView(await sendable(person, id));
    },

    /** What became of a file, for whoever may send to its target, also after nothing more is taken there. Errors: HubError `not_allowed`. */
    async outcome(person: Person, id: string): Promise<UploadOutcome> {
      const { upload, purpose } = await known(id);
      await purpose.authorizeSender(person, upload.target);
      return ownOutcome(upload) ?? (upload.status === 'stored' ? purpose.outcome(upload) : { status: 'pending' });
    },

    /**
     * Takes bytes from an offset on and answers with the offset behind them. Each part is kept before the next one is taken in; what came
     * before a line broke is kept too. Errors: HubError `not_allowed`, `upload_over`, `upload_expired`, `upload_moved`, `upload_too_large`.
     */
    async append(person: Person, id: string, offset: number, source: AsyncIterable<Uint8Array>): Promise<number> {
      let upload: UploadOf<'receiving' | 'received'> = demandReceiving(await sendable(person, id));
      demandOffset(upload, offset);
      const part = new Uint8Array(Math.min(UPLOAD_PART_BYTES, upload.bytes - upload.offset));
      let filled = 0;
      const flush = async (): Promise<void> => {
        if (filled > 0) upload = await keep(demandReceiving(upload), part.subarray(0, filled));
        filled = 0;
      };
      try {
        for await (const piece of source)
          for (let at = 0; at < piece.length;) {
            if (filled === part.length) await flush();
            const taken = piece.subarray(at, at + part.length - filled);
            part.set(taken, filled);
            filled += taken.length;
            at += taken.length;
          }
      } catch (error) {
        if (!(error instanceof HubError)) await flush();
        throw error;
      }
      await flush();
      return upload.offset;
    },

    /** Gives an upload up: by its owner or a colleague of his. Errors: HubError `not_allowed`, `upload_over`, `upload_expired`. */
    async abandon(person: Person, id: string): Promise<void> {
      const after = abandon(await sendable(person, id), 'sender', now());
      await record(person.id, noteOf('upload.abandoned', after), after);
    },

    /** Does what is due of the next upload: stores it, hands it over, or clears away what is left of it. */
    async processNext(_node: string, isStopping: () => boolean): Promise<boolean> {
      const [due] = await uploads.list({ dueAtMs: { $lte: now() } }, { sort: { dueAtMs: 1 }, limit: 1 });
      const claimed = due && claimUpload(due, newId(), now());
      if (!claimed) return false;
      try {
        await uploads.save(claimed);
        // What the node before has left under its blob.
        if (due.status === 'received' && due.blob !== null) await blobs.remove(due.blob);
        await work(claimed, isStopping);
      } catch (error) {
        // Another node was faster: it is its matter now.
        if (isStale(error)) return true;
        if (!(error instanceof Stopping)) observer.fault(error, 'uploads');
        const present = await uploads.find(claimed.id);
        if (present?.status === claimed.status) {
          const wait = error instanceof Stopping ? 0 : TRY_AGAIN_MS;
          await uploads.save(releaseUpload(present, now() + wait)).catch((thrown: unknown) => {
            if (!isStale(thrown)) throw thrown;
          });
        }
      }
      return true;
    },

    /** Gives up what nobody went on with for long. */
    async giveUpStale(): Promise<void> {
      const stale = await uploads.list(
        { status: 'receiving', touchedAtMs: { $lte: now() - UNFINISHED_KEPT_MS } },
        { limit: GIVEN_UP_AT_ONCE_MAX },
      );
      for (const upload of stale)
        try {
          const after = abandon(upload, 'stale', now());
          await record('hub', noteOf('upload.abandoned', after, { reason: 'stale' }), after);
        } catch (error) {
          if (!isStale(error)) throw error;
        }
    },
  };
}
