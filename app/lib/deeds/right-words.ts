/** Words of the table of rights. Every one is of the table itself: nothing of it is written a second time. */
import type { Right, RowName } from '#models/people/rights.ts';
import { m } from '#lib/paraglide/messages.js';
import { say } from '#lib/say.ts';

export const rowWord = (name: RowName): string => say(`right_row_${name}`);
export const rightWord = (right: Right): string => say(`right_${right}`);
/** Requirements go by their ids; what no source asks for, the hub owes itself. */
export const basisWord = (basis: string): string => (basis === 'the hub itself' ? m.rights_basis_hub() : basis);
