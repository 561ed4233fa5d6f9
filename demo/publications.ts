/** What the region published before the visitor came, and one publication that comes while he looks: their marks move as institutions read. */
import type { Person } from '#models/people/person.ts';
import type { Door } from '#server/door.ts';
import { REGION } from './region.ts';

/** From the start to the release of the planned one: soon enough to be waited for (ms). */
const RELEASED_AFTER_MS = 5 * 60_000;

/** Publishes for the region; repeated after a crash it publishes nothing twice. */
export async function publishForRegion(door: Door, coordinator: Person, nowMs: number): Promise<void> {
  const { publications, workbooks } = door;
  const { items } = (await publications.outbox(coordinator, REGION.id)).state;
  const known = new Set(items.map(({ title }) => title));
  const publish = async (given: { title: string; kind: string; scope: string; text: string } & Partial<Extras>) => {
    if (known.has(given.title)) return;
    await publications.publish(coordinator, {
      ...{ unit: REGION.id, procedure: null, stage: '', files: [], asksConfirmation: false, releaseAtMs: null },
      ...{ units: null, ...given },
    });
  };
  const title = 'Сроки мониторинга';
  if (!known.has(title)) {
    const table = await workbooks.tableXlsx(
      title,
      ['Шаг', 'Что сделать'],
      [
        ['1', 'Скачать шаблон в кабинете'],
        ['2', 'Заполнить и отправить'],
        ['3', 'Подтвердить данные'],
      ],
    );
    const name = `${title}.xlsx`;
    const { file } = await publications.sendFile(coordinator, REGION.id, { name, bytes: table.length, content: table });
    const text = 'Порядок и сроки — в приложенной таблице.';
    await publish({ title, kind: 'material', scope: 'institutions', files: [file.id], text });
  }
  await publish({
    ...{
      title: 'Инструкция по работе в кабинете',
      kind: 'instructions',
      scope: 'institutions',
      asksConfirmation: true,
    },
    text: 'Шаблон скачивается в кабинете. Файл можно отправлять сколько угодно раз, в счёт идёт последний подтверждённый.',
  });
  await publish({
    ...{ title: 'Рекомендации муниципальным координаторам', kind: 'recommendations', scope: 'next', stage: 'I этап' },
    text: 'Передайте инструкцию организациям и проследите, чтобы её прочитали.',
  });
  await publish({
    ...{ title: 'Напоминание о последнем дне', kind: 'letter', scope: 'institutions' },
    ...{ text: 'После последнего дня файлы не принимаются.', releaseAtMs: nowMs + RELEASED_AFTER_MS },
  });
}

interface Extras {
  stage: string;
  files: string[];
  asksConfirmation: boolean;
  releaseAtMs: number;
}
