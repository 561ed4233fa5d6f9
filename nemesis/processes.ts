/** Children of a run: each can be killed, stopped and continued by its id, and none outlives whoever started it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** Longest time a child may take to say that it is ready (ms). */
const READY_MS_MAX = 60_000;

/**
 * Runs a program that knows nothing of its parent. The shell waits for the end of its input: when the parent is gone, however it
 * went, so is the program; a signal to the whole group does not end the shell first. Its first line says the program's id.
 */
const GUARD = 'trap : INT TERM HUP; "$@" & echo "pid $!"; cat > /dev/null; kill -KILL $! 2> /dev/null';

export interface Child {
  pid: number;
  /** Ends it and waits until it is gone. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

export interface ChildOptions<T> {
  command: string;
  arguments: string[];
  environment?: Record<string, string>;
  /** What is waited for in a line of its output; null: not this one. */
  find: (line: string) => T | null;
  onLine?: (line: string) => void;
}

/** Resolves when the child said what is waited for; fails with everything it said instead. */
export async function startChild<T>({ command, arguments: given, environment, find, onLine }: ChildOptions<T>) {
  const guard = spawn('sh', ['-c', GUARD, 'sh', command, ...given], {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  let pid = 0;
  let isOver = false;
  // The shell closes the program's output with the program, so the end of the output is its end.
  const gone = once(guard.stdout, 'close').then(() => void (isOver = true));
  const found = await new Promise<T>((resolve, reject) => {
    const fail = (): void => reject(new Error(`${command} is not ready:\n${said.join('\n')}`));
    const timer = setTimeout(fail, READY_MS_MAX);
    const hear = (line: string): void => {
      onLine?.(line);
      if (said.length < 100) said.push(line);
      if (pid === 0 && line.startsWith('pid ')) pid = Number(line.slice(4));
      const result = find(line);
      if (result === null) return;
      clearTimeout(timer);
      resolve(result);
    };
    createInterface({ input: guard.stdout }).on('line', hear);
    createInterface({ input: guard.stderr }).on('line', hear);
    guard.once('error', reject);
    guard.once('exit', fail);
  });
  const child: Child = {
    pid,
    async end(signal = 'SIGKILL') {
      if (isOver) return;
      process.kill(pid, signal);
      // A stopped one hears no other signal before it goes on.
      if (signal === 'SIGTERM') process.kill(pid, 'SIGCONT');
      while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
      guard.stdin.end();
      await gone;
    },
  };
  return { child, found };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
