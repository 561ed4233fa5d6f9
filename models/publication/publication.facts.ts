/** What the streams of publications are told: the box of who got one, the list of who sent it, and the marks between them. */
import type { Context } from '../context.ts';
import type { Fact } from '../journal/journal.ts';
import { publicationsStream, receiptsStream, sentPublicationsStream } from '../journal/stream.ts';
import type { Unit } from '../org/unit.ts';
import { boxItem, marksAdded, receiptRow, sentItem, type Dispatch, type Receipt } from './publication-dispatch.ts';
import type { Publication } from './publication.ts';

export interface Names {
  unit(id: string): Unit | null;
  name(id: string | null): string;
}

export async function namesOf({ units }: Pick<Context, 'units'>, ids: readonly (string | null)[]): Promise<Names> {
  const wanted = [...new Set(ids.filter((id) => id !== null))];
  const found = await units.list({ _id: { $in: wanted } });
  const parents = await units.list({ _id: { $in: found.flatMap(({ parent }) => parent ?? []) } });
  const byId = new Map([...parents, ...found].map((unit) => [unit.id, unit]));
  return {
    unit: (id) => byId.get(id) ?? null,
    name: (id) => (id === null ? '' : (byId.get(id)?.name ?? id)),
  };
}

export const rowOf = (receipt: Receipt, names: Names) => {
  const unit = names.unit(receipt.unit);
  return receiptRow(receipt, {
    name: unit?.name ?? receipt.unit,
    kind: unit?.kind ?? 'institution',
    parentName: names.name(unit?.parent ?? null),
  });
};

export const itemOf = (receipt: Receipt, publication: Publication, names: Names) =>
  boxItem(receipt, publication, { issuerName: names.name(publication.unit), fromName: names.name(receipt.from) });

/** A receipt came to be, or changed: its unit is told, and whoever sent it. */
export function receiptFacts(before: Receipt | null, after: Receipt, publication: Publication, names: Names): Fact[] {
  const { rev } = after;
  return [
    {
      ...{ stream: publicationsStream(after.unit), type: 'publicationDelivered', entity: publication.id, rev },
      body: { item: itemOf(after, publication, names) },
    },
    {
      ...{ stream: receiptsStream(publication.id, after.from), type: 'receiptChanged', entity: after.unit, rev },
      body: { row: rowOf(after, names) },
      counted: { ...marksAdded(before, after) },
    },
  ];
}

export function dispatchFacts(dispatch: Dispatch, publication: Publication): Fact[] {
  const { rev, unit, to, remindedAtMs } = dispatch;
  return [
    {
      ...{ stream: sentPublicationsStream(unit), type: 'dispatchChanged', entity: dispatch.id, rev },
      body: { item: sentItem(dispatch, publication) },
    },
    {
      ...{ stream: receiptsStream(publication.id, unit), type: 'listChanged', entity: dispatch.id, rev },
      body: { rev, all: to.length, remindedAtMs },
    },
  ];
}
