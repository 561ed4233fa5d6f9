/** Use cases of looking through somebody's eyes: beginning, looking, ending, and what the owner is told (ADR 21). */
import type { Context } from '../context.ts';
import type { DeedActions } from '../deeds/deed.actions.ts';
import { DEEDS_KEPT_DAYS } from '../deeds/deed.actions.ts';
import { retryStale, type Filter } from '../entity.store.ts';
import { HubError } from '../error.ts';
import type { Language, LetterActions } from '../letter/letter.actions.ts';
import { letterAddress } from '../safeguard/safeguard.ts';
import type { Person } from './person.ts';
import type { PersonActions } from './person.actions.ts';
import {
  beginViewing,
  endViewing,
  isDeclined,
  isViewingOpen,
  plainPath,
  refusalToView,
  tellViewing,
  VIEWING_PAGES_MAX,
  viewingInputSchema,
  VIEWINGS_PER_HOUR_MAX,
  type Viewing,
  type ViewingEnding,
  type ViewingTold,
} from './viewing.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
/** Views that an owner is shown. */
export const VIEWINGS_SHOWN_MAX = 20;
/** Open views that one round looks after. */
const OPEN_LOOKED_AT_MAX = 500;

/** A session that looks as another: both as they are now. */
export interface Through {
  id: string;
  viewer: Person;
  owner: Person;
  untilMs: number;
}

