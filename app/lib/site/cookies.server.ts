import type { Cookies } from '@sveltejs/kit';

/** Passes cookies that the sign-in library set on to the page's answer, attribute by attribute. */
export function setCookies(cookies: Cookies, lines: readonly string[]): void {
  for (const line of lines) {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    const given = new Map(
      attributes.map((attribute) => {
        const [name = '', ...value] = attribute.split('=');
        return [name.toLowerCase(), value.join('=')];
      }),
    );
    const maxAge = given.get('max-age');
    cookies.set(pair.slice(0, at), decodeURIComponent(pair.slice(at + 1)), {
      path: given.get('path') ?? '/',
      httpOnly: true,
      secure: given.has('secure'),
      sameSite: 'lax',
      ...(maxAge === undefined ? {} : { maxAge: Number(maxAge) }),
    });
  }
}
