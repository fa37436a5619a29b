import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { file } from '../src/sources/testing/maps-testkit.ts';
import { temporaryFolder } from './support/data-dir.ts';
import { showResult } from './support/results.ts';
import { sharedDir } from './support/shared.ts';
import { countOutcomes, pushXml, type XmlOutcome, xmlCorpora } from './support/xml-corpora.ts';

/** Values of a message that must not stand in an answer: texts and numbers; names of its elements and interactions may. */
function valuesOf(text: string): string[] {
  const texts = [...text.matchAll(/>([^<>]{5,200})</g)].map(([, words]) => words?.trim() ?? '');
  const numbers = [...text.matchAll(/\b(?:extension|value)="([^"]{5,200})"/g)].map(([, value]) => value ?? '');
  return [...texts, ...numbers].filter(
    (one) => one.length >= 5 && !text.includes(`<${one}`) && !one.startsWith('REPC_IN'),
  );
}

const told = ({ issues }: XmlOutcome): string => issues.map(({ path, expected }) => `${path} ${expected}`).join('\n');

describe.skipIf(sharedDir() === undefined)(
  'every XML file of ../shared/corpora (skipped where they are absent)',
  () => {
    const outcomes = xmlCorpora().map((one) => pushXml(one.file, one.bytes));
    const dossiers = outcomes.filter((one) => one.file.startsWith('nictiz-jgz-hl7v3/'));

    it('is taken in as valid FHIR or refused with a place and a reason, within a second', () => {
      expect(outcomes.length).toBeGreaterThan(1_400);
      for (const { file, issues, milliseconds } of outcomes) {
        expect([file, milliseconds < 1_000]).toEqual([file, true]);
        expect([file, issues.every(({ path, expected }) => path !== undefined && expected !== undefined)]).toEqual([
          file,
          true,
        ]);
      }
    });

    it('is answered without a value of it', () => {
      for (const one of outcomes) {
        const answer = told(one);
        expect([one.file, valuesOf(one.text).filter((value) => answer.includes(value))]).toEqual([one.file, []]);
      }
    });

    it('gives these counts', (context) => {
      const { accepted = 0 } = countOutcomes(dossiers);
      showResult(context, {
        what: 'corpora: XML files and XML attacks',
        passed: outcomes.length,
        of: outcomes.length,
        note: `answered in time; ${accepted} national dossiers of ${dossiers.length} taken in, the rest refused with place and reason`,
      });
      expect(countOutcomes(dossiers)).toMatchInlineSnapshot(`
        {
          "accepted": 77,
          "message-type-unknown": 33,
          "schema-invalid": 86,
          "xml-invalid": 7,
        }
      `);
      expect(countOutcomes(outcomes)).toMatchInlineSnapshot(`
        {
          "accepted": 77,
          "message-type-unknown": 1262,
          "schema-invalid": 86,
          "xml-invalid": 74,
        }
      `);
    });

    it.each([
      '7.1/dossieroverdracht/hl7_instance/DOB-4.0.0-KWAL_ontvangen_DOBv3_hl7.xml',
      '7.1/dossieroverdracht/hl7_instance/DOB-4.0.0-KWAL_ontvangen_DOBv3_mini_hl7.xml',
      '8.0/dossieroverdracht/hl7_instance/DOB-4.0.0-KWAL_ontvangen_hl7.xml',
      '8.0/dossieroverdracht/hl7_instance_conversion_bds413_to_bds420/DOB-4.0.0-KWAL_ontvangen_DOBv3_hl7.xml',
      '7.1/dossieroverdracht/hl7_instance/DOB-v3.1.0-test-ontvangen-XXX_Hollander_hl7.xml',
    ])('the full dossier %s is taken in', (name) => {
      expect(dossiers.find(({ file }) => file === `nictiz-jgz-hl7v3/${name}`)?.issues).toEqual([]);
    });
  },
);

describe('a message cannot make the gateway read anything', () => {
  const sample = file('kdplus', 'samples', 'yonathan-transfer.xml').toString('utf8');

  it('neither a file nor an address', async () => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked++;
      response.end('<!ENTITY x "canary-secret">');
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.dtd`;
    const secret = join(await temporaryFolder(), 'secret.txt');
    await writeFile(secret, 'canary-secret');
    const doctypes = [
      `<!DOCTYPE r SYSTEM "${address}">`,
      `<!DOCTYPE r PUBLIC "-//x//y" "${address}">`,
      `<!DOCTYPE r [<!ENTITY x SYSTEM "file://${secret}">]>`,
      `<!DOCTYPE r [<!ENTITY % p SYSTEM "${address}"> %p;]>`,
    ];
    for (const doctype of doctypes) {
      const text = sample.replace('<REPC', `${doctype}<REPC`).replace('Miriam', '&x;');
      const outcome = pushXml('doctype', Buffer.from(text));
      expect(outcome.issues[0]?.code).toBe('xml-invalid');
      expect(told(outcome)).not.toContain('canary');
    }
    const hints = sample
      .replace('?>', `?><?xml-stylesheet href="${address}"?>`)
      .replace('xmlns:xsi', `xsi:schemaLocation="urn:hl7-org:v3 ${address}" xmlns:xsi`);
    expect(pushXml('hints', Buffer.from(hints)).issues).toEqual([]);
    const include = sample.replace(
      '<birthPlace>',
      `<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="${address}"/><birthPlace>`,
    );
    expect(pushXml('include', Buffer.from(include)).issues[0]?.code).toBe('xml-invalid');
    await new Promise((done) => server.close(done));
    expect(asked).toBe(0);
  });
});
