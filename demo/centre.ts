/** The centre's coordinator on duty: watches the board and lets institutions in, through the same pages as everybody. */
import { z } from 'zod';
import type { Account } from './accounts.ts';
import { rowSchema, type Row } from './deed.ts';
import { signedIn, type Session } from './session.ts';

const boardSchema = z.object({ parts: z.array(z.object({ state: z.object({ rows: z.array(rowSchema) }) })) });
const participationSchema = rowSchema
  .pick({ registeredAtMs: true, progress: true })
  .extend({ access: z.object({ status: rowSchema.shape.access }) })
  .nullable();
const renewedSchema = z.object({ address: z.string() });

export interface Centre {
  /** Every institution as the board shows it now. */
  rows(): Promise<Row[]>;
  /** One row as it is now: cheap, for after a deed. */
  row(known: Row): Promise<Row>;
  give(institution: string): Promise<void>;
  decline(institution: string): Promise<void>;
  /** A new link for an organizer who lost his; its ticket. */
  renew(institution: string): Promise<string>;
}

export function createCentre(session: Session, account: Account, procedure: string): Centre {
  const board = `/monitoring/${procedure}/board`;
  const decide = async (action: string, fields: Record<string, string>): Promise<unknown> => {
    const { data } = await signedIn(session, account, () => session.form(`${board}?/${action}`, fields));
    return data;
  };
  return {
    async rows() {
      const { parts } = boardSchema.parse(await signedIn(session, account, () => session.page(board)));
      return parts.flatMap(({ state }) => state.rows);
    },
    async row(known) {
      const path = `${board}/participation/${known.institution}`;
      const bytes = await signedIn(session, account, () => session.download(path));
      const found = participationSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
      return found ? { ...known, ...found, access: found.access.status } : known;
    },
    async give(institution) {
      await decide('give', { institution });
    },
    async decline(institution) {
      await decide('decline', { institution, reason: 'Телефон ответственного не отвечает: уточните номер.' });
    },
    async renew(institution) {
      const { address } = renewedSchema.parse(await decide('renew', { institution }));
      return address.slice(address.lastIndexOf('/') + 1);
    },
  };
}
