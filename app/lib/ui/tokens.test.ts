import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

type Scheme = 'light' | 'dark';
const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');
const tokens = new Map<string, Record<Scheme, number>>();
for (const [, name = '', light = '', dark = ''] of css.matchAll(
  /--([\w-]+):\s*light-dark\(oklch\(([^)]*)\),\s*oklch\(([^)]*)\)\)/g,
))
  tokens.set(name, { light: luminance(light), dark: luminance(dark) });

/** Relative luminance (WCAG) of `L C H` in oklch, out-of-gamut channels clipped as a screen does. */
function luminance(text: string): number {
  const [lightness = 0, chroma = 0, hue = 0] = text.trim().split(/\s+/).map(Number);
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const clip = (channel: number) => Math.max(0, Math.min(1, channel));
  const red = clip(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s);
  const green = clip(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s);
  const blue = clip(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string, scheme: Scheme): number {
  const [a, b] = [one, other].map((name) => tokens.get(name)?.[scheme] ?? Number.NaN);
  const [high, low] = [Math.max(a ?? 0, b ?? 0), Math.min(a ?? 0, b ?? 0)];
  return (high + 0.05) / (low + 0.05);
}

const grounds = ['paper', 'sheet', 'well'];
const text = ['ink', 'ink-soft', 'ink-faint', 'accent', 'accent-strong', 'neutral', 'blue', 'green', 'amber', 'red'];
const pairs = [
  ...text.flatMap((role) => grounds.map((ground) => [role, ground] as const)),
  ...['accent', 'blue', 'green', 'amber', 'red'].flatMap((role) =>
    [role, 'ink', 'ink-soft'].map((ink) => [ink, `${role}-soft`] as const),
  ),
  ['ink', 'well-strong'],
  ['ink-soft', 'well-strong'],
  ['on-accent', 'accent'],
  ['on-accent', 'accent-strong'],
] as const;

describe.each(['light', 'dark'] as const)('the %s scheme', (scheme) => {
  it.each(pairs)('%s on %s can be read (4.5:1)', (ink, ground) => {
    expect(contrast(ink, ground, scheme)).toBeGreaterThanOrEqual(4.5);
  });
  it.each(grounds)('the edge of a control is seen on %s (3:1)', (ground) => {
    expect(contrast('line-strong', ground, scheme)).toBeGreaterThanOrEqual(3);
  });
  it('the focus is seen on every ground and on an accent button’s own ground', () => {
    for (const ground of [...grounds, 'well-strong', 'accent-soft', 'red-soft'])
      expect(contrast('accent', ground, scheme), ground).toBeGreaterThanOrEqual(3);
  });
});
