import { describe, expect, it } from 'vitest';
import { readHl7 } from './read.ts';
import { sentAs } from './sent-as.ts';
import type { Hl7Message } from './types.ts';

const MESSAGE = [
  'MSH|^~\\&|HIX|VERZINSTAD|GEZINSPOORT|IGP|20260820113000||ORU^R01^ORU_R01|X-1|P|2.5|||||NLD|8859/1',
  'PID|1||1^^^HIX^PI~2^^^HIX^PI||Voorbeeld^Yonathan||20260301|M',
  'OBR|1|||A^Eerste^L',
  'OBX|1|NM|B^Gewicht^LN||4|kg^^UCUM|||||F',
  'NTE|1||Zonder kleren',
  'OBR|2|||C^Tweede^L',
  'OBX|1|NM|D^Lengte^LN||55|cm^^UCUM|||||F',
  'OBX|2|NM|E^Hoofd^LN||38|cm^^UCUM|||||F',
  'NTE|1||Twee keer gemeten',
].join('\r');

const reading = readHl7(Buffer.from(MESSAGE, 'latin1'));
const message = (reading.ok ? reading.message : undefined) as Hl7Message;

describe('a place in the named structure, as the sender knows it', () => {
  it.each([
    ['MSH.controlId', 'MSH-10'],
    ['PID.birthDate', 'PID-7'],
    ['PID.identifiers[1].id', 'PID-3[2]'],
    ['orders[0].OBR', 'OBR[1]'],
    ['orders[0].OBX[0].units.code', 'OBX[1]-6'],
    ['orders[1].OBX[1].values[0].number', 'OBX[3]-5'],
    ['orders[1].OBX[0]', 'OBX[2]'],
    ['orders[1].OBX[1].NTE[0].comments', 'NTE[2]-3'],
    ['orders[1].OBX[1].unheard', 'OBX[3]'],
  ])('%s is %s', (path, sent) => {
    expect(sentAs(message, path)).toBe(sent);
  });

  it.each([[''], ['type'], ['orders[7].OBX[0]'], ['ZZZ.x'], ['orders[0]']])('%j is no place in a segment', (path) => {
    expect(sentAs(message, path)).toBeUndefined();
  });
});
