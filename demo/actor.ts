/** The organizer of one institution: does each deed through the pages, as a person with a browser and a spreadsheet would. */
import { z } from 'zod';
import { institutionAccount, organizerOf } from './accounts.ts';
import type { Character } from './cast.ts';
import type { Centre } from './centre.ts';
import type { Deed } from './deed.ts';
import { numberOf } from './region.ts';
import { typedRows } from './rows.ts';
import { answersOf } from './survey.ts';
import { signedIn, type Session } from './session.ts';
import { csvOf, type FillTask } from './workbook.ts';

export interface ActorOptions {
  seed: number;
  procedure: string;
  character: Character;
  session: Session;
  centre: Centre;
  /** Fills a template away from the thread that serves pages. */
  fill: (task: FillTask) => Promise<Uint8Array>;
  /** A template that a colleague of another institution passes on; null when nobody has one yet. */
  borrow: (institution: string) => Promise<FillTask['template'] | null>;
}

export interface Actor {
  act(deed: Deed): Promise<void>;
  /** The institution's own template, downloaded once. */
  template(): Promise<Uint8Array>;
}

/** Every so many institutions leave the rest of a survey for later. */
const SLOW_EVERY = 3;

const cabinetSchema = z.object({
  snapshot: z.object({ state: z.object({ submissions: z.array(z.object({ id: z.string(), status: z.string() })) }) }),
});

const boxSchema = z.object({
  box: z.object({
    state: z.object({
      items: z.array(
        z.object({
          publication: z.string(),
          edition: z.number(),
          isWithdrawn: z.boolean(),
          opened: z.object({ edition: z.number() }).nullable(),
        }),
      ),
    }),
  }),
});

const surveysSchema = z.object({
  surveys: z.array(
    z.object({
      survey: z.object({ id: z.string() }),
      response: z.object({
        state: z
          .object({ status: z.string(), sections: z.record(z.string(), z.object({ rev: z.number() })) })
          .nullish(),
      }),
    }),
  ),
});

export function createActor({ seed, procedure, character, session, centre, fill, borrow }: ActorOptions): Actor {
  const { institution, format } = character;
  const monitoring = `/monitoring/${procedure}`;
  const cabinet = `${monitoring}/cabinet/${institution}`;
  const account = institutionAccount(seed, institution);
  let ticket: string | null = null;
  let ownTemplate: Uint8Array | null = null;
  let lastSent: Uint8Array | null = null;

  async function register(): Promise<void> {
    const { fields } = organizerOf(seed, institution);
    const { location } = await session.form(`${monitoring}/registration`, { institution, ...fields });
    ticket = location?.slice(location.lastIndexOf('/') + 1) ?? null;
  }

  async function activate(): Promise<void> {
    // The link of the registration is kept by nobody else: whoever lost it asks the centre for another.
    ticket ??= await centre.renew(institution);
    const page = `${monitoring}/registration/${ticket}`;
    try {
      await session.page(page);
    } catch (error) {
      // The visitor may have made another link: this one is void.
      ticket = null;
      throw error;
    }
    await session.form(page, { username: account.username, password: account.password });
  }

  async function template(): Promise<Uint8Array> {
    ownTemplate ??= await signedIn(session, account, () => session.download(`${cabinet}/template.${format}`));
    return ownTemplate;
  }

  async function fileFor({ file, attempt }: Extract<Deed, { file: unknown }>): Promise<Uint8Array> {
    const rows = typedRows(seed, institution, file, attempt);
    if (file === 'csv') return csvOf(rows);
    if (file === 'again' && lastSent) return lastSent;
    const borrowed = file === 'foreign' ? await borrow(institution) : null;
    return fill({ template: borrowed ?? (await template()), format, rows });
  }

  async function send(deed: Extract<Deed, { file: unknown }>): Promise<void> {
    const bytes = await fileFor(deed);
    lastSent = bytes;
    const name = `Посещаемость ${numberOf(institution)}${deed.attempt > 0 ? ` (${deed.attempt + 1})` : ''}.${format}`;
    const query = new URLSearchParams({ name, attested: deed.isAttested ? 'yes' : 'no' });
    await signedIn(session, account, () => session.upload(`${cabinet}/upload?${query.toString()}`, bytes));
  }

  async function attest(): Promise<void> {
    const { snapshot } = cabinetSchema.parse(await signedIn(session, account, () => session.page(cabinet)));
    const waiting = snapshot.state.submissions.find(({ status }) => status === 'uploaded');
    if (waiting) await session.form(`${cabinet}?/attest`, { tick: 'on', submission: waiting.id });
  }

  /** Reads one thing that was sent to the institution, as whoever comes to his cabinet anyway does: so marks go on moving. */
  async function readNews(): Promise<void> {
    const { box } = boxSchema.parse(
      await signedIn(session, account, () => session.page(`/cabinet/${institution}/publications`)),
    );
    const unread = box.state.items.find(
      ({ edition, opened, isWithdrawn }) => !isWithdrawn && opened?.edition !== edition,
    );
    if (unread) await session.upload(`/publications/${unread.publication}/opened?as=${institution}`, new Uint8Array());
  }

  /** Fills the next section of an open survey, or all that is left of it, and then finishes it. */
  async function fillSurvey(isToTheEnd: boolean): Promise<void> {
    const monitorings = `/cabinet/${institution}/monitorings`;
    const { surveys } = surveysSchema.parse(await signedIn(session, account, () => session.page(monitorings)));
    const open = surveys.find(({ response }) => response.state?.status !== 'filled');
    if (!open) return;
    const page = `${monitorings}/${open.survey.id}`;
    const saved = new Set(Object.keys(open.response.state?.sections ?? {}));
    const left = Object.entries(answersOf(seed, institution)).filter(([section]) => !saved.has(section));
    for (const [section, typed] of isToTheEnd ? left : left.slice(0, 1))
      await session.form(`${page}?/save`, { section, rev: '0', typed: JSON.stringify(typed) });
    if (isToTheEnd) await session.form(`${page}?/finish`, {});
  }

  return {
    template,
    async act(deed) {
      switch (deed.kind) {
        case 'register':
          return register();
        case 'give':
          return centre.give(institution);
        case 'decline':
          return centre.decline(institution);
        case 'activate':
          return activate();
        case 'template':
          await template();
          await readNews();
          return fillSurvey(false);
        case 'send':
          await send(deed);
          return fillSurvey(numberOf(institution) % SLOW_EVERY !== 0);
        case 'correct':
        case 'revise':
          await send(deed);
          return fillSurvey(true);
        case 'attest':
          await attest();
          await readNews();
          return fillSurvey(true);
        default:
          throw deed satisfies never;
      }
    },
  };
}
