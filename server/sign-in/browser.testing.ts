/** A browser for tests of signing in: keeps cookies as they are set, comes from an address, calls itself something. */
import type { Door } from '../door.ts';

export class Browser {
  readonly cookies = new Map<string, string>();
  /** Seconds that each cookie was last told to live. */
  readonly lives = new Map<string, number>();
  address: string;
  readonly agent: string;

  constructor(address = '192.0.2.1', agent = 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0') {
    this.address = address;
    this.agent = agent;
  }

  get headers(): Headers {
    const headers = new Headers({ 'user-agent': this.agent, 'x-svod-address': this.address });
    if (this.cookies.size > 0)
      headers.set('cookie', [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '));
    return headers;
  }

  keep(lines: readonly string[]): void {
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split('; ');
      const at = pair.indexOf('=');
      const name = pair.slice(0, at);
      const seconds = Number(attributes.find((one) => one.startsWith('Max-Age='))?.slice(8));
      this.lives.set(name, seconds);
      if (seconds === 0) this.cookies.delete(name);
      else this.cookies.set(name, pair.slice(at + 1));
    }
  }

  get token(): string | undefined {
    return this.cookies.get('svod.session_token');
  }

  async signIn({ signIn }: Door, username: string, password: string): Promise<'open' | 'code'> {
    const step = await signIn.begin({ username, password }, this.headers);
    this.keep(step.cookies);
    return step.status;
  }

  async finish({ signIn }: Door, code: string): Promise<void> {
    this.keep(await signIn.finish(code, this.headers));
  }

  /** The person's id while the session may do anything. */
  identify({ signIn }: Door): Promise<string | null> {
    return signIn.identify(this.headers);
  }

  /** As a page does: the session is in use. */
  async visit({ signIn }: Door) {
    const visit = await signIn.use(this.headers);
    if (visit) this.keep(visit.cookies);
    return visit;
  }
}
