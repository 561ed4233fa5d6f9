/** What pages read of accesses: the table of a territory, one institution with what happened to it, and the batches. */
import type { Context } from '../context.ts';
import { CABINET_KINDS } from '../contextual-data/contextual-data.ts';
import { HubError } from '../error.ts';
import { positionOf, positionsOf } from '../journal/position.ts';
import type { Snapshot } from '../journal/journal.ts';
import { credentialBatchStream, credentialsStream } from '../journal/stream.ts';
import { pathIds, type Unit } from '../org/unit.ts';
import { startingWith } from '../org/unit.store.ts';
import type { Person } from '../people/person.ts';
import { isAllowed, territories } from '../people/rights.ts';
import { levelsOver } from './credential-handover.actions.ts';
import {
  handoverRow,
  type CredentialHandover,
  type HandingLevel,
  type HandoversPart,
  type TrailEntry,
} from './credential-handover.ts';
import { batchView, type BatchView } from './credential-batch.ts';

/** Entries of one institution's history that a page shows. */
export const TRAIL_SHOWN_MAX = 200;
export const BATCHES_SHOWN_MAX = 20;

export interface HandoversOverview {
  territory: string;
  zone: string;
  /** The levels at which the person hands down. */
  levels: HandingLevel[];
  canGenerate: boolean;
  /** Whether there is a mail server to send the last leg by. */
  hasPost: boolean;
  parts: Snapshot<HandoversPart>[];
}

export interface HandoverPage {
  institution: { id: string; name: string; parent: string; parentName: string; zone: string };
  levels: HandingLevel[];
  handover: CredentialHandover;
  /** What the institution says of itself: a proposal for the address of its head. */
  proposedEmail: string;
  instructions: string | null;
  /** Latest first. */
  trail: TrailEntry[];
}

