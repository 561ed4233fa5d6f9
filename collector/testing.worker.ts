/** A worker that breaks at the page that the form's title names, as hostile pages would break the true one. */
import type { MessagePort } from 'node:worker_threads';

interface Task {
  fromPage: number;
  forms: { title: string }[];
  port: MessagePort;
}

export default async function work({ task }: { task: Task }): Promise<{ kind: 'done'; value: null }> {
  const tell = (news: unknown): Promise<void> =>
    new Promise((resolve) => {
      task.port.once('message', () => resolve());
      task.port.postMessage(news);
    });
  const [how = '', page = ''] = (task.forms[0]?.title ?? '').split(' ');
  await tell({ kind: 'started' });
  if (how === 'unopened') throw new Error('broken while it was opened');
  await tell({ kind: 'opened', file: 'pdf', pages: 3 });
  for (let number = task.fromPage; number <= 3; number++) {
    await tell({ kind: 'begun', number, path: null });
    if (String(number) === page) breakDown(how);
    await tell({ kind: 'page', page: { number, path: null } });
  }
  return { kind: 'done', value: null };
}

function breakDown(how: string): void {
  while (how === 'slow') continue;
  if (how === 'heavy') {
    const kept: unknown[] = [];
    for (;;) kept.push(Array.from({ length: 100_000 }, (_, at) => ({ at })));
  }
  if (how === 'exit') process.exit(3);
  throw new Error('broken');
}
