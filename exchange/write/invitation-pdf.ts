/** The card of an invitation as PDF: who is invited to what, the address with its picture, and the code, on one A5 sheet. */
import { createRequire } from 'node:module';
import PDFDocument from 'pdfkit';
import { encode } from 'uqr';
import type { InvitationWords } from '#models/attendance/workbook.ts';

const MARGIN = 36;
const PICTURE = 150;
/** Modules of light around it, as the standard asks. */
const QUIET_MODULES = 4;
const INK = '#1f2933';
const FAINT = '#4b5563';

const require = createRequire(import.meta.url);

export function makeInvitationPdf({
  title,
  lines,
  link,
  codeLabel,
  code,
  how,
  until,
}: InvitationWords): Promise<Uint8Array> {
  const document = new PDFDocument({ size: 'A5', margin: MARGIN, lang: 'ru', info: { Title: title } });
  document.registerFont('text', require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'));
  document.registerFont('bold', require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'));
  const bytes = new Promise<Uint8Array>((resolve, reject) => {
    const chunks: Buffer[] = [];
    document.on('data', (chunk: Buffer) => chunks.push(chunk));
    document.on('end', () => resolve(new Uint8Array(Buffer.concat(chunks))));
    document.on('error', reject);
  });
  document.font('bold').fontSize(14).fillColor(INK).text(title);
  document.moveDown(0.5).font('text').fontSize(10.5);
  for (const line of lines) document.text(line);
  document.moveDown(0.8);

  const { size, data } = encode(link, { ecc: 'M', border: QUIET_MODULES });
  const module = PICTURE / size;
  const { y } = document;
  data.forEach((row, top) =>
    row.forEach((isDark, left) => {
      if (isDark) document.rect(MARGIN + left * module, y + top * module, module, module);
    }),
  );
  document.fill(INK);
  document.y = y + PICTURE;
  document.moveDown(0.5).font('text').fontSize(9).fillColor(FAINT).text(link, MARGIN);
  document.moveDown(0.8).fillColor(INK).fontSize(9).text(codeLabel);
  document.font('bold').fontSize(15).text(code, { characterSpacing: 1 });
  document.moveDown(0.8).font('text').fontSize(9.5).text(how);
  document.moveDown(0.5).font('bold').text(until);
  document.end();
  return bytes;
}
