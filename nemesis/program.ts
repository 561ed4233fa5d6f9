/** A TypeScript program in a process of its own, with a line for messages: one question, one answer. It ends when the line closes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Program<To, From> {
  ask(message: To): Promise<From>;
  /** Says what needs no answer. */
  tell(message: To): void;
  /** The next message that was not asked for. */
  hear(): Promise<From>;
  end(): void;
}

export function startProgram<To, From>(url: URL, flags: string[] = [], given: string[] = []): Program<To, From> {
  const child = spawn(process.execPath, [...flags, url.pathname, ...given], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const hear = async (): Promise<From> => {
    const gone = new AbortController();
    const [message] = (await Promise.race([
      once(child, 'message', { signal: gone.signal }),
      once(child, 'exit', { signal: gone.signal }).then(() => {
        throw new Error(`${url.pathname} ended`);
      }),
    ]).finally(() => gone.abort())) as [From];
    return message;
  };
  return {
    async ask(message) {
      const heard = hear();
      child.send(message as object);
      return heard;
    },
    tell: (message) => void child.send(message as object),
    hear,
    end: () => void child.kill('SIGKILL'),
  };
}