export function createViewingActions(
  context: Context,
  people: Pick<PersonActions, 'load'>,
  deeds: Pick<DeedActions, 'noteOnPerson'>,
  letters: Pick<LetterActions, 'write'>,
) {
  const { viewings, viewedPages, safeguards, together, revocation, ownUrl, now, newId, sha256 } = context;

  /** Both of a view, while it may go on. */
  async function load(viewing: Viewing): Promise<Through | null> {
    const [viewer, owner] = await Promise.all([people.load(viewing.viewer), people.load(viewing.owner)]);
    if (!viewer || !owner || refusalToView(viewer, owner) !== null) return null;
    return { id: viewing.id, viewer, owner, untilMs: viewing.untilMs };
  }

  /** Ends a view with its entry; one that is over already stays as it ended. */
  async function end(id: string, cause: ViewingEnding, actor: string): Promise<void> {
    await retryStale(async () => {
      const viewing = await viewings.get(id);
      if (viewing.status !== 'open') return;
      const ended = endViewing(viewing, now() < viewing.untilMs ? cause : 'clock', now());
      const pages = await viewedPages.count({ viewing: id });
      await together(async (session) => {
        await viewings.save(ended, session);
        await deeds.noteOnPerson(
          viewing.owner,
          {
            actor,
            kind: 'viewing.ended',
            differences: [
              { field: 'person', before: viewing.viewerName, after: null },
              { field: 'status', before: null, after: ended.status === 'ended' ? ended.cause : null },
              { field: 'count', before: null, after: pages },
            ],
          },
          session,
        );
      });
      // Its open pages go dark on every node.
      revocation.tell(viewing.viewer);
    });
  }

  /** What is left of a view that is open by its record: both persons, or null after it was ended. */
  async function settle(viewing: Viewing): Promise<Through | null> {
    if (!isViewingOpen(viewing, now())) {
      await end(viewing.id, 'clock', 'hub');
      return null;
    }
    const through = await load(viewing);
    if (!through) await end(viewing.id, 'rightLost', 'hub');
    return through;
  }

  const listOpen = (filter: Filter): Promise<Viewing[]> =>
    viewings.list({ ...filter, status: 'open' }, { sort: { begunAtMs: -1 }, limit: OPEN_LOOKED_AT_MAX });

  return {
    /**
     * Begins to look as another, in one session. He is told by letter, and in his account. Errors: `not_allowed`, `viewing_unfit`,
     * `viewing_declined`, `viewing_only` when the session looks already, `rate_limited`.
     */
    begin: (viewer: Person, given: { owner: string; reason: unknown }, session: string, language: Language) =>
      retryStale(async (): Promise<void> => {
        const owner = await people.load(given.owner);
        const refusal = owner ? refusalToView(viewer, owner) : 'not_allowed';
        if (!owner || refusal) throw new HubError(refusal ?? 'not_allowed');
        const { reason } = viewingInputSchema.parse(given);
        const nowMs = now();
        const [ofSession, lately, between, safeguard] = await Promise.all([
          viewings.list({ session }),
          viewings.list(
            { viewer: viewer.id, begunAtMs: { $gt: nowMs - HOUR_MS } },
            { sort: { begunAtMs: -1 }, limit: VIEWINGS_PER_HOUR_MAX },
          ),
          viewings.list({ viewer: viewer.id, owner: owner.id, begunAtMs: { $gt: nowMs - 2 * DAY_MS } }),
          safeguards.find(owner.id),
        ]);
        if (ofSession.some((one) => isViewingOpen(one, nowMs))) throw new HubError('viewing_only');
        if (isDeclined(between, nowMs)) throw new HubError('viewing_declined');
        const oldest = lately.at(-1);
        if (oldest && lately.length >= VIEWINGS_PER_HOUR_MAX)
          throw new HubError('rate_limited', { seconds: Math.ceil((oldest.begunAtMs + HOUR_MS - nowMs) / 1000) });
        // By the number of the session's views: of two begun in the same moment one is stale, and finds the other.
        const id = sha256(`viewing ${session} ${ofSession.length}`).slice(0, 32);
        const viewing = beginViewing({ id, session }, { viewer, owner, reason }, nowMs);
        const to = safeguard && letterAddress(safeguard);
        await together(async (transaction) => {
          await viewings.save(viewing, transaction);
          await deeds.noteOnPerson(
            owner.id,
            {
              actor: viewer.id,
              kind: 'viewing.begun',
              differences: [
                { field: 'person', before: null, after: viewer.name },
                { field: 'reason', before: null, after: reason },
              ],
            },
            transaction,
          );
          if (to)
            await letters.write(
              {
                ...{ kind: 'viewing_begun', person: owner.id, to, language },
                params: { name: viewer.name, reason, atMs: nowMs, account: ownUrl('/account') },
              },
              transaction,
            );
        });
      }),

    /** As whom a session looks, if it does; a view that may not go on ends here. */
    async through(session: string, personId: string): Promise<Through | null> {
      for (const viewing of await listOpen({ session, viewer: personId })) {
        const through = await settle(viewing);
        if (through) return through;
      }
      return null;
    },

    /** Which of the views go on: by the clock, and by what both of them hold now. Ends none. */
    async going(ids: readonly string[]): Promise<ReadonlySet<string>> {
      const open = (await listOpen({ _id: { $in: [...ids] } })).filter((one) => isViewingOpen(one, now()));
      const loaded = await Promise.all(open.map(load));
      return new Set(loaded.flatMap((through) => through?.id ?? []));
    },

    /** Notes a page before it is shown; false when there were so many that the view ended instead. */
    async look(id: string, path: string): Promise<boolean> {
      if ((await viewedPages.count({ viewing: id })) >= VIEWING_PAGES_MAX) {
        await end(id, 'pages', 'hub');
        return false;
      }
      await viewedPages.save({ id: newId(), rev: 1, viewing: id, path: plainPath(path), atMs: now() });
      return true;
    },

    /** The viewer has seen enough, or his session ends. */
    async endOfSession(session: string, viewer: string, cause: 'viewer' | 'signedOut'): Promise<void> {
      for (const { id } of await listOpen({ session, viewer })) await end(id, cause, viewer);
    },

    /** The same of all sessions of a person, but for one. */
    async endOfOtherSessions(viewer: string, except: string | null): Promise<void> {
      for (const { id, session } of await listOpen({ viewer }))
        if (session !== except) await end(id, 'signedOut', viewer);
    },

    /** The owner ends a view of himself, and is not looked at by the same person for a while. Errors: HubError `viewing_over`. */
    async decline(owner: Pick<Person, 'id'>, id: string): Promise<void> {
      const viewing = await viewings.find(id);
      if (viewing?.owner !== owner.id || !isViewingOpen(viewing, now())) throw new HubError('viewing_over');
      await end(id, 'owner', owner.id);
    },

    /** Ends what is over by the clock or by lost rights while nobody asks. */
    async endOver(): Promise<void> {
      for (const viewing of await listOpen({})) await settle(viewing);
    },

    /** Who looked as this person, the latest first. */
    async ofOwner(owner: Pick<Person, 'id'>): Promise<ViewingTold[]> {
      const found = await viewings.list({ owner: owner.id }, { sort: { begunAtMs: -1 }, limit: VIEWINGS_SHOWN_MAX });
      const pages = found.length === 0 ? [] : await viewedPages.list({ viewing: { $in: found.map(({ id }) => id) } });
      return found.map((viewing) =>
        tellViewing(
          viewing,
          pages.filter((page) => page.viewing === viewing.id),
          now(),
        ),
      );
    },

    /** As long as the entries of the journal of deeds, and no longer. */
    async forgetOld(): Promise<void> {
      const keptSinceMs = now() - DEEDS_KEPT_DAYS * DAY_MS;
      await viewings.remove({ begunAtMs: { $lt: keptSinceMs } });
      await viewedPages.remove({ atMs: { $lt: keptSinceMs } });
    },
  };
}

export type ViewingActions = ReturnType<typeof createViewingActions>;
