/** A plain table as PDF: its heading on every page, with page numbers. */
import { createRequire } from 'node:module';
import PDFDocument from 'pdfkit';
import type { TableWords } from '#models/attendance/workbook.ts';

const MARGIN = 36;
const FOOT = 20;
const CELL_PADDING = 3;
const INK = '#1f2933';
const FAINT = '#6b7280';
const LINE = '#d5dae0';
const LINES_PER_CELL_MAX = 3;

const require = createRequire(import.meta.url);

/** `shares` are the widths of the columns among each other. */
export async function makeTablePdf(
  words: TableWords,
  headings: readonly string[],
  shares: readonly number[],
  rows: readonly (readonly (string | number | null)[])[],
): Promise<Uint8Array> {
  const document = new PDFDocument({
    size: 'A4',
    layout: 'landscape',
    margins: { top: MARGIN, left: MARGIN, right: MARGIN, bottom: MARGIN + FOOT },
    bufferPages: true,
    lang: 'ru',
    info: { Title: words.title },
  });
  document.registerFont('text', require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'));
  document.registerFont('bold', require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'));
  const bytes = new Promise<Uint8Array>((resolve, reject) => {
    const chunks: Buffer[] = [];
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.on('end', () => resolve(new Uint8Array(Buffer.concat(chunks))));
    document.on('error', reject);
  });
  const width = document.page.width - MARGIN * 2;
  const bottom = document.page.height - MARGIN - FOOT;
  const sum = shares.reduce((all, share) => all + share, 0);
  const widths = shares.map((share) => (width * share) / sum);
  document.font('bold').fontSize(13).fillColor(INK).text(words.title);
  document.font('text').fontSize(8).fillColor(FAINT).text(words.subtitle).moveDown(0.8);

  const drawRow = (cells: readonly (string | number | null)[], font: 'text' | 'bold'): void => {
    document.font(font).fontSize(7.5).fillColor(INK);
    const line = document.currentLineHeight(true);
    const texts = cells.map((cell) => (cell === null ? '' : String(cell)));
    const heights = texts.map((text, at) =>
      document.heightOfString(text, { width: (widths[at] ?? 0) - CELL_PADDING * 2 }),
    );
    const height = Math.min(Math.max(line, ...heights), line * LINES_PER_CELL_MAX) + CELL_PADDING * 2;
    if (document.y + height > bottom) {
      document.addPage();
      if (font === 'text') drawRow(headings, 'bold');
      document.font(font).fontSize(7.5).fillColor(INK);
    }
    const { y } = document;
    let x = MARGIN;
    texts.forEach((text, at) => {
      const options = {
        width: (widths[at] ?? 0) - CELL_PADDING * 2,
        height: height - CELL_PADDING * 2,
        ellipsis: true,
      };
      document.text(text, x + CELL_PADDING, y + CELL_PADDING, options);
      x += widths[at] ?? 0;
    });
    document
      .moveTo(MARGIN, y + height)
      .lineTo(MARGIN + width, y + height)
      .lineWidth(0.5)
      .stroke(LINE);
    document.x = MARGIN;
    document.y = y + height;
  };
  drawRow(headings, 'bold');
  for (const row of rows) drawRow(row, 'text');

  const { start, count } = document.bufferedPageRange();
  for (let page = start; page < start + count; page += 1) {
    document.switchToPage(page);
    // Below the bottom margin pdfkit would begin a new page for the text.
    document.page.margins.bottom = 0;
    document.font('text').fontSize(7).fillColor(FAINT);
    const options = { width, align: 'right', lineBreak: false } as const;
    document.text(`${words.page} ${page - start + 1} / ${count}`, MARGIN, document.page.height - MARGIN, options);
  }
  document.end();
  return bytes;
}
