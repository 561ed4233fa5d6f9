/** The forum of the demonstration: the questions of the seed (domain 5.5), and one more now and then, asked and answered through the pages. */
import { setTimeout as after } from 'node:timers/promises';
import { z } from 'zod';
import { dutyAccount, institutionAccount, type Account } from './accounts.ts';
import { castOf } from './cast.ts';
import { createChance } from './chance.ts';
import type { Pace } from './pace.ts';
import { signedIn, type Session } from './session.ts';

/** Invented texts; `answer` null: still open when the visitor comes. */
export const SEED: readonly { text: string; answer: string | null; isOfficial: boolean }[] = [
  {
    text: 'Можно ли провести исследование в двух условных аудиториях одного кабинета?',
    answer: 'Да, если между ними есть перегородка и в каждой свой организатор.',
    isOfficial: true,
  },
  {
    text: 'Какой документ подписывает специалист при приёмке пакетов?',
    answer: 'Акт приёмки-передачи, в двух экземплярах.',
    isOfficial: false,
  },
  { text: 'Нужно ли сканировать пустые бланки?', answer: null, isOfficial: false },
];

/** What is asked while the visitor looks. */
export const ASKED_LATER: readonly { text: string; answer: string }[] = [
  {
    text: 'Класс расформировали в январе. Как показать его посещаемость?',
    answer: 'Заполните первое полугодие, во втором поставьте нули и оставьте число учеников пустым.',
  },
  { text: 'Учитываются ли дни карантина?', answer: 'Нет: дни, когда школа была закрыта, не входят в учебные.' },
  { text: 'Файл принят с ошибкой в одном классе. Отправлять весь файл заново?', answer: 'Да, весь файл целиком.' },
  { text: 'Кто подписывает отчёт, если директор в отпуске?', answer: 'Тот, кто исполняет его обязанности по приказу.' },
  { text: 'Нужны ли данные по надомному обучению?', answer: 'Нет, эти дети в мониторинг не входят.' },
];

/** A question is asked about so many times as seldom as a deed is done. */
const ASKED_EVERY = 15;

export interface TalkOptions {
  seed: number;
  procedure: string;
  pace: Pace;
  newSession: () => Session;
  stopped: AbortSignal;
  onTrouble: (error: unknown, what: string) => void;
}

export interface Talk {
  /** The questions of the seed. Begun anew it finds what it has asked. */
  open(): Promise<void>;
  /** Goes on until it is stopped. */
  live(): Promise<void>;
}

const postedSchema = z.object({ question: z.string(), n: z.number() });
const claimSchema = z.object({ token: z.number() });
const threadSchema = z.object({
  question: z.object({ status: z.string() }),
  messages: z.array(z.object({ id: z.string(), n: z.number(), kind: z.string() })),
});

export function createTalk({ seed, procedure, pace, newSession, stopped, onTrouble }: TalkOptions): Talk {
  const forum = `/monitoring/${procedure}/forum`;
  // Whose work is done when the visitor comes can sign in.
  const askers = castOf(seed).filter(({ opensAt }) => opensAt === 'report');
  const duty = { session: newSession(), account: dutyAccount(seed) };
  const chance = createChance(seed, 'talk');

  const say = (session: Session, account: Account, path: string, body: unknown): Promise<unknown> =>
    signedIn(session, account, () => session.json(`${forum}${path}`, body));
  const threadOf = async (question: string): Promise<z.infer<typeof threadSchema>> => {
    const bytes = await signedIn(duty.session, duty.account, () => duty.session.download(`${forum}/${question}`));
    return threadSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  };

  async function ask(number: number, text: string): Promise<string> {
    const institution = askers[number % askers.length]?.institution ?? '';
    const command = `demonstration-${seed}-ask-${number}`;
    const account = institutionAccount(seed, institution);
    return postedSchema.parse(await say(newSession(), account, '/post', { kind: 'question', command, text })).question;
  }

  async function answer(question: string, number: number, text: string, isOfficial: boolean): Promise<void> {
    const { messages } = await threadOf(question);
    if (messages.some(({ kind }) => kind === 'answer')) return;
    const { session, account } = duty;
    const { token } = claimSchema.parse(await say(session, account, `/${question}/claim`, { deed: 'take' }));
    const command = `demonstration-${seed}-answer-${number}`;
    const seen = messages.at(-1)?.n ?? 1;
    await say(session, account, '/post', { kind: 'answer', command, question, text, token, seen });
    if (!isOfficial) return;
    const given = (await threadOf(question)).messages.find(({ kind }) => kind === 'answer');
    await session.form(`${forum}?/official`, { question, message: given?.id ?? '' });
  }

  return {
    async open() {
      for (const [number, { text, answer: given, isOfficial }] of SEED.entries()) {
        const question = await ask(number, text);
        if (given !== null) await answer(question, number, given, isOfficial);
      }
    },

    async live() {
      for (const [index, { text, answer: given }] of ASKED_LATER.entries()) {
        const number = SEED.length + index;
        for (let pause = 0; pause < ASKED_EVERY; pause += 1) await after(pace.gapMs(chance), null, { signal: stopped });
        try {
          const question = await ask(number, text);
          // The visitor may be faster: then his answer stands.
          for (let pause = 0; pause < ASKED_EVERY; pause += 1)
            await after(pace.gapMs(chance), null, { signal: stopped });
          await answer(question, number, given, false);
        } catch (error) {
          if (stopped.aborted) throw error;
          onTrouble(error, 'forum');
        }
      }
    },
  };
}
