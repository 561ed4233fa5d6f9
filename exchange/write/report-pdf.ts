/** The report as PDF: figures, the plot as vectors, the table with its heading on every page, the file's hash and page numbers. */
import { createRequire } from 'node:module';
import PDFDocument from 'pdfkit';
import { type AttendanceReport, CAUSES, type Cause, reportPlot } from '#models/attendance/attendance.report.ts';
import type { ReportWords } from '#models/attendance/workbook.ts';
import { headingOf, reportTable } from './report-table.ts';

const MARGIN = 42;
const FOOTER_HEIGHT = 34;
const PLOT_HEIGHT = 210;
const ROW_HEIGHT = 16;
const HEADER_HEIGHT = 40;
const INK = '#1f2933';
const FAINT = '#6b7280';
const LINE = '#d5dae0';
/** Differ in lightness too: a grey print reads the same. */
const CAUSE_FILLS: Readonly<Record<Cause, string>> = {
  illness: '#2f5d8a',
  unexcused: '#d9822b',
  otherCause: '#b9c7d6',
};
const COLUMN_SHARES = [0.9, 1, 1.3, 1, 1.2, 1, 1.4, 1.1, 1.1];

const require = createRequire(import.meta.url);

export async function makeReportPdf(report: AttendanceReport, words: ReportWords): Promise<Uint8Array> {
  const document = new PDFDocument({
    size: 'A4',
    margins: { top: MARGIN, left: MARGIN, right: MARGIN, bottom: MARGIN + FOOTER_HEIGHT },
    bufferPages: true,
    lang: 'ru',
    info: { Title: words.title, Subject: words.institution },
  });
  document.registerFont('text', require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'));
  document.registerFont('bold', require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'));
  const bytes = collect(document);
  drawHead(document, words);
  drawFigures(document, words);
  drawPlot(document, report, words);
  drawTable(document, report, words);
  drawFooters(document, words);
  document.end();
  return bytes;
}

type Document = InstanceType<typeof PDFDocument>;

function collect(document: Document): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.on('end', () => resolve(new Uint8Array(Buffer.concat(chunks))));
    document.on('error', reject);
  });
}

function widthOf(document: Document): number {
  return document.page.width - MARGIN * 2;
}

function drawHead(document: Document, words: ReportWords): void {
  document.font('bold').fontSize(15).fillColor(INK).text(words.title);
  document.moveDown(0.3).font('bold').fontSize(11).text(words.institution);
  document.font('text').fontSize(9).fillColor(FAINT).text(words.period).text(words.formedAt);
  document.moveDown(0.8);
}

function drawFigures(document: Document, words: ReportWords): void {
  const labelWidth = widthOf(document) * 0.62;
  for (const { label, value } of words.figures) {
    const height = Math.max(
      document.font('text').fontSize(9.5).heightOfString(label, { width: labelWidth }),
      document.font('bold').heightOfString(value, { width: widthOf(document) - labelWidth }),
    );
    const y = makeRoom(document, height + 4);
    document.font('text').fillColor(INK).text(label, MARGIN, y, { width: labelWidth });
    document.font('bold').text(value, MARGIN + labelWidth, y, { width: widthOf(document) - labelWidth });
    document.x = MARGIN;
    document.y = y + height + 4;
  }
  document.moveDown(0.6);
}

/** Where the next thing of this height may stand: here, or at the top of a new page. */
function makeRoom(document: Document, height: number): number {
  if (document.y + height > document.page.height - MARGIN - FOOTER_HEIGHT) document.addPage();
  return document.y;
}