export function createCredentialQueries(context: Context) {
  const { journal, units, handovers, handoverTrail, credentialBatches, contextualData, post } = context;

  async function zoneOf(path: string): Promise<string> {
    const above = await units.list({ _id: { $in: pathIds(path) } });
    return above.find(({ zone }) => zone !== null)?.zone ?? 'Europe/Moscow';
  }

  /** Parts of the table with their positions: all positions first, then the state. Whoever has no access is not in it. */
  async function parts(parents: readonly Unit[]): Promise<Snapshot<HandoversPart>[]> {
    if (parents.length === 0) return [];
    const positionIn = await positionsOf(
      journal,
      parents.map(({ id }) => credentialsStream(id)),
    );
    const institutions = await units.list(
      { parent: { $in: parents.map(({ id }) => id) }, kind: { $in: CABINET_KINDS } },
      { sort: { order: 1 } },
    );
    const kept = await handovers.list({ _id: { $in: institutions.map(({ id }) => id) } });
    const byInstitution = new Map(kept.map((one) => [one.id, one]));
    return parents.map(({ id, name, order }) => {
      const stream = credentialsStream(id);
      const rows = institutions
        .filter(({ parent }) => parent === id)
        .flatMap((unit) => {
          const one = byInstitution.get(unit.id);
          return one ? [handoverRow(unit, one)] : [];
        });
      return { stream, position: positionIn(stream), state: { parent: id, name, order, rows } };
    });
  }

  return {
    /** Where the person hands down, for the head of a page. */
    async territory(person: Person): Promise<{ territory: string; zone: string; canGenerate: boolean }> {
      const mine = territories(person, 'credentials.hand');
      if (mine.length === 0) throw new HubError('not_allowed');
      const tops = await units.list({ path: { $in: mine } }, { sort: { path: 1 } });
      return {
        territory: tops.map(({ name }) => name).join(', '),
        zone: await zoneOf(mine[0] ?? ''),
        canGenerate: mine.some((path) => isAllowed(person, 'credentials.generate', path)),
      };
    },

    /** The table of everything the person hands down. */
    async overview(person: Person): Promise<HandoversOverview> {
      const mine = territories(person, 'credentials.hand');
      if (mine.length === 0) throw new HubError('not_allowed');
      const under = { $or: mine.map((path) => ({ path: startingWith(path) })) };
      const parents = await units.list({ ...under, kind: { $in: ['region', 'municipality'] } }, { sort: { path: 1 } });
      const tops = await units.list({ path: { $in: mine } }, { sort: { path: 1 } });
      return {
        territory: tops.map(({ name }) => name).join(', '),
        zone: await zoneOf(mine[0] ?? ''),
        levels: [...new Set(mine.flatMap((path) => levelsOver(person, path)))],
        canGenerate: mine.some((path) => isAllowed(person, 'credentials.generate', path)),
        hasPost: post !== null,
        parts: await parts(parents.toSorted((a, b) => a.order - b.order)),
      };
    },

    /** One part, for a reader that needs it anew. */
    async part(person: Person, parentId: string): Promise<Snapshot<HandoversPart>> {
      const parent = await units.find(parentId);
      if (!parent || !isAllowed(person, 'credentials.hand', parent.path)) throw new HubError('not_allowed');
      const [part] = await parts([parent]);
      if (!part) throw new HubError('not_found');
      return part;
    },

    /** One institution's access, with everything that happened to it. */
    async page(person: Person, institution: string): Promise<HandoverPage> {
      const [unit, handover] = await Promise.all([units.find(institution), handovers.find(institution)]);
      if (!unit || !handover || !isAllowed(person, 'credentials.hand', unit.path)) throw new HubError('not_allowed');
      const [parent, data, batch, trail, zone] = await Promise.all([
        unit.parent === null ? null : units.find(unit.parent),
        contextualData.find(institution),
        credentialBatches.find(handover.batch),
        handoverTrail.list({ institution }, { sort: { handoverRev: -1 }, limit: TRAIL_SHOWN_MAX }),
        zoneOf(unit.path),
      ]);
      return {
        institution: {
          id: unit.id,
          name: unit.name,
          parent: unit.parent ?? unit.id,
          parentName: parent?.name ?? '',
          zone,
        },
        levels: levelsOver(person, unit.path),
        handover,
        proposedEmail: data?.fields.email ?? '',
        instructions: batch?.instructions ?? null,
        trail,
      };
    },

    /** The units for whose territory the person may make accesses, widest first. */
    async generatable(person: Person): Promise<{ id: string; name: string }[]> {
      const mine = territories(person, 'credentials.generate');
      if (mine.length === 0) throw new HubError('not_allowed');
      const under = { $or: mine.map((path) => ({ path: startingWith(path) })) };
      const found = await units.list(
        { ...under, kind: { $in: ['federation', 'region', 'municipality'] }, 'status.status': 'active' },
        { sort: { path: 1 } },
      );
      return found.map(({ id, name }) => ({ id, name }));
    },

    /** Batches of the person's territory, the latest first. */
    async batches(person: Person): Promise<Snapshot<BatchView>[]> {
      const mine = territories(person, 'credentials.generate');
      if (mine.length === 0) throw new HubError('not_allowed');
      const under = { $or: mine.map((path) => ({ path: startingWith(path) })) };
      const ids = (await units.list({ ...under, kind: { $in: ['federation', 'region', 'municipality'] } })).map(
        ({ id }) => id,
      );
      const known = await credentialBatches.list(
        { unit: { $in: ids } },
        { sort: { startedAtMs: -1 }, limit: BATCHES_SHOWN_MAX },
      );
      const positionIn = await positionsOf(
        journal,
        known.map(({ id }) => credentialBatchStream(id)),
      );
      const now = new Map(
        (await credentialBatches.list({ _id: { $in: known.map(({ id }) => id) } })).map((one) => [one.id, one]),
      );
      return known.flatMap(({ id }) => {
        const stream = credentialBatchStream(id);
        const one = now.get(id);
        return one ? [{ stream, position: positionIn(stream), state: batchView(one) }] : [];
      });
    },

    /** One batch with its position. */
    async batch(person: Person, id: string): Promise<Snapshot<BatchView>> {
      const known = await credentialBatches.find(id);
      const unit = known && (await units.find(known.unit));
      if (!unit || !isAllowed(person, 'credentials.generate', unit.path)) throw new HubError('not_allowed');
      const stream = credentialBatchStream(id);
      const position = await positionOf(journal, stream);
      return {
        stream,
        position,
        state: batchView(await credentialBatches.get(id)),
      };
    },
  };
}

export type CredentialQueries = ReturnType<typeof createCredentialQueries>;
