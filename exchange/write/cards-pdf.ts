/**
 * Sealed cards: one strip of paper in three panels for each institution. The secret stands on the first; it is folded inwards onto the
 * second, whose dense pattern keeps it from being read against the light; the third, with the name of the institution, is folded
 * backwards and is what one sees. No secret is on the outside, and none is on another's strip.
 */
import { createRequire } from 'node:module';
import PDFDocument from 'pdfkit';
import type { AccessCard, CardWords } from '#models/attendance/workbook.ts';

const MARGIN = 36;
const PANELS = 3;
const INK = '#1f2933';
const FAINT = '#6b7280';
const PATTERN = '#9aa5b1';
/** Distance of the pattern's lines (points): closer than the strokes of the secret. */
const PATTERN_STEP = 3.2;
const PATTERN_SIGNS = 'xk8m3qaw7zr4nh2e';

const require = createRequire(import.meta.url);
type Document = InstanceType<typeof PDFDocument>;

export async function makeCardsPdf(
  cards: readonly AccessCard[],
  words: CardWords,
  perPage: 1 | 2,
): Promise<Uint8Array> {
  const document = new PDFDocument({
    size: 'A4',
    margin: 0,
    autoFirstPage: false,
    lang: 'ru',
    info: { Title: words.title },
  });
  document.registerFont('text', require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'));
  document.registerFont('bold', require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'));
  document.registerFont('mono', require.resolve('dejavu-fonts-ttf/ttf/DejaVuSansMono-Bold.ttf'));
  const bytes = collect(document);
  cards.forEach((card, at) => {
    if (at % perPage === 0) document.addPage();
    const height = document.page.height / perPage;
    drawCard(document, card, words, height * (at % perPage), height);
    if (perPage > 1 && at % perPage === 0) drawLine(document, height, words.cut, 1.5);
  });
  document.end();
  return bytes;
}

function collect(document: Document): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.on('end', () => resolve(new Uint8Array(Buffer.concat(chunks))));
    document.on('error', reject);
  });
}

function drawCard(document: Document, card: AccessCard, words: CardWords, top: number, height: number): void {
  const panel = height / PANELS;
  drawInside(document, card, words, top, panel);
  drawPattern(document, top + panel, panel);
  drawOutside(document, card, words, top + panel * 2, panel);
  drawLine(document, top + panel, words.foldIn, 3);
  drawLine(document, top + panel * 2, words.foldBack, 3);
}

const widthOf = (document: Document): number => document.page.width - MARGIN * 2;

function drawInside(document: Document, card: AccessCard, words: CardWords, top: number, height: number): void {
  const width = widthOf(document);
  const pairs: [string, string, string][] = [
    [words.site, card.site, 'text'],
    [words.username, card.username, 'mono'],
    [words.secret, card.secret, 'mono'],
    ...(card.instructions === null
      ? []
      : ([[words.instructions, card.instructions, 'text']] as [string, string, string][])),
  ];
  const labelWidth = 120;
  let y = top + 16;
  for (const [label, value, font] of pairs) {
    const size = font === 'mono' ? 13 : 8.5;
    document
      .font('text')
      .fontSize(7.5)
      .fillColor(FAINT)
      .text(label, MARGIN, y + (size - 7.5), { width: labelWidth });
    document.font(font).fontSize(size).fillColor(INK);
    const options = { width: width - labelWidth, height: size * 2.6, ellipsis: true };
    document.text(value, MARGIN + labelWidth, y, options);
    y += Math.min(document.heightOfString(value, options), size * 2.6) + 5;
  }
  const note = { width, height: Math.max(8, top + height - y - 10), ellipsis: true };
  document.font('text').fontSize(7).fillColor(FAINT).text(words.note, MARGIN, y, note);
}

function drawOutside(document: Document, card: AccessCard, words: CardWords, top: number, height: number): void {
  const width = widthOf(document);
  document
    .font('text')
    .fontSize(8)
    .fillColor(FAINT)
    .text(words.forWhom, MARGIN, top + 16, { width, lineBreak: false });
  const name = { width, height: height - 66, ellipsis: true };
  document
    .font('bold')
    .fontSize(13)
    .fillColor(INK)
    .text(card.institutionName, MARGIN, top + 30, name);
  document.font('text').fontSize(8.5).fillColor(FAINT);
  document.text(`${card.parentName} · ${card.institution}`, MARGIN, top + height - 34, {
    width,
    height: 12,
    ellipsis: true,
  });
  document.fontSize(7).text(card.openedAt, MARGIN, top + height - 20, { width, lineBreak: false });
}

/** Signs like those of the secret, over and over, between crossing lines. */
function drawPattern(document: Document, top: number, height: number): void {
  const { width } = document.page;
  document
    .save()
    .rect(0, top + 6, width, height - 12)
    .clip();
  document.lineWidth(0.6).strokeColor(PATTERN);
  for (let x = -height; x < width; x += PATTERN_STEP * 2)
    document
      .moveTo(x, top + height)
      .lineTo(x + height, top)
      .moveTo(x, top)
      .lineTo(x + height, top + height)
      .stroke();
  document.font('mono').fontSize(13).fillColor(PATTERN);
  for (let row = 0; row * 12 < height; row += 1) {
    const from = (row * 5) % PATTERN_SIGNS.length;
    const line = (PATTERN_SIGNS.slice(from) + PATTERN_SIGNS).repeat(6).slice(0, 78);
    document.text(line, 4, top + 4 + row * 12, { lineBreak: false });
  }
  document.restore();
}

function drawLine(document: Document, y: number, label: string, dash: number): void {
  const { width } = document.page;
  document
    .lineWidth(0.6)
    .strokeColor(FAINT)
    .dash(dash, { space: dash })
    .moveTo(0, y)
    .lineTo(width, y)
    .stroke()
    .undash();
  document.font('text').fontSize(6).fillColor(FAINT);
  document.text(label, MARGIN, y + 2, { width: widthOf(document), align: 'right', lineBreak: false });
}