function drawPlot(document: Document, report: AttendanceReport, words: ReportWords): void {
  const plot = reportPlot(report, widthOf(document), PLOT_HEIGHT);
  if (plot.bars.length === 0) return;
  makeRoom(document, PLOT_HEIGHT + 52);
  document.font('bold').fontSize(11).fillColor(INK).text(words.plotTitle, MARGIN);
  drawLegend(document, words);
  const top = document.y + 4;
  const { area } = plot;
  document.font('text').fontSize(7.5).lineWidth(0.5);
  for (const { value, y } of plot.ticks) {
    document
      .moveTo(MARGIN + area.x, top + y)
      .lineTo(MARGIN + area.x + area.width, top + y)
      .stroke(LINE);
    document.fillColor(FAINT).text(String(value), MARGIN, top + y - 4, { width: area.x - 6, align: 'right' });
  }
  for (const bar of plot.bars)
    for (const part of bar.parts)
      document.rect(MARGIN + bar.x, top + part.y, bar.width, part.height).fill(CAUSE_FILLS[part.cause]);
  document.fillColor(INK);
  for (const { text, x, y } of plot.classLabels)
    document.text(text, MARGIN + x - 20, top + y - 8, { width: 40, align: 'center', lineBreak: false });
  document.x = MARGIN;
  document.y = top + PLOT_HEIGHT + 10;
}

function drawLegend(document: Document, words: ReportWords): void {
  const y = document.y + 3;
  let x = MARGIN;
  document.font('text').fontSize(8);
  for (const cause of CAUSES) {
    const label = headingOf(words, cause);
    document.rect(x, y, 8, 8).fill(CAUSE_FILLS[cause]);
    document.fillColor(INK).text(label, x + 12, y - 1, { lineBreak: false });
    x += 28 + document.widthOfString(label);
  }
  document.x = MARGIN;
  document.y = y + 14;
}

function drawTable(document: Document, report: AttendanceReport, words: ReportWords): void {
  const { headings, rows } = reportTable(report, words);
  const shares = COLUMN_SHARES.reduce((sum, share) => sum + share, 0);
  const widths = COLUMN_SHARES.map((share) => (widthOf(document) * share) / shares);
  const drawRow = (cells: readonly string[], font: string, height: number): void => {
    const y = document.y;
    let x = MARGIN;
    document
      .font(font)
      .fontSize(font === 'bold' ? 6 : 8)
      .fillColor(INK);
    cells.forEach((cell, index) => {
      const width = widths[index] ?? 0;
      document.text(cell, x + 3, y + 4, { width: width - 6, height: height - 4, align: index < 2 ? 'left' : 'right' });
      x += width;
    });
    document
      .moveTo(MARGIN, y + height)
      .lineTo(MARGIN + widthOf(document), y + height)
      .lineWidth(0.5)
      .stroke(LINE);
    document.x = MARGIN;
    document.y = y + height;
  };
  makeRoom(document, HEADER_HEIGHT + ROW_HEIGHT * 2);
  drawRow(headings, 'bold', HEADER_HEIGHT);
  for (const row of rows) {
    if (document.y + ROW_HEIGHT > document.page.height - MARGIN - FOOTER_HEIGHT) {
      document.addPage();
      drawRow(headings, 'bold', HEADER_HEIGHT);
    }
    drawRow(row.map(printFigure), 'text', ROW_HEIGHT);
  }
  document.moveDown(1);
  document.font('text').fontSize(8).fillColor(FAINT);
  makeRoom(document, document.heightOfString(words.howCounted, { width: widthOf(document) }));
  document.text(words.howCounted, MARGIN, document.y, { width: widthOf(document) });
}

/** A dash for what could not be counted; a comma and thin spaces as figures are printed in Russian. */
function printFigure(value: string | number | null): string {
  if (value === null) return '–';
  if (typeof value === 'string') return value;
  const [whole = '', tenths] = String(value).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, '\u00A0');
  return tenths === undefined ? grouped : `${grouped},${tenths}`;
}

function drawFooters(document: Document, words: ReportWords): void {
  const { start, count } = document.bufferedPageRange();
  for (let page = start; page < start + count; page++) {
    document.switchToPage(page);
    // Below the bottom margin pdfkit would begin a new page for the text.
    document.page.margins.bottom = 0;
    const y = document.page.height - MARGIN - FOOTER_HEIGHT / 2;
    document.font('text').fontSize(7).fillColor(FAINT);
    document.text(words.fileHash, MARGIN, y, { width: widthOf(document) * 0.8, lineBreak: false });
    document.text(`${words.page} ${page - start + 1} / ${count}`, MARGIN, y, {
      width: widthOf(document),
      align: 'right',
      lineBreak: false,
    });
  }
}
