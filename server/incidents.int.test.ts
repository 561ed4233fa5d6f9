/** Incidents over a real store: noticed by whoever asks, answered once for all, over when it helped or nobody asks. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { QUIET_MS, SURGE_INSTITUTIONS_MIN, type IncidentView } from '#models/forum/incident/incident.ts';
import type { Person } from '#models/people/person.ts';
import { PROCEDURE, startSecondNode, startTestHub, type TestHub } from './testing.ts';

let hub: TestHub;
const schools: Person[] = [];
let commands = 0;

beforeAll(async () => {
  hub = await startTestHub();
  const more = Array.from(
    { length: SURGE_INSTITUTIONS_MIN - 4 },
    (_, n) => `Округ № 2;i48-${n + 5};МБОУ СОШ № ${n + 105}`,
  );
  await hub.door.units.addInstitutionLines(hub.coordinator, '48', more.join('\n'));
  for (let n = 1; n <= SURGE_INSTITUTIONS_MIN; n += 1) schools.push(await hub.enrol(`i48-${n}`));
});
afterAll(() => hub.stop());

const ask = async (
  person: Person,
  text: string,
  code: string | null = null,
  node: Pick<TestHub, 'door'> = hub,
): Promise<string> =>
  (
    await node.door.forum.post(person, PROCEDURE, {
      ...{ kind: 'question', text, command: `incident-command-${String((commands += 1)).padStart(6, '0')}` },
      about: code === null ? null : { stage: 'send', code },
    })
  ).question;
const incidents = async (): Promise<readonly IncidentView[]> =>
  (await hub.door.forum.snapshot(hub.coordinator, PROCEDURE)).state.incidents;
const untilRaised = (questions: number): Promise<IncidentView> =>
  vi.waitFor(
    async () => {
      const [incident] = await incidents();
      expect(incident?.questions).toBe(questions);
      if (!incident) throw new Error('none');
      return incident;
    },
    { timeout: 20_000, interval: 50 },
  );

describe('an incident in the forum', () => {
  it('is raised by the fifth institution that meets the same code, answered once in all of their questions, and over when it helped', async () => {
    const questions: string[] = [];
    for (const [n, school] of schools.entries())
      questions.push(await ask(school, `Файл не принимается, попытка ${n}`, 'submission_busy'));
    const incident = await untilRaised(SURGE_INSTITUTIONS_MIN);
    expect(incident).toMatchObject({ status: 'open', cause: { kind: 'code', code: 'submission_busy' } });

    const [asker] = schools;
    if (!asker) throw new Error('no school');
    const tell = (person: Person) =>
      hub.door.incidents.tellAll(person, PROCEDURE, incident.id, {
        text: 'Сервер восстановлен, отправьте файл ещё раз.',
      });
    await expect(tell(asker)).rejects.toMatchObject({ code: 'not_allowed' });
    expect(await tell(hub.coordinator)).toEqual({ answered: SURGE_INSTITUTIONS_MIN });
    await expect(tell(hub.coordinator)).rejects.toMatchObject({ code: 'stale_write' });
    for (const id of questions) {
      const { question, messages } = await hub.door.forum.thread(asker, PROCEDURE, id);
      expect(question).toMatchObject({ status: 'answered', answers: 1 });
      expect(messages.at(-1)).toMatchObject({ kind: 'answer', author: { role: 'regionalCoordinator' } });
    }
    for (const [n, school] of schools.entries()) {
      await hub.door.incidents.acknowledge(school, PROCEDURE, incident.id);
      await hub.door.incidents.acknowledge(school, PROCEDURE, incident.id);
      const [left] = await incidents();
      expect(left?.acknowledgedBy.length ?? SURGE_INSTITUTIONS_MIN).toBe(n + 1);
    }
    expect(await incidents()).toEqual([]);
    // Who asks after it is over asks for himself: what was settled begins nothing anew.
    await hub.models.incidents.notice(await ask(asker, 'Файл снова не принимается', 'submission_busy'));
    expect(await incidents()).toEqual([]);
  });

  it('is one when two nodes notice it at the same moment, with every question that either of them saw', async () => {
    hub.clock.nowMs += 60 * 60_000;
    const second = await startSecondNode(hub);
    try {
      // Asked on either node at once: each looks at its own, and at what it finds of the others'.
      const questions = await Promise.all(
        schools.map((school, n) => ask(school, `Страница не открывается, случай ${n}`, 'busy', n % 2 ? second : hub)),
      );
      await Promise.all(
        questions.flatMap((id) => [hub.models.incidents.notice(id), second.models.incidents.notice(id)]),
      );
      const found = await incidents();
      expect(found.map(({ cause, questions: count }) => [cause, count])).toEqual([
        [{ kind: 'code', code: 'busy' }, SURGE_INSTITUTIONS_MIN],
      ]);
    } finally {
      await second.stop();
    }
    hub.clock.nowMs += QUIET_MS;
    await hub.models.incidents.endOver();
  });

  it('is raised by the same words, joined by whoever asks later, and ends when nobody asks any more', async () => {
    hub.clock.nowMs += 60 * 60_000;
    for (const [n, school] of schools.entries()) {
      await ask(school, `Не приходит ссылка на форму регистрации${'!'.repeat(n)}`);
      await ask(school, `Совсем другой вопрос номер ${n}: сколько хранить ведомость приёмки?`.slice(0, 40 + n));
    }
    const incident = await vi.waitFor(
      async () => {
        const found = (await incidents()).find(
          ({ cause }) => cause.kind === 'words' && cause.text.startsWith('Не приходит'),
        );
        expect(found?.units).toHaveLength(SURGE_INSTITUTIONS_MIN);
        return found;
      },
      { timeout: 20_000, interval: 50 },
    );
    hub.clock.nowMs += QUIET_MS;
    await hub.models.incidents.endOver();
    expect((await incidents()).map(({ id }) => id)).not.toContain(incident?.id);
  });

  it('is no matter of one institution that asks ten times', async () => {
    hub.clock.nowMs += 60 * 60_000;
    const [school] = schools;
    if (!school) throw new Error('no school');
    for (let n = 0; n < 10; n += 1) await ask(school, 'Почему не открывается кабинет после обеда?', 'window_closed');
    await hub.models.incidents.notice(await ask(school, 'Почему не открывается кабинет после обеда?', 'window_closed'));
    expect(await incidents()).toEqual([]);
  });
});
