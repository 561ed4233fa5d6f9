/** The filters of the table of accesses, and which of its rows a deed is for. Pure. */
import { holderOf, type HandingLevel, type HandoverRow } from '#models/credential/credential-handover.ts';

export const HANDOVER_FILTERS = ['mine', 'above', 'unverified', 'unopened', 'handed', 'activated', 'revoked'] as const;
export type HandoverFilter = (typeof HANDOVER_FILTERS)[number];

/** Whether the access lies with the reader. */
export const isHeld = ({ state }: HandoverRow, levels: readonly HandingLevel[]): boolean => {
  const holder = state === null ? null : holderOf({ state });
  return holder !== null && levels.includes(holder);
};

export function isIn(row: HandoverRow, filter: HandoverFilter, levels: readonly HandingLevel[]): boolean {
  switch (filter) {
    case 'mine':
      return isHeld(row, levels);
    case 'above':
      return row.state !== null && holderOf({ state: row.state }) !== null;
    case 'unverified':
      return !row.isHeadVerified && row.state !== 'revoked';
    case 'unopened':
      return isHeld(row, levels) && row.opened === null;
    case 'handed':
      return row.state === 'handedToInstitution';
    case 'activated':
      return row.state === 'activated';
    case 'revoked':
      return row.state === 'revoked';
    default:
      throw filter satisfies never;
  }
}

/** What is handed on next goes to the institution itself. */
export const isLastLeg = ({ state, viaMunicipality }: HandoverRow): boolean =>
  state === 'handedToMunicipality' || (state === 'handedToRegion' && !viaMunicipality);

/** Deeds for many rows at once. */
export const BULK_DEEDS = ['verify', 'hand', 'send', 'takeBack'] as const;
export type BulkDeed = (typeof BULK_DEEDS)[number];

export function isFor(row: HandoverRow, deed: BulkDeed, levels: readonly HandingLevel[]): boolean {
  switch (deed) {
    case 'verify':
      return isIn(row, 'unverified', levels);
    case 'hand':
      return isHeld(row, levels) && (!isLastLeg(row) || (row.isHeadVerified && row.opened !== null));
    case 'send':
      return isHeld(row, levels) && isLastLeg(row) && row.isHeadVerified && row.opened === null;
    case 'takeBack':
      return isTakenBack(row, levels);
    default:
      throw deed satisfies never;
  }
}

/** Handed on by the reader's level, and not opened there. */
function isTakenBack({ state, viaMunicipality, opened }: HandoverRow, levels: readonly HandingLevel[]): boolean {
  switch (state) {
    case 'handedToRegion':
      return levels.includes('federation') && opened?.level !== 'region';
    case 'handedToMunicipality':
      return levels.includes('region') && opened?.level !== 'municipality';
    case 'handedToInstitution':
      return levels.includes(viaMunicipality ? 'municipality' : 'region');
    default:
      return false;
  }
}
